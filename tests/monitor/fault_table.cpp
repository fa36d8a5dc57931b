#include "tests/monitor/fault_table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace replmond::testing {
namespace {

constexpr std::size_t megabyte = 1024 * 1024;

std::string record(const std::string& name) {
    return fmt::format(R"({{"task_name":"{}","stage":"incremental","status":"Yes","percentage":"100%"}})",
                       name);
}

std::string list_of(const std::vector<std::string>& records, std::size_t total) {
    return fmt::format(R"({{"replications":[{}],"total_count":{}}})", fmt::join(records, ","), total);
}

std::size_t offset_in(std::string_view target) {
    const auto at = target.find("offset=") + 7;
    std::size_t offset = 0;
    std::from_chars(target.data() + at, target.data() + target.size(), offset);
    return offset;
}

// The records from `first` on, one page of them.
std::vector<std::string> records_from(std::size_t first) {
    std::vector<std::string> records;
    for (std::size_t i = first; i < std::min(first + page_of_list, tasks_of_list); ++i)
        records.push_back(record(fmt::format("t{:02}", i)));
    return records;
}

script ok(std::string body) {
    script plan;
    plan.body = std::move(body);
    return plan;
}

script with_status(int code, std::string body, const std::vector<field>& headers = {}) {
    script plan = ok(std::move(body));
    plan.status = code;
    plan.headers = headers;
    plan.headers.emplace_back("X-Request-Id", "0f1e2d");
    return plan;
}

std::string error(const std::string& code, const std::string& message) {
    return fmt::format(R"({{"error_code":"{}","error_msg":"{}"}})", code, message);
}

script raw(std::string bytes, bool close = false) {
    script plan;
    plan.fault = fault::raw;
    plan.raw = std::move(bytes);
    plan.close = close;
    return plan;
}

script with_fault(const request& r, fault how, std::size_t cut_at = 0, bool in_body = false) {
    script plan = ok(good_page(r.target));
    plan.fault = how;
    plan.cut_at = cut_at;
    plan.cut_in_body = in_body;
    plan.interval = std::chrono::milliseconds(100);
    return plan;
}

using rows = std::vector<fault_row>;
using answerer = std::function<script(const request&)>;

answerer always(script plan) {
    return [plan = std::move(plan)](const request&) { return plan; };
}

fault_row& add(rows& to, std::string name, poll_result result, int attempts) {
    fault_row row;
    row.name = std::move(name);
    row.result = result;
    row.attempts_at_first = attempts;
    to.push_back(std::move(row));
    return to.back();
}

fault_row& add(rows& to, std::string name, poll_result result, int attempts, answerer answer) {
    fault_row& row = add(to, std::move(name), result, attempts);
    row.answer = std::move(answer);
    row.waits = result == poll_result::timeout;
    return row;
}

fault_row& add_tls(rows& to, std::string name, poll_result result, int attempts,
                   std::function<void(tls_options&)> tls) {
    fault_row& row = add(to, std::move(name), result, attempts);
    row.tls = std::move(tls);
    row.waits = result == poll_result::timeout;
    return row;
}

void add_connecting(rows& to) {
    add(to, "connection refused", poll_result::network, 3).endpoint = door::refuses;
    fault_row& hangs = add(to, "connecting hangs", poll_result::timeout, 3);
    hangs.endpoint = door::hangs;
    hangs.waits = true;

    const auto expired = make_authority("replmond other authority");
    add_tls(to, "TLS handshake: no answer", poll_result::timeout, 3,
            [](tls_options& o) { o.say_nothing = true; });
    add_tls(to, "TLS handshake: reset", poll_result::network, 3,
            [](tls_options& o) { o.reset_at_hello = true; });
    add_tls(to, "TLS handshake: closed", poll_result::network, 3,
            [](tls_options& o) { o.leave_at_hello = true; });
    add_tls(to, "TLS handshake: an alert", poll_result::tls, 1,
            [](tls_options& o) { o.instead = std::string("\x15\x03\x03\x00\x02\x02\x28", 7); });
    add_tls(to, "no TLS at that port", poll_result::tls, 1,
            [](tls_options& o) { o.instead = "HTTP/1.1 400 Bad Request\r\n\r\n"; });
    add_tls(to, "a certificate of an authority that is not known", poll_result::tls, 1,
            [expired](tls_options& o) { o.identity = make_certificate(expired); });
    add_tls(to, "the answer is cut inside TLS", poll_result::network, 3,
            [](tls_options& o) { o.cut_answer = true; });
    add_tls(to, "no TLS any more within the answer", poll_result::tls, 1,
            [](tls_options& o) { o.garble_answer = true; });
    add_tls(to, "no answer inside TLS", poll_result::timeout, 3,
            [](tls_options& o) { o.answer_nothing = true; });
}

void add_breaking_off(rows& to) {
    struct place {
        const char* name;
        std::size_t bytes;
        bool in_body;
    };
    add(to, "after the request: silence", poll_result::timeout, 3,
        [](const request& r) { return with_fault(r, fault::hang_before_answer); });
    add(to, "after the request: reset", poll_result::network, 3,
        [](const request& r) { return with_fault(r, fault::reset_before_answer); });
    add(to, "after the request: closed", poll_result::network, 3,
        [](const request& r) { return with_fault(r, fault::close_before_answer); });
    for (const place& in :
         {place{"status line", 10, false}, place{"header", 30, false}, place{"body", 10, true}}) {
        const auto cut = [in](fault how) {
            return [in, how](const request& r) { return with_fault(r, how, in.bytes, in.in_body); };
        };
        add(to, fmt::format("in the {}: silence", in.name), poll_result::timeout, 3, [in](const request& r) {
            const std::string body = good_page(r.target);
            const std::string head =
                fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.size());
            return raw((head + body).substr(0, in.in_body ? head.size() + in.bytes : in.bytes));
        });
        add(to, fmt::format("in the {}: reset", in.name), poll_result::network, 3, cut(fault::reset_after));
        add(to, fmt::format("in the {}: closed", in.name), poll_result::network, 3, cut(fault::cut_after));
    }
    add(to, "a byte now and then", poll_result::timeout, 3,
        [](const request& r) { return with_fault(r, fault::trickle); });
}

