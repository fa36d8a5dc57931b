#include "tests/support/fault_page.hpp"

#include <fmt/format.h>

#include <regex>
#include <string_view>

namespace replmond::testing {
namespace {

std::string begin_line(const std::string& test) {
    return "<!-- written by the test " + test + " -->\n";
}

constexpr std::string_view end_line = "<!-- end of what is written by the test -->\n";

} // namespace

std::string in_a_cell(const std::string& text) {
    static const std::regex port(R"((127\.0\.0\.1|localhost):\d+)");
    std::string cell;
    for (const char c : std::regex_replace(text, port, "HOST:PORT")) {
        if (c == '|' || c == '<')
            cell += '\\';
        cell += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
    return cell;
}

std::string fault_page(const std::vector<fault_outcome>& outcomes) {
    std::string table = "| what goes wrong | `result` | attempts | tasks kept | what the log says |\n"
                        "| --- | --- | --- | --- | --- |\n";
    for (const fault_outcome& o : outcomes)
        table += fmt::format("| {} | `{}` | {} | {} | {} |\n", in_a_cell(o.name), o.result, o.attempts,
                             o.tasks_kept, in_a_cell(o.said));
    return table;
}

std::string stored_table(const std::string& page, const std::string& test) {
    const auto begin = page.find(begin_line(test));
    const auto end = page.find(end_line, begin);
    if (begin == std::string::npos || end == std::string::npos)
        return "";
    const auto first = begin + begin_line(test).size();
    return page.substr(first, end - first);
}

std::string with_table(const std::string& page, const std::string& table, const std::string& test) {
    const auto begin = page.find(begin_line(test));
    const auto end = page.find(end_line, begin);
    if (begin == std::string::npos || end == std::string::npos)
        return page + begin_line(test) + table + std::string(end_line);
    return page.substr(0, begin + begin_line(test).size()) + table + page.substr(end);
}

} // namespace replmond::testing
