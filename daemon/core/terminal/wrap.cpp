// Breaks texts into lines that fit a terminal.

#include "daemon/core/terminal/wrap.hpp"

#include "daemon/core/terminal/text.hpp"

#include <algorithm>
#include <utility>

namespace replmond::terminal {

namespace {

void wrap_paragraph(std::vector<std::string>& lines, std::string_view text, std::size_t columns) {
    std::string line;
    while (!text.empty()) {
        const std::size_t blank = std::min(text.find(' '), text.size());
        const std::string_view word = text.substr(0, blank);
        text.remove_prefix(std::min(blank + 1, text.size()));
        if (word.empty())
            continue;
        if (!line.empty() && width_of(line) + 1 + width_of(word) > columns) {
            lines.push_back(std::move(line));
            line.clear();
        }
        line += line.empty() ? "" : " ";
        line += word;
    }
    lines.push_back(std::move(line));
}

} // namespace

std::vector<std::string> wrap(std::string_view text, std::size_t columns) {
    std::vector<std::string> lines;
    for (;;) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        wrap_paragraph(lines, text.substr(0, end), columns);
        if (end == text.size())
            return lines;
        text.remove_prefix(end + 1);
    }
}

std::string wrapped_entry(std::string_view term, std::string_view description, std::size_t indent,
                          std::size_t columns) {
    constexpr std::size_t narrowest = 20;
    const std::size_t room = columns > indent + narrowest ? columns - indent : narrowest;
    std::string text(term);
    bool on_the_first = width_of(term) + 2 <= indent;
    if (!on_the_first)
        text += '\n';
    for (const std::string& line : wrap(description, room)) {
        text += on_the_first ? std::string(indent - width_of(term), ' ') : std::string(indent, ' ');
        text += line + '\n';
        on_the_first = false;
    }
    return text;
}

} // namespace replmond::terminal