void add_wrong_http(rows& to) {
    const std::string head = "HTTP/1.1 200 OK\r\n";
    const std::string chunked = head + "Transfer-Encoding: chunked\r\n\r\n";
    add(to, "no HTTP", poll_result::protocol, 1, always(raw("SSH-2.0-OpenSSH_9.2\r\n\r\n")));
    add(to, "chunks without a length", poll_result::protocol, 1, always(raw(chunked + "zz\r\n{}\r\n")));
    add(to, "Content-Length too small", poll_result::protocol, 1, [](const request& r) {
        script plan = ok(good_page(r.target));
        plan.headers.emplace_back("Content-Length", "10");
        return plan;
    }).http_status = 200;
    add(to, "Content-Length too large, then closed", poll_result::network, 3, [](const request& r) {
        script plan = ok(good_page(r.target));
        plan.headers.emplace_back("Content-Length", "4000");
        plan.close = true;
        return plan;
    });
    add(to, "Content-Length too large, then silence", poll_result::timeout, 3, [](const request& r) {
        script plan = ok(good_page(r.target));
        plan.headers.emplace_back("Content-Length", "4000");
        return plan;
    });
    add(to, "a body of 20 MB", poll_result::protocol, 1, always(ok(std::string(20 * megabyte, ' '))));
    add(to, "a body of 20 MB in chunks", poll_result::protocol, 1,
        always(raw(chunked + fmt::format("{:x}\r\n", 20 * megabyte) + std::string(20 * megabyte, ' '))));
    add(to, "a body of 20 MB, ended by closing", poll_result::protocol, 1,
        always(raw(head + "\r\n" + std::string(20 * megabyte, ' '), true)));
    add(to, "a header without an end", poll_result::protocol, 1,
        always(raw(head + "X-Long: " + std::string(2 * megabyte, 'x'))));
    add(to, "an extension of a chunk without an end", poll_result::protocol, 1,
        always(raw(chunked + "1;" + std::string(2 * megabyte, 'x'))));
    add(to, "trailers without an end", poll_result::protocol, 1,
        always(raw(chunked + "0\r\nX-Long: " + std::string(2 * megabyte, 'x'))));
    std::string interim;
    for (int i = 0; i < 100; ++i)
        interim += "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
    add(to, "interim answers (1xx) without an end", poll_result::protocol, 1, always(raw(interim)));
    add(to, "a second answer that nobody asked for", poll_result::success, 1, [](const request& r) {
        const std::string body = good_page(r.target);
        const std::string other = R"({"replications":[],"total_count":0})";
        const auto answer = [](const std::string& text) {
            return fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", text.size(), text);
        };
        return raw(answer(body) + answer(other));
    });
}

