// Makes text safe to print on a terminal, so that it cannot move the cursor or hide other text, and measures
// its width in columns.

#include "daemon/core/terminal/text.hpp"

#include "daemon/core/model/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <clocale>
#include <cwchar>
#include <iterator>
#include <locale.h>

namespace replmond::terminal {

namespace {

struct range {
    char32_t first;
    char32_t last;
};

// From the Unicode Character Database 14.0.0: the categories Cc, Zl and Zp, and the invisible characters of
// Cf. The latter include the bidirectional controls, which reorder the text around them.
// clang-format off
constexpr range unsafe[] = {
    {0x0, 0x1f},        {0x7f, 0x9f},       {0xad, 0xad},       {0x61c, 0x61c},
    {0x180e, 0x180e},   {0x200b, 0x200b},   {0x200e, 0x200f},   {0x2028, 0x202e},
    {0x2060, 0x206f},   {0xfeff, 0xfeff},   {0xfff9, 0xfffb},   {0x13430, 0x13438},
    {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0001, 0xe007f},
};
// clang-format on

} // namespace

bool is_unsafe(char32_t c) {
    const auto after = std::upper_bound(std::begin(unsafe), std::end(unsafe), c,
                                        [](char32_t value, const range& r) { return value < r.first; });
    return after != std::begin(unsafe) && c <= std::prev(after)->last;
}

int columns_of(char32_t c) {
    if (c < 0x300)
        return 1;
    // wcwidth() uses the thread's locale and returns -1 for all these characters in the locale C.
    static const locale_t utf8 = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    if (utf8 == nullptr)
        return 1; // glibc has this locale built in since 2.35
    const locale_t before = ::uselocale(utf8);
    const int columns = ::wcwidth(static_cast<wchar_t>(c));
    ::uselocale(before);
    return columns < 0 ? 1 : columns;
}

namespace {

constexpr std::string_view ellipsis = "\xe2\x80\xa6";

struct character {
    char32_t code;
    std::size_t bytes;
};

// The first character of `text`, which must be valid UTF-8.
character first_of(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(0);
    if (lead < 0x80)
        return {lead, 1};
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    char32_t code = lead & (0x7FU >> length);
    for (std::size_t i = 1; i < length; ++i)
        code = (code << 6U) | (byte(i) & 0x3FU);
    return {code, length};
}

void append_escape(std::string& to, char32_t code) {
    const auto out = std::back_inserter(to);
    const auto number = static_cast<unsigned>(code);
    if (code == '\n')
        to += "\\n";
    else if (code == '\t')
        to += "\\t";
    else if (code < 0x100)
        fmt::format_to(out, "\\x{:02x}", number);
    else if (code < 0x10000)
        fmt::format_to(out, "\\u{:04x}", number);
    else
        fmt::format_to(out, "\\U{:08x}", number);
}

} // namespace

std::string shown(std::string_view text) {
    std::string safe;
    while (!text.empty()) {
        std::string_view good = text.substr(0, valid_utf8_prefix(text));
        text.remove_prefix(good.size());
        while (!good.empty()) {
            const character next = first_of(good);
            if (is_unsafe(next.code))
                append_escape(safe, next.code);
            else
                safe += good.substr(0, next.bytes);
            good.remove_prefix(next.bytes);
        }
        if (!text.empty()) {
            append_escape(safe, static_cast<unsigned char>(text.front()));
            text.remove_prefix(1);
        }
    }
    return safe;
}

std::size_t width_of(std::string_view text) {
    std::size_t columns = 0;
    while (!text.empty()) {
        const character next = first_of(text);
        columns += static_cast<std::size_t>(columns_of(next.code));
        text.remove_prefix(next.bytes);
    }
    return columns;
}

std::string cut_to_width(std::string_view text, std::size_t columns) {
    if (width_of(text) <= columns)
        return std::string(text);
    if (columns == 0)
        return {};
    std::size_t bytes = 0;
    std::size_t used = 0;
    for (;;) {
        const character next = first_of(text.substr(bytes));
        const auto wide = static_cast<std::size_t>(columns_of(next.code));
        if (used + wide > columns - 1)
            break;
        used += wide;
        bytes += next.bytes;
    }
    return std::string(text.substr(0, bytes)) + std::string(ellipsis);
}

std::string padded(std::string_view text, std::size_t columns) {
    const std::size_t used = std::min(width_of(text), columns);
    return std::string(text) + std::string(columns - used, ' ');
}

std::string failure_text(const failure& why) {
    std::string text(to_string(why.result));
    if (why.http_status != 0)
        text += ' ' + std::to_string(why.http_status);
    if (!why.error_code.empty())
        text += ' ' + shown(why.error_code);
    if (!why.error_msg.empty())
        text += ": " + shown(why.error_msg);
    if (!why.request_id.empty())
        text += " (request " + shown(why.request_id) + ')';
    return text;
}

} // namespace replmond::terminal
