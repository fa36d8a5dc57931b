// Cuts the names of a table's column in one way for all, chosen so that they stay different.

#include "daemon/core/terminal/cut_names.hpp"

#include "daemon/core/terminal/text.hpp"

#include <algorithm>
#include <set>

namespace replmond::terminal {

namespace {

bool begins_a_character(char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
}

// The longest end of `text` of at most so many columns.
std::string_view end_of(std::string_view text, std::size_t columns) {
    std::size_t best = text.size();
    for (std::size_t at = text.size(); at > 0;) {
        --at;
        if (!begins_a_character(text[at]))
            continue;
        if (width_of(text.substr(at)) > columns)
            break;
        best = at;
    }
    return text.substr(best);
}

std::vector<std::string> cut_all(const std::vector<std::string>& names, std::size_t columns,
                                 std::size_t tail) {
    std::vector<std::string> cut;
    cut.reserve(names.size());
    for (const std::string& name : names)
        cut.push_back(cut_before_the_end(name, columns, tail));
    return cut;
}

std::size_t different(const std::vector<std::string>& names) {
    return std::set<std::string_view>(names.begin(), names.end()).size();
}

} // namespace

std::string cut_before_the_end(std::string_view text, std::size_t columns, std::size_t tail) {
    if (width_of(text) <= columns)
        return std::string(text);
    if (columns < 3)
        return cut_to_width(text, columns);
    const std::string_view end = end_of(text, std::min(tail, columns - 1));
    std::string cut = cut_to_width(text, columns - width_of(end));
    return cut.append(end);
}

std::vector<std::string> cut_names(const std::vector<std::string>& names, std::size_t columns) {
    const std::size_t wanted = different(names);
    std::vector<std::string> best;
    std::size_t most = 0;
    const std::size_t room = columns > 0 ? columns - 1 : 0; // beside the ellipsis
    for (const std::size_t tail : {room / 2, room / 4, room * 3 / 4, std::size_t{0}, room}) {
        auto cut = cut_all(names, columns, tail);
        const std::size_t left = different(cut);
        if (best.empty() || left > most) {
            best = std::move(cut);
            most = left;
        }
        if (most == wanted)
            break;
    }
    return best;
}

} // namespace replmond::terminal
