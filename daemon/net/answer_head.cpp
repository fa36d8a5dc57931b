#include "daemon/net/answer_head.hpp"

#include <fmt/format.h>

#include <array>
#include <iterator>

namespace replmond::net {
namespace {

struct status_phrase {
    int status;
    std::string_view phrase;
};

constexpr std::array<status_phrase, 17> phrases{{
    {200, "OK"},
    {204, "No Content"},
    {304, "Not Modified"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {413, "Payload Too Large"},
    {414, "URI Too Long"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {505, "HTTP Version Not Supported"},
}};

// It may be empty (RFC 9112, section 4).
std::string_view phrase_of(int status) {
    for (const status_phrase& each : phrases) {
        if (each.status == status)
            return each.phrase;
    }
    return {};
}

bool breaks_line(std::string_view text) {
    return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

} // namespace

std::string http_date(std::chrono::system_clock::time_point now) {
    constexpr std::array days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto day = std::chrono::floor<std::chrono::days>(now);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(now - day));
    return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
                       days[std::chrono::weekday(day).c_encoding()], static_cast<unsigned>(date.day()),
                       months[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                       clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::string answer_head(const http_answer& answer, connection_use use,
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
    if (use == connection_use::keeps_for_http_1_0) // else that client waits for the end of the connection
        text += "Connection: keep-alive\r\n";
    if (answer.has_length && answer.status != 204) // 204 has none (RFC 9110, section 8.6)
        fmt::format_to(out, "Content-Length: {}\r\n", answer.size());
    text += "\r\n";
    return text;
}

} // namespace replmond::net
