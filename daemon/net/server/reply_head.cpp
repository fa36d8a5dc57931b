// The head of an answer. Beast's serializer is for whole messages, but bodies here are chunks that several
// connections send at once, so only the reason phrases come from Beast.

#include "daemon/net/server/reply_head.hpp"

#include <boost/beast/http/status.hpp>
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <iterator>
#include <string_view>

namespace replmond::server {
namespace {

// The reason phrase may be empty (RFC 9112, section 4).
std::string_view phrase_of(int status) {
    namespace beast = boost::beast::http;
    const beast::status known = beast::int_to_status(static_cast<unsigned>(status));
    if (known == beast::status::unknown)
        return {};
    const auto phrase = beast::obsolete_reason(known);
    return {phrase.data(), phrase.size()};
}

// Such a name or value would begin another header or end the head (RFC 9110, section 5.5).
bool breaks_line(std::string_view text) {
    return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

} // namespace

std::string http_date(std::chrono::system_clock::time_point now) {
    return fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", std::chrono::floor<std::chrono::seconds>(now));
}

std::string reply_head(const http::http_reply& answer, connection_use use,
                       std::chrono::system_clock::time_point now) {
    std::string text = fmt::format("HTTP/1.1 {} {}\r\nDate: {}\r\n", answer.status, phrase_of(answer.status),
                                   http_date(now));
    const auto out = std::back_inserter(text);
    for (const auto& [name, value] : answer.headers) {
        if (!breaks_line(name) && !breaks_line(value))
            fmt::format_to(out, "{}: {}\r\n", name, value);
    }
    if (use == connection_use::closes)
        text += "Connection: close\r\n";
    if (use == connection_use::keeps_for_http_1_0) // HTTP/1.0 closes by default (RFC 9112, section 9.3)
        text += "Connection: keep-alive\r\n";
    if (answer.has_length && answer.status != 204) // 204 must not have one (RFC 9110, section 8.6)
        fmt::format_to(out, "Content-Length: {}\r\n", answer.size());
    text += "\r\n";
    return text;
}

} // namespace replmond::server
