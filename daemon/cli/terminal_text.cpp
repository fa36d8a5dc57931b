#include "daemon/cli/terminal_text.hpp"

#include "daemon/cli/character_widths.hpp"
#include "daemon/model/text.hpp"

#include <fmt/format.h>

#include <iterator>

namespace replmond::cli {
namespace {

constexpr std::string_view ellipsis = "\xe2\x80\xa6";

struct character {
    char32_t code = 0;
    std::size_t bytes = 1;
};

// The one at the beginning of `text`, which is valid UTF-8 as far as that.
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
    const std::size_t used = width_of(text);
    return std::string(text) + std::string(used < columns ? columns - used : 0, ' ');
}

} // namespace replmond::cli
