// A request of any kind, about a fleet whose names are of any kind: JSON stays JSON, and no name becomes
// markup. Input: the target, the headers a line each, an empty line, the name.
#include "daemon/core/model/text.hpp"
#include "daemon/core/web/router.hpp"
#include "tests/support/markup.hpp"
#include "tests/support/small_fleet.hpp"
#include "tests/support/whole_reply.hpp"

#include <boost/json.hpp>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace replmond;

void expect(bool holds, const std::string& what, const std::string& body) {
    if (holds)
        return;
    std::fprintf(stderr, "%s\n%s\n", what.c_str(), body.c_str());
    std::abort();
}

std::string_view take_line(std::string_view& input) {
    const std::string_view line = input.substr(0, input.find('\n'));
    input.remove_prefix(std::min(input.size(), line.size() + 1));
    return line;
}

http::http_request read_request(std::string_view& input) {
    http::http_request request;
    const std::string_view target = take_line(input);
    const auto space = target.find(' ');
    request.method = space == std::string_view::npos ? "GET" : std::string(target.substr(0, space));
    request.target = target.substr(space == std::string_view::npos ? 0 : space + 1);
    for (std::string_view line = take_line(input); !line.empty(); line = take_line(input)) {
        const auto colon = std::min(line.find(':'), line.size());
        request.headers.emplace_back(line.substr(0, colon), line.substr(std::min(line.size(), colon + 1)));
    }
    return request;
}

web::router_sources sources_of(const test::small_fleet& fleet) {
    web::router_sources sources;
    sources.metrics = [](metrics::format) {
        return metrics::text_chunks{metrics::unversioned_chunk("up 1\n")};
    };
    sources.ready = [] { return true; };
    sources.config = [] { return std::make_unique<http::ready_body>("{}\n"); };
    sources.events = [&fleet](const web::event_filter&) { return fleet.latest(); };
    sources.fleet = [&fleet] { return fleet.view(); };
    sources.facts = [] { return web::daemon_facts(); };
    sources.count = [](std::string_view, int) {};
    return sources;
}

void check(const http::http_request& request, const http::http_reply& answer) {
    const std::string_view type = http::find_header(answer.headers, "Content-Type");
    for (const auto& [name, value] : answer.headers)
        expect(value.find_first_of("\r\n") == std::string::npos, "a header with a line break", value);
    expect(answer.status < 500, "a server's error", answer.body);
    if (request.method == "HEAD" && answer.body.empty()) // the head alone was asked for
        return;
    if (request.target.starts_with("/api/") && answer.status != 204) { // which has no body
        expect(type == "application/json", "no JSON below /api/", answer.body);
        boost::json::error_code error;
        const auto parsed = boost::json::parse(answer.body, error);
        expect(!error && parsed.is_object(), "no JSON", answer.body);
        expect(parsed.at("status").as_string() == (answer.status == 200 ? "success" : "error"),
               "a status that is wrong", answer.body);
    }
    if (type.starts_with("text/html")) {
        const std::string fault = test::fault_in_markup(answer.body);
        expect(fault.empty(), fault, answer.body);
        expect(is_valid_utf8(answer.body), "no UTF-8", answer.body);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view input(reinterpret_cast<const char*>(data), size);
    const http::http_request request = read_request(input);
    const test::small_fleet fleet = test::named(std::string(input));
    web::site_policy policy;
    policy.allowed_hosts = {"replmond.example"};
    policy.external_url = web::parse_external_url("https://replmond.example:8443/status");
    const web::router web("/metrics", sources_of(fleet), policy);
    check(request, test::whole_reply(web, request));
    return 0;
}
