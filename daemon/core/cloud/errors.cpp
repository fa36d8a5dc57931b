// Classifies answers that are errors, in the same way for polls, credentials and commands. The messages tell
// apart a proxy's page, a compressed body and an error of the cloud.

#include "daemon/core/cloud/errors.hpp"

#include "daemon/core/cloud/clock_skew.hpp"
#include "daemon/core/cloud/json.hpp"
#include "daemon/core/model/text.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace replmond::cloud {

namespace {

namespace json = boost::json;

constexpr std::size_t text_limit = 200;     // bytes, of a body that is not JSON
constexpr std::size_t message_limit = 1024; // bytes, so that a log line stays readable

using names = std::pair<std::string_view, std::string_view>;
constexpr auto pairs =
    std::to_array<names>({{"error_code", "error_msg"}, {"errorCode", "errorMsg"}, {"code", "message"}});

// The text of a string, or the digits of a number, since IAM's code is a number (API.md, section 7). Empty
// for other values.
std::string scalar(const json::object& object, std::string_view key) {
    const json::value* value = object.if_contains(key);
    if (value == nullptr)
        return {};
    if (value->is_string())
        return std::string(value->get_string());
    if (value->is_number())
        return json::serialize(*value);
    return {};
}

bool read_pair(const json::object& object, error_body& into) {
    for (const auto& [code, message] : pairs) {
        into.code = scalar(object, code);
        into.message = scalar(object, message);
        if (into.message.empty() && code == pairs.front().first)
            into.message = scalar(object, "error_message");
        if (!into.code.empty() || !into.message.empty())
            return true;
    }
    return false;
}

void read_nested(const json::object& object, error_body& into) {
    for (const auto& member : object) {
        if (member.value().is_object() && read_pair(member.value().get_object(), into))
            return;
        if (!member.value().is_array())
            continue;
        for (const json::value& item : member.value().get_array()) {
            if (item.is_object() && read_pair(item.get_object(), into))
                return;
        }
    }
}

} // namespace

error_body decode_error_body(std::string_view body) {
    error_body read;
    json::error_code error;
    const json::value document = parse_exactly(body, error);
    if (error || !document.is_object()) {
        read.message = cut_between_characters(body, text_limit);
        return read;
    }

    const json::object& object = document.get_object();
    if (!read_pair(object, read))
        read_nested(object, read);
    read.request_id = cut_between_characters(scalar(object, "request_id"), text_limit);
    read.code = cut_between_characters(read.code, text_limit);
    read.message = cut_between_characters(read.message, message_limit);
    return read;
}

namespace {

// In bytes.
constexpr std::size_t shown_of_body = 80;
constexpr std::size_t shown_of_header = 100;
constexpr std::size_t longest_location = 200;

std::string header(const http::http_response& answer, std::string_view name) {
    const std::string_view value = http::find_header(answer.headers, name);
    return cut_between_characters(trimmed(value), shown_of_header);
}

// gzip begins with 1F 8B (RFC 1952 2.3.1), zstd with 28 B5 2F FD (RFC 8878 3.1.1).
std::string_view coding_by_first_bytes(std::string_view body) {
    constexpr auto known = std::to_array<std::pair<std::string_view, std::string_view>>(
        {{"\x1F\x8B", "gzip"}, {"\x28\xB5\x2F\xFD", "zstd"}});
    for (const auto& [first, coding] : known) {
        if (body.starts_with(first))
            return coding;
    }
    return {};
}

// The coding of the body; empty if it is not compressed. Some proxies compress without setting
// Content-Encoding.
std::string coding_of(const http::http_response& answer) {
    std::string coding = to_lower_ascii(header(answer, "Content-Encoding"));
    if (coding.empty() || coding == "identity")
        coding = coding_by_first_bytes(answer.body);
    return coding;
}

std::string_view byte_order_mark(std::string_view body) {
    constexpr auto known =
        std::to_array<std::pair<std::string_view, std::string_view>>({{"\xEF\xBB\xBF", "UTF-8"},
                                                                      {"\xFF\xFE", "UTF-16, little-endian"},
                                                                      {"\xFE\xFF", "UTF-16, big-endian"}});
    for (const auto& [first, name] : known) {
        if (body.starts_with(first))
            return name;
    }
    return {};
}

// The first characters of the body on one line: each run of blanks and control characters becomes one space.
std::string beginning(std::string_view body) {
    std::string text;
    for (const char c : trimmed(body.substr(0, 4 * shown_of_body), blanks_around_words)) {
        const bool is_blank = static_cast<unsigned char>(c) <= ' ';
        if (is_blank && (text.empty() || text.back() == ' '))
            continue;
        text += is_blank ? ' ' : c;
    }
    return cut_between_characters(text, shown_of_body);
}

} // namespace

