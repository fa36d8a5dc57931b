#include "daemon/monitor/schedule_events.hpp"

#include "daemon/model/number.hpp"

#include <fmt/format.h>

#include <cmath>

namespace replmond::monitor {
namespace {

double hundredths(double value) {
    return std::round(value * 100) / 100;
}

} // namespace

std::optional<event> stretch_event(std::string_view project, const schedule::stretch_change& change,
                                   timestamp now) {
    const auto& plan = change.plan;
    const bool is_over = plan.factor == 1;
    if (!change.is_news && !is_over)
        return std::nullopt;

    const std::string window = to_seconds(change.window) + "s";
    event e;
    e.name = "intervals_stretched";
    e.level = change.begins ? severity::warn : severity::info;
    e.time = now;
    e.project = project;
    if (is_over)
        e.message = fmt::format("polling fits the budget again: {} instances need {} requests in {}, 80 % of "
                                "{} are {}; their own intervals are in force",
                                change.instances, to_shortest(hundredths(plan.planned)), window, plan.allowed,
                                to_shortest(hundredths(0.8 * plan.allowed)));
    else
        e.message =
            fmt::format("polling does not fit the budget: {} instances need {} requests in {}, 80 % "
                        "of {} are {}; their intervals are stretched {} times",
                        change.instances, to_shortest(hundredths(plan.planned)), window, plan.allowed,
                        to_shortest(hundredths(0.8 * plan.allowed)), to_shortest(hundredths(plan.factor)));
    e.with("planned", decimal{to_shortest(hundredths(plan.planned))})
        .with("limit", plan.allowed)
        .with("window", decimal{to_seconds(change.window)})
        .with("instances", static_cast<std::int64_t>(change.instances))
        .with("stretch", decimal{to_shortest(hundredths(plan.factor))});
    return e;
}

} // namespace replmond::monitor
