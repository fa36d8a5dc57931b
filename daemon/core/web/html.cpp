// Writes HTML and escapes the data in it.

#include "daemon/core/web/html.hpp"

#include "daemon/core/model/text.hpp"

#include <fmt/format.h>

#include <chrono>

namespace replmond::web {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD"; // U+FFFD

void append_character(std::string& page, char c) {
    switch (c) {
    case '&':
        page += "&amp;";
        break;
    case '<':
        page += "&lt;";
        break;
    case '>':
        page += "&gt;";
        break;
    case '"':
        page += "&quot;";
        break;
    case '\'':
        page += "&#39;";
        break;
    default: {
        const bool control = (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7F;
        if (control)
            page += replacement;
        else
            page += c;
    }
    }
}

// A duration in at most two units, which is easy to read. A `small` of 0 is left out.
std::string two_units(long long large, const char* large_unit, long long small, const char* small_unit) {
    return small == 0 ? fmt::format("{} {}", large, large_unit)
                      : fmt::format("{} {} {} {}", large, large_unit, small, small_unit);
}

} // namespace

void append_escaped(std::string& page, std::string_view text) {
    while (!text.empty()) {
        const std::string_view good = text.substr(0, valid_utf8_prefix(text));
        for (const char c : good)
            append_character(page, c);
        text.remove_prefix(good.size());
        if (!text.empty()) {
            page += replacement;
            text.remove_prefix(1);
        }
    }
}

html& html::moment(timestamp then) {
    const std::string text = to_rfc3339(then); // 2026-11-22T01:24:35.042Z
    constexpr std::size_t date = 10;
    constexpr std::size_t seconds = 19;
    raw("<time").attribute("datetime", text).raw(">").text(text.substr(0, date)).raw(" ");
    return this->text(text.substr(date + 1, seconds - date - 1)).raw("Z</time>");
}

html& html::ago(timestamp then, timestamp now) {
    span("age", age_text(now - then) + " ago");
    return raw(" <span class=\"sub\">").moment(then).raw("</span>");
}

html& html::lasting(timestamp since, timestamp now) {
    span("age", "for " + age_text(now - since));
    return raw(" <span class=\"sub\">since ").moment(since).raw("</span>");
}

std::string age_text(milliseconds age) {
    const long long seconds = std::max(0LL, static_cast<long long>(age.count() / 1000));
    const long long minutes = seconds / 60;
    const long long hours = minutes / 60;
    if (minutes == 0)
        return fmt::format("{} s", seconds);
    if (hours == 0)
        return fmt::format("{} min", minutes);
    if (hours < 24)
        return two_units(hours, "h", minutes % 60, "min");
    return two_units(hours / 24, "d", hours % 24, "h");
}

} // namespace replmond::web
