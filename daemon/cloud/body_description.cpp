// What can be said of an answer that is not what was asked for: so that a proxy's page, a packed body and a
// byte order mark can be told apart.
#include "daemon/cloud/body_description.hpp"

#include "daemon/model/text.hpp"

#include <fmt/format.h>

#include <array>
#include <string_view>
#include <utility>

namespace replmond::cloud {
namespace {

constexpr std::size_t shown_of_body = 80;
constexpr std::size_t shown_of_header = 100;
constexpr std::size_t longest_location = 200;

std::string header(const net::http_response& answer, std::string_view name) {
    const std::string_view value = net::find_header(answer.headers, name);
    return cut_between_characters(trimmed(value), shown_of_header);
}

std::string_view coding_by_first_bytes(std::string_view body) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 2> known = {
        {{"\x1F\x8B", "gzip"}, {"\x28\xB5\x2F\xFD", "zstd"}}};
    for (const auto& [first, coding] : known) {
        if (body.starts_with(first))
            return coding;
    }
    return {};
}

// Empty: it is not packed.
std::string coding_of(const net::http_response& answer) {
    std::string coding = to_lower_ascii(header(answer, "Content-Encoding"));
    if (coding.empty() || coding == "identity")
        coding = coding_by_first_bytes(answer.body);
    return coding;
}

std::string_view byte_order_mark(std::string_view body) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 3> known = {
        {{"\xEF\xBB\xBF", "UTF-8"},
         {"\xFF\xFE", "UTF-16, little-endian"},
         {"\xFE\xFF", "UTF-16, big-endian"}}};
    for (const auto& [first, name] : known) {
        if (body.starts_with(first))
            return name;
    }
    return {};
}

// On one line, as it would be read.
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

std::string describe_body(const net::http_response& answer) {
    if (answer.body.empty())
        return "it is empty";
    if (const std::string coding = coding_of(answer); !coding.empty())
        return fmt::format("it is packed ({}), which was not asked for", coding);
    if (const auto mark = byte_order_mark(answer.body); !mark.empty())
        return fmt::format("it begins with a byte order mark ({})", mark);
    const std::string type = header(answer, "Content-Type");
    const std::string what = type.empty() ? "it has no Content-Type" : "it is " + type;
    if (const std::size_t valid = valid_utf8_prefix(answer.body); valid < answer.body.size())
        return fmt::format("{}; from byte {} on it is no UTF-8", what, valid);
    std::string text = fmt::format("{} and begins with \"{}\"", what, beginning(answer.body));
    if (to_lower_ascii(type).starts_with("text/html"))
        text += ": a page, such as a proxy or a sign-in has";
    return text;
}

bool is_unreadable_body(const net::http_response& answer) {
    return !coding_of(answer).empty() || !byte_order_mark(answer.body).empty() || !is_valid_utf8(answer.body);
}

std::string redirect_target(const net::http_response& answer) {
    constexpr int first_redirect = 300;
    constexpr int first_client_error = 400;
    if (answer.status < first_redirect || answer.status >= first_client_error)
        return {};
    const std::string_view location = trimmed(net::find_header(answer.headers, "Location"));
    return cut_between_characters(location.substr(0, location.find_first_of("?#")), longest_location);
}

} // namespace replmond::cloud
