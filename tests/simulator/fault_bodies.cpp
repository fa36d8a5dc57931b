#include "tests/simulator/fault_bodies.hpp"

#include "tests/simulator/errors.hpp"
#include "tests/simulator/json_text.hpp"

#include <boost/crc.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace json = boost::json;
using replmond::testing::script;

namespace replmond::simulator {
namespace {

struct error {
    std::string code;
    std::string text;
    std::string request_id;
};

// The forms of errors.

std::string service(const error& e) {
    return json_text(json::object{{"error_code", e.code}, {"error_msg", e.text}});
}

std::string gateway(const error& e) {
    return json_text(json::object{{"error_msg", e.text},
                                  {"error_code", e.code},
                                  {"request_id", e.request_id},
                                  {"encoded_authorization_message", "XXYYZZ"}});
}

std::string camel(const error& e) {
    return json_text(json::object{{"errorCode", e.code}, {"errorMsg", e.text}});
}

std::string code(const error& e) {
    return json_text(json::object{{"code", e.code}, {"message", e.text}});
}

// IAM's codes are numbers in this form; a code that is a number is written as one.
std::string nested(const error& e) {
    json::object inner{{"message", e.text}, {"title", "Error"}};
    if (!e.code.empty() &&
        std::all_of(e.code.begin(), e.code.end(), [](char c) { return c >= '0' && c <= '9'; }))
        inner["code"] = std::stoll(e.code.substr(0, 18));
    else
        inner["code"] = e.code;
    return json_text(json::object{{"error", std::move(inner)}});
}

std::string details(const error& e) {
    json::array items;
    items.push_back({{"error_code", e.code}, {"error_msg", e.text}});
    items.push_back({{"error_code", "DBS.000000"}, {"error_msg", "and another one"}});
    return json_text(json::object{{"details", std::move(items)}});
}

std::string text(const error& e) {
    return e.text;
}

std::string html(const error& e) {
    return "<html>\r\n<head><title>" + e.text + "</title></head>\r\n<body>\r\n<center><h1>" + e.text +
           "</h1></center>\r\n</body>\r\n</html>\r\n";
}

std::string empty(const error&) {
    return {};
}

// What is no answer at all.

std::string garbage(const error&) {
    return "<html><body>It works! \xFF\xFE</body></html>";
}

std::string null_list(const error&) {
    return R"({"total_count":"0","replications":null})";
}

std::string no_list(const error&) {
    return "{}";
}

std::string array(const error&) {
    return "[]";
}

std::string deep(const error&) {
    constexpr std::size_t levels = 100'000;
    return R"({"replications":)" + std::string(levels, '[') + std::string(levels, ']') + "}";
}

std::string bad_utf8(const error&) {
    return "{\"total_count\":\"1\",\"replications\":[{\"task_name\":\"a\xFF\xC0\xAF\",\"status\":\"Yes\","
           "\"stage\":\"Full\",\"percentage\":\"1\"}]}";
}

std::string truncated(const error&) {
    return R"({"total_count":"1","replications":[{"task_name":"a","status":"Yes","sta)";
}

std::string oversize(const error&) {
    return {}; // filled in later: only the rule knows how large
}

struct form {
    std::string_view name;
    const char* content_type;
    bool is_error; // comes with 500 unless a status is given, the others with 200
    std::string (*write)(const error&);
};

constexpr auto json_type = "application/json;charset=UTF-8";

constexpr std::array<form, 17> forms{{{"service", json_type, true, service},
                                      {"gateway", json_type, true, gateway},
                                      {"camel", json_type, true, camel},
                                      {"code", json_type, true, code},
                                      {"nested", json_type, true, nested},
                                      {"details", json_type, true, details},
                                      {"text", "text/plain", true, text},
                                      {"html", "text/html", true, html},
                                      {"empty", json_type, false, empty},
                                      {"garbage", "text/html", false, garbage},
                                      {"null_list", json_type, false, null_list},
                                      {"no_list", json_type, false, no_list},
                                      {"array", json_type, false, array},
                                      {"deep", json_type, false, deep},
                                      {"bad_utf8", json_type, false, bad_utf8},
                                      {"truncated", json_type, false, truncated},
                                      {"oversize", json_type, false, oversize}}};

const form* find_form(std::string_view name) {
    const auto found =
        std::find_if(forms.begin(), forms.end(), [&](const form& f) { return f.name == name; });
    return found == forms.end() ? nullptr : &*found;
}

// JSON of so many bytes, which a client that reads all of it would take for a list.
std::string fill(std::int64_t bytes) {
    std::string body = R"({"total_count":"0","replications":[],"ext_text":")";
    constexpr std::string_view end = R"("})";
    const auto size = std::max<std::int64_t>(bytes - static_cast<std::int64_t>(end.size()), 0);
    body.resize(static_cast<std::size_t>(size), 'x');
    return body.append(end);
}

void append_little_endian(std::string& bytes, std::uint32_t value, int count) {
    for (int i = 0; i < count; ++i)
        bytes += static_cast<char>(value >> (8 * i) & 0xFF);
}

} // namespace

bool is_fault_body(std::string_view name) {
    return find_form(name) != nullptr;
}

std::string fault_body_names() {
    std::string names;
    for (const auto& known : forms)
        names += (names.empty() ? "" : ", ") + std::string(known.name);
    return names;
}

script fault_body(const fault_rule& rule, const call& now) {
    const form* wanted = find_form(rule.answer.value_or("empty"));
    const error told{rule.error_code.value_or("DBS.200005"), rule.error_msg.value_or("Server failure."),
                     now.request_id};
    script answer;
    answer.status = rule.status.value_or(wanted->is_error ? 500 : 200);
    answer.headers.emplace_back("Content-Type", wanted->content_type);
    answer.body = wanted->name == "oversize" ? fill(rule.bytes) : wanted->write(told);
    return answer;
}

// RFC 1952, with stored blocks of RFC 1951.
std::string as_gzip(std::string_view text) {
    constexpr std::size_t largest_block = 65'535;
    boost::crc_32_type crc;
    crc.process_bytes(text.data(), text.size());
    std::string zipped("\x1F\x8B\x08\x00\x00\x00\x00\x00\x00\xFF", 10);
    const auto size = static_cast<std::uint32_t>(text.size());
    do {
        const auto block = text.substr(0, largest_block);
        text.remove_prefix(block.size());
        zipped += static_cast<char>(text.empty() ? 1 : 0); // the last one?
        append_little_endian(zipped, static_cast<std::uint32_t>(block.size()), 2);
        append_little_endian(zipped, ~static_cast<std::uint32_t>(block.size()), 2);
        zipped += block;
    } while (!text.empty());
    append_little_endian(zipped, crc.checksum(), 4);
    append_little_endian(zipped, size, 4);
    return zipped;
}

} // namespace replmond::simulator
