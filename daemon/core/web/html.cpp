// Writes HTML and escapes the data in it.

#include "daemon/core/web/html.hpp"

#include "daemon/core/model/text.hpp"

#include <algorithm>
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
    span("age", translated(language_, "{} ago", age_text(now - then, language_)));
    return raw(" <span class=\"sub\">").moment(then).raw("</span>");
}

html& html::lasting(timestamp since, timestamp now) {
    span("age", translated(language_, "for {}", age_text(now - since, language_)));
    return raw(" <span class=\"sub\">").words("since ").moment(since).raw("</span>");
}

// At most two units, which is easy to read. A second one of 0 is left out.
std::string age_text(milliseconds age, language in) {
    const long long seconds = std::max(0LL, static_cast<long long>(age.count() / 1000));
    const long long minutes = seconds / 60;
    const long long hours = minutes / 60;
    const long long days = hours / 24;
    if (minutes == 0)
        return translated(in, "{} s", seconds);
    if (hours == 0)
        return translated(in, "{} min", minutes);
    if (days == 0)
        return minutes % 60 == 0 ? translated(in, "{} h", hours)
                                 : translated(in, "{} h {} min", hours, minutes % 60);
    return hours % 24 == 0 ? translated(in, "{} d", days) : translated(in, "{} d {} h", days, hours % 24);
}

} // namespace replmond::web
