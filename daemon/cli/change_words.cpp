#include "daemon/cli/change_words.hpp"

#include "daemon/cli/failure_text.hpp"
#include "daemon/cli/terminal_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace replmond::cli {
namespace {

using kind = cloud::change_outcome::kind;

constexpr milliseconds first_wait = std::chrono::seconds(2);
constexpr milliseconds longest_wait = std::chrono::seconds(30);
constexpr milliseconds first_reconnect = std::chrono::milliseconds(500);
constexpr milliseconds longest_pause = std::chrono::minutes(5); // as a poll takes Retry-After
constexpr milliseconds shortest_pause = std::chrono::seconds(1);
constexpr int most_unsent = 3;
constexpr int most_doublings = 8;

std::string flag_of(std::string field) {
    std::replace(field.begin(), field.end(), '_', '-');
    return "--" + field;
}

checked_change check_order(const task_change_arguments& arguments) {
    checked_change checked;
    cloud::create_order::fields texts = arguments.order;
    texts.task_name = arguments.task_name;
    auto made = cloud::create_order::from(std::move(texts));
    if (auto* order = std::get_if<cloud::create_order>(&made)) {
        checked.subject = std::move(*order);
        return checked;
    }
    for (const cloud::order_mistake& mistake : std::get<std::vector<cloud::order_mistake>>(made))
        checked.mistakes.push_back(
            fmt::format("{}: {}, got \"{}\"", flag_of(mistake.field), mistake.allowed, shown(mistake.value)));
    return checked;
}

std::string advice_for(task_change change, const cloud::change_outcome& outcome) {
    if (change == task_change::create && outcome.why.error_code == "DBS.280001")
        return "; the databases must be those that the task is defined for";
    if (outcome.no_such_task())
        return "; replmond task list shows those that there are";
    if (!outcome.wrong_state())
        return "";
    switch (change) {
    case task_change::create:
        return "; it may run already: replmond task list says";
    case task_change::pause:
        return "; only a task that runs can be paused";
    case task_change::resume:
        return "; only a paused task can be resumed";
    case task_change::remove:
        break;
    }
    return "";
}

// Half of it at least: the point of waiting is that something else gets done.
milliseconds spread(milliseconds most, double dice) {
    const auto count = static_cast<double>(most.count());
    return milliseconds(static_cast<std::int64_t>(count / 2 + count / 2 * dice));
}

milliseconds doubled(milliseconds first, int attempts, milliseconds longest) {
    return std::min(first * (1 << std::min(attempts - 1, most_doublings)), longest);
}

} // namespace

const char* word_of(task_change change) {
    switch (change) {
    case task_change::create:
        return "create";
    case task_change::pause:
        return "pause";
    case task_change::resume:
        return "resume";
    case task_change::remove:
        break;
    }
    return "delete";
}

checked_change check_change(const task_change_arguments& arguments) {
    if (arguments.change == task_change::create)
        return check_order(arguments);
    checked_change checked;
    auto name = cloud::task_name::from(arguments.task_name);
    if (name)
        checked.subject = std::move(*name);
    else
        checked.mistakes.emplace_back(
            "--task-name: expected a name that is not empty, in UTF-8; it has to be the task's name exactly");
    if (arguments.change == task_change::remove && !arguments.yes)
        checked.mistakes.push_back(
            fmt::format("delete takes the task {} off the instance for good; nothing is sent without --yes",
                        shown(arguments.task_name)));
    return checked;
}

std::string refusal_words(task_change change, const std::string& instance, const std::string& task,
                          const cloud::change_outcome& outcome) {
    const std::string what = fmt::format("{} of {} on {}", word_of(change), shown(task), shown(instance));
    const std::string why = failure_text(outcome.why);
    if (outcome.how == kind::not_sent)
        return fmt::format("{}: nothing was sent: {}", what, why);
    if (outcome.how == kind::unknown)
        return fmt::format(
            "{}: nobody knows whether it was done, and it is not sent again by itself: {}; look "
            "with replmond task list before you repeat it",
            what, why);
    if (change == task_change::create && outcome.no_such_task())
        return fmt::format("{}: the cloud knows no such task: {}; create starts a task that has been defined "
                           "before: define it in the console, or with the API's database-config-check",
                           what, why);
    return fmt::format("{}: refused: {}{}", what, why, advice_for(change, outcome));
}

std::optional<milliseconds> again_after(const cloud::change_outcome& outcome, int attempts, double dice) {
    if (outcome.busy())
        return spread(doubled(first_wait, attempts, longest_wait), dice);
    if (outcome.how == kind::refused && outcome.why.result == poll_result::throttled &&
        outcome.why.retry_after)
        return std::clamp(*outcome.why.retry_after, shortest_pause, longest_pause);
    const bool reachable_later =
        outcome.how == kind::not_sent &&
        (outcome.why.result == poll_result::network || outcome.why.result == poll_result::timeout);
    if (reachable_later && attempts < most_unsent)
        return spread(doubled(first_reconnect, attempts, longest_wait), dice);
    return std::nullopt;
}

} // namespace replmond::cli
