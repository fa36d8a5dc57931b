// Mistakes with their positions, and how text from the file is shown in their messages.

#include "daemon/core/config/problem.hpp"

#include "daemon/core/model/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <tuple>

namespace replmond::config {

namespace {

constexpr std::size_t longest_quoted = 64; // bytes

// The length of the control character at `at`; 0 if there is none. C1 is U+0080 to U+009F, two bytes in
// UTF-8.
std::size_t control_length(std::string_view text, std::size_t at) {
    const auto c = static_cast<unsigned char>(text[at]);
    if (c < 0x20 || c == 0x7F)
        return 1;
    const bool c1 = c == 0xC2 && at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) < 0xA0;
    return c1 ? 2 : 0;
}

} // namespace

std::string to_string(std::string_view file, const problem& what) {
    if (what.line == 0)
        return fmt::format("{}: {}", file, what.message);
    return fmt::format("{}:{}:{}: {}", file, what.line, what.column, what.message);
}

void sort_problems(std::vector<problem>& problems) {
    // The message is compared too, so that the order is fixed and duplicates are adjacent.
    std::sort(problems.begin(), problems.end(), [](const problem& a, const problem& b) {
        return std::tie(a.line, a.column, a.message) < std::tie(b.line, b.column, b.message);
    });
    problems.erase(std::unique(problems.begin(), problems.end()), problems.end());
}

std::string quoted(std::string_view text) {
    const bool cut = text.size() > longest_quoted;
    if (cut)
        text = text.substr(0, valid_utf8_prefix(text.substr(0, longest_quoted)));

    std::string out = "\"";
    for (std::size_t i = 0; i < text.size(); ++i) {
        const std::size_t control = control_length(text, i);
        if (control != 0) {
            // The last byte of a C1 character in UTF-8 equals its code point.
            out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[i + control - 1]));
            i += control - 1;
        } else {
            if (text[i] == '"' || text[i] == '\\')
                out += '\\';
            out += text[i];
        }
    }
    out += cut ? "...\"" : "\"";
    return out;
}

bool has_control_character(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (control_length(text, i) != 0)
            return true;
    }
    return false;
}

} // namespace replmond::config