std::string describe_body(const http::http_response& answer) {
    if (answer.body.empty())
        return "it is empty";
    if (const std::string coding = coding_of(answer); !coding.empty())
        return fmt::format("it is compressed ({}), which replmond did not ask for", coding);
    if (const auto mark = byte_order_mark(answer.body); !mark.empty())
        return fmt::format("it begins with a byte order mark ({})", mark);
    const std::string type = header(answer, "Content-Type");
    const std::string what = type.empty() ? "it has no Content-Type" : "it is " + type;
    if (const std::size_t valid = valid_utf8_prefix(answer.body); valid < answer.body.size())
        return fmt::format("{}; from byte {} on it is not UTF-8", what, valid);
    std::string text = fmt::format("{} and begins with \"{}\"", what, beginning(answer.body));
    if (to_lower_ascii(type).starts_with("text/html"))
        text += ": that is a page, as proxies and sign-ins send";
    return text;
}

bool is_unreadable_body(const http::http_response& answer) {
    return !coding_of(answer).empty() || !byte_order_mark(answer.body).empty() || !is_valid_utf8(answer.body);
}

std::string redirect_target(const http::http_response& answer) {
    constexpr int first_redirect = 300;
    constexpr int first_client_error = 400;
    if (answer.status < first_redirect || answer.status >= first_client_error)
        return {};
    const std::string_view location = trimmed(http::find_header(answer.headers, "Location"));
    return cut_between_characters(location.substr(0, location.find_first_of("?#")), longest_location);
}

namespace {

constexpr milliseconds longest = std::chrono::hours(24); // of a Retry-After

std::optional<milliseconds> parse_seconds(std::string_view digits) {
    milliseconds sum{};
    for (const char c : digits) {
        if (c < '0' || c > '9')
            return std::nullopt;
        sum = std::min(longest, sum * 10 + std::chrono::seconds(c - '0'));
    }
    return sum;
}

} // namespace

std::optional<milliseconds> parse_retry_after(std::string_view value, std::optional<timestamp> now) {
    value = trimmed(value);
    if (value.empty())
        return std::nullopt;
    if (const auto seconds = parse_seconds(value))
        return seconds;
    const auto at = parse_imf_fixdate(value);
    if (!at || !now)
        return std::nullopt;
    return std::clamp<milliseconds>(*at - *now, milliseconds(0), longest);
}

namespace {

constexpr std::size_t longest_request_id = 200; // bytes; a log line has it

poll_result result_of(int status) {
    switch (status) {
    case 401:
        return poll_result::auth;
    case 429:
        return poll_result::throttled;
    default:
        return poll_result::http;
    }
}

// The message of a failure: the text of the body, or a description if the body cannot be shown.
std::string message_of(const http::http_response& answer, std::string from_body) {
    if (const std::string target = redirect_target(answer); !target.empty())
        return fmt::format("the answer redirects to {}, which is not followed: is the endpoint right?",
                           target);
    if (!answer.body.empty() && is_unreadable_body(answer))
        return "the answer's body cannot be shown: " + describe_body(answer);
    return from_body;
}

} // namespace

std::string request_id_of(const http::http_response& answer) {
    for (const auto* name : {"X-Request-Id", "X-IAM-Trace-Id"}) {
        if (const std::string_view id = http::find_header(answer.headers, name); !id.empty())
            return cut_between_characters(id, longest_request_id);
    }
    return {};
}

std::optional<failure> failure_of(const http::http_response& answer, std::optional<timestamp> now) {
    if (answer.status == 200)
        return std::nullopt;
    error_body body = decode_error_body(answer.body);
    failure f;
    f.result = result_of(answer.status);
    f.http_status = answer.status;
    f.request_id = request_id_of(answer);
    if (f.request_id.empty()) // the gateway has it in the body too
        f.request_id = std::move(body.request_id);
    f.error_code = std::move(body.code);
    f.error_msg = message_of(answer, std::move(body.message));
    const auto sent = parse_imf_fixdate(http::find_header(answer.headers, "Date"));
    f.retry_after = parse_retry_after(http::find_header(answer.headers, "Retry-After"), sent ? sent : now);
    return f;
}

} // namespace replmond::cloud
