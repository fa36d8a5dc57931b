#include "daemon/cli/service_status.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

namespace replmond::cli {
namespace {

constexpr std::size_t most_names = 3;

// ": a, b, c and 4 more"
std::string listed(std::vector<std::string> names) {
    const std::size_t shown = std::min(names.size(), most_names);
    std::partial_sort(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(shown), names.end());
    std::string text;
    for (std::size_t i = 0; i < shown; ++i)
        text += (i == 0 ? ": " : ", ") + names[i];
    if (names.size() > shown)
        text += fmt::format(" and {} more", names.size() - shown);
    return text;
}

std::string counted(std::size_t instances) {
    return fmt::format("{} instance{}", instances, instances == 1 ? "" : "s");
}

} // namespace

std::string service_status(const service_facts& of) {
    std::string text =
        of.instances == 0 ? "watching nothing: no instances are known" : "watching " + counted(of.instances);
    if (of.instances > 0 && of.first_polls_left > 0)
        text = fmt::format("first round: {} of {} polled",
                           of.instances - std::min(of.instances, of.first_polls_left), counted(of.instances));
    if (!of.failing.empty())
        text += fmt::format("; {} failing{}", of.failing.size(), listed(of.failing));
    if (!of.overdue.empty())
        text += fmt::format("; {} overdue{}", of.overdue.size(), listed(of.overdue));
    if (of.reload_refused)
        text += "; the new configuration was refused";
    return text;
}

} // namespace replmond::cli
