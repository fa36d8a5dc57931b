// Checks a request's head byte by byte and refuses what two implementations could parse differently (request
// smuggling, RFC 9112 11.2).

#include "daemon/core/http/request_validator.hpp"

#include "daemon/core/model/text.hpp"

#include <algorithm>

namespace replmond::http {

namespace {

// A token of RFC 9110 5.6.2: methods and header names.
bool is_token(std::string_view text) {
    constexpr std::string_view others = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               others.find(c) != std::string_view::npos;
    });
}

// HTTP-version of RFC 9112 2.3.
bool is_version(std::string_view text) {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    return text.size() == 8 && text.starts_with("HTTP/") && is_digit(text[5]) && text[6] == '.' &&
           is_digit(text[7]);
}

// Control characters, which a head must not contain (RFC 9110 5.5). CR and LF end lines and are checked
// separately.
bool is_forbidden(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t' && c != '\r' && c != '\n') || byte == 0x7f;
}

bool is_no_length(std::string_view text) {
    return text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos;
}

} // namespace

std::optional<refusal> check_request_line(std::string_view line) {
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == last) // no space, or only one
        return refusal{400, "the request line is not METHOD PATH HTTP/1.1"};
    const std::string_view target = line.substr(first + 1, last - first - 1);
    const std::string_view version = line.substr(last + 1);
    if (!is_token(line.substr(0, first)) || !is_visible_ascii(target) || !is_version(version))
        return refusal{400, "the request line is not METHOD PATH HTTP/1.1"};
    // 505: RFC 9110 15.6.6.
    if (version != "HTTP/1.1" && version != "HTTP/1.0")
        return refusal{505, "this HTTP version is not supported"};
    if (!target.starts_with('/') || target.find('#') != std::string_view::npos)
        return refusal{400, "the request target is not a path"};
    return std::nullopt;
}

std::optional<refusal> check_header_line(std::string_view line) {
    if (line.front() == ' ' || line.front() == '\t')
        return refusal{400, "a header is folded over lines"};
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon)))
        return refusal{400, "a header is not NAME: VALUE"};
    return std::nullopt;
}

std::optional<refusal> check_framing(const header_list& headers, bool is_http_1_1) {
    std::size_t hosts = 0;
    std::size_t lengths = 0;
    std::size_t encodings = 0;
    std::string_view length = "0";
    std::string_view encoding;
    for (const auto& [name, value] : headers) {
        const std::string lower = to_lower_ascii(name);
        hosts += lower == "host" ? 1 : 0;
        if (lower == "content-length") {
            ++lengths;
            length = value;
        }
        if (lower == "transfer-encoding") {
            ++encodings;
            encoding = value;
        }
    }
    // RFC 9112 3.2: 400 without Host (HTTP/1.1) or with more than one.
    if (hosts > 1 || (hosts == 0 && is_http_1_1))
        return refusal{400, "the request needs one Host header"};
    if (lengths > 1 || is_no_length(length))
        return refusal{400, "the Content-Length is not one number"};
    // RFC 9112 6.1 and 6.3: Transfer-Encoding together with Content-Length, or in HTTP/1.0, makes the length
    // ambiguous.
    if (encodings > 0 && (lengths > 0 || encodings > 1 || !is_http_1_1))
        return refusal{400, "the end of the request is not clear"};
    if (encodings > 0 && to_lower_ascii(encoding) != "chunked")
        return refusal{400, "the Transfer-Encoding is not known"};
    if (encodings > 0 || length.find_first_not_of('0') != std::string_view::npos)
        return refusal{413, "request bodies are not accepted"};
    return std::nullopt;
}

head_validator::state head_validator::refuse(int status, std::string_view why) {
    why_ = {status, why};
    return state::refused;
}

head_validator::state head_validator::check_limits() {
    if (lines_ == 0 && at_ > limits_.request_line)
        return refuse(414, "the request line is too long"); // RFC 9110 15.5.15
    if (at_ > limits_.header_bytes)
        return refuse(431, "the header is too large"); // RFC 6585 5
    return state::incomplete;
}

// Checks a complete line, without its CR LF. An empty line ends the head.
head_validator::state head_validator::end_line(std::string_view line) {
    ++lines_;
    if (lines_ > 1 && line.empty())
        return state::whole;
    if (lines_ > limits_.headers + 1)
        return refuse(431, "there are too many headers");
    const auto bad = lines_ == 1 ? check_request_line(line) : check_header_line(line);
    return bad ? refuse(bad->status, bad->why) : state::incomplete;
}

head_validator::state head_validator::look(std::string_view input) {
    while (at_ < input.size()) {
        const char c = input[at_];
        const bool after_cr = input.substr(line_begin_, at_ - line_begin_).ends_with('\r');
        ++at_;
        if (is_forbidden(c))
            return refuse(400, "there is a control character in the header");
        // A CR without LF, or an LF without CR. RFC 9112 2.2 would allow a bare LF, but proxies differ about
        // it.
        if (after_cr != (c == '\n'))
            return refuse(400, "a line of the header does not end with CR LF");
        auto now = check_limits();
        if (now == state::incomplete && c == '\n') {
            now = end_line(input.substr(line_begin_, at_ - 2 - line_begin_));
            line_begin_ = at_;
        }
        if (now != state::incomplete)
            return now;
    }
    return state::incomplete;
}

} // namespace replmond::http