void add_wrong_bodies(rows& to) {
    const auto body = [&to](const char* name, std::string text) {
        add(to, name, poll_result::protocol, 1, always(ok(std::move(text)))).http_status = 200;
    };
    script zipped = ok(std::string("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03", 10));
    zipped.headers.emplace_back("Content-Encoding", "gzip");
    add(to, "gzip that was not asked for", poll_result::protocol, 1, always(zipped)).http_status = 200;
    body("HTML", "<html><body>Please log in</body></html>");
    body("an empty body", "");
    body("JSON that is cut", R"({"replications":[{"task_name":"t0)");
    body("JSON that is no object", R"(["t00"])");
    body("the list is missing, its count too", R"({"request_id":"0f1e2d"})");
    body("the list is null, without a count", R"({"replications":null})");
    body("the list is text", R"({"replications":"none","total_count":0})");
    body("arrays within arrays, 1,000 deep",
         R"({"replications":)" + std::string(1000, '[') + std::string(1000, ']') + "}");
    body("a name that is no UTF-8", list_of({record("\xff\xfe")}, 1));
}

void add_moving_lists(rows& to) {
    add(to, "the list is null, the count says 40", poll_result::inconsistent, 1,
        always(ok(R"({"replications":null,"total_count":40})")))
        .attempts_while_failing = 1;
    add(to, "the same page again and again", poll_result::inconsistent, 1, [](const request&) {
        return ok(list_of(records_from(0), tasks_of_list));
    }).attempts_while_failing = 2;
    add(to, "rows move to the page before while being read", poll_result::inconsistent, 1,
        [](const request& r) {
            const std::size_t offset = offset_in(r.target);
            return ok(list_of(records_from(offset == 0 ? 0 : offset + 1), tasks_of_list));
        })
        .attempts_while_failing = 21;
    add(to, "a count that changes while being read", poll_result::inconsistent, 1, [](const request& r) {
        const std::size_t offset = offset_in(r.target);
        return ok(list_of(records_from(offset), tasks_of_list + offset));
    }).attempts_while_failing = 21;
    add(to, "pages without an end", poll_result::protocol, 1, [](const request& r) {
        std::vector<std::string> records;
        for (std::size_t i = 0; i < 1000; ++i)
            records.push_back(record(fmt::format("more{}", offset_in(r.target) + i)));
        return ok(list_of(records, 1'000'000));
    }).attempts_while_failing = 11;
}

void add_statuses(rows& to) {
    const auto add_status = [&to](std::string name, poll_result result, int attempts,
                                  script plan) -> fault_row& {
        const int code = plan.status;
        fault_row& row = add(to, std::move(name), result, attempts, always(std::move(plan)));
        row.http_status = code;
        return row;
    };
    const auto http = poll_result::http;
    add_status("204", http, 1, with_status(204, ""));
    add_status("302", http, 1, with_status(302, "", {{"Location", "/elsewhere"}}));
    add_status("400", http, 1, with_status(400, error("DBS.280404", "Invalid instance id format.")));
    add_status("401", poll_result::auth, 1,
               with_status(401, error("APIGW.0301", "Incorrect IAM authentication")))
        .attempts_while_failing = 0;
    add_status("403", http, 1, with_status(403, error("DBS.200044", "Instance does not exist.")));
    add_status("404", http, 1, with_status(404, error("APIG.0101", "The API does not exist.")));
    add_status("409", http, 1, with_status(409, error("DBS.200019", "Another operation is in progress.")));
    add_status("500", http, 3, with_status(500, error("DBS.108000", "Server failure.")));
    add_status("501", http, 1, with_status(501, ""));
    add_status("502", http, 3, with_status(502, "<html>bad gateway</html>"));
    add_status("503", http, 3, with_status(503, error("APIG.0613", "IAM is temporarily unavailable.")));
    add_status("504", http, 3, with_status(504, ""));

    const auto throttled = [&](std::string name, int attempts, std::vector<field> headers) -> fault_row& {
        const auto body = error("APIGW.0308", "policy user over ratelimit,limit:200,time:5 minute");
        return add_status("429" + name, poll_result::throttled, attempts, with_status(429, body, headers));
    };
    throttled("", 1, {});
    throttled(", Retry-After: 0", 3, {{"Retry-After", "0"}});
    throttled(", Retry-After: 1", 3, {{"Retry-After", "1"}});
    throttled(", Retry-After is a date gone by", 3, {{"Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT"}});
    throttled(", Retry-After: soon", 1, {{"Retry-After", "soon"}});
    throttled(", Retry-After: 99999999999999999999", 1, {{"Retry-After", "99999999999999999999"}}).pauses =
        true;
}

} // namespace

std::string good_page(const std::string& target) {
    return list_of(records_from(offset_in(target)), tasks_of_list);
}

std::vector<fault_row> fault_table() {
    rows all;
    add_connecting(all);
    add_breaking_off(all);
    add_wrong_http(all);
    add_wrong_bodies(all);
    add_moving_lists(all);
    add_statuses(all);
    return all;
}

} // namespace replmond::testing
