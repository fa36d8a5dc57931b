// `replmond task create|pause|resume|delete`: the change is checked and sent once. If the cloud does not
// answer, reading the list shows whether it was done; it is never sent again for that.

#include "daemon/cli/task_change.hpp"

#include "daemon/cli/cloud_session.hpp"
#include "daemon/cli/find_instances.hpp"
#include "daemon/cli/flags.hpp"
#include "daemon/cli/follow_task.hpp"
#include "daemon/cli/task_commands.hpp"
#include "daemon/core/terminal/text.hpp"
#include "daemon/core/web/json_objects.hpp"
#include "daemon/net/clocks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <utility>

namespace replmond::cli {

namespace {

using kind = cloud::change_outcome::kind;

constexpr milliseconds first_wait = std::chrono::seconds(2);
constexpr milliseconds longest_wait = std::chrono::seconds(30);
constexpr milliseconds first_reconnect = std::chrono::milliseconds(500);
constexpr milliseconds longest_pause = std::chrono::minutes(5); // the limits that polls have for Retry-After
constexpr milliseconds shortest_pause = std::chrono::seconds(1);
constexpr int most_unsent = 3;
constexpr int most_doublings = 8;

std::string flag_of(std::string field) {
    std::replace(field.begin(), field.end(), '_', '-');
    return "--" + field;
}

checked_change check_order(const task_change_arguments& arguments) {
    checked_change checked;
    cloud::create_request::fields texts = arguments.order;
    texts.task_name = arguments.task_name;
    auto made = cloud::create_request::from(std::move(texts));
    if (auto* order = std::get_if<cloud::create_request>(&made)) {
        checked.subject = std::move(*order);
        return checked;
    }
    for (const cloud::field_mistake& mistake : std::get<std::vector<cloud::field_mistake>>(made))
        checked.mistakes.push_back(fmt::format("{}: {}, got \"{}\"", flag_of(mistake.field), mistake.allowed,
                                               terminal::shown(mistake.value)));
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
        return "; it may run already; look with replmond task list";
    case task_change::pause:
        return "; only a task that runs can be paused";
    case task_change::resume:
        return "; only a paused task can be resumed";
    case task_change::remove:
        break;
    }
    return "";
}

// Waits at least half of `most`, so that the busy instance has time to finish.
milliseconds spread(milliseconds most, double jitter) {
    const auto count = static_cast<double>(most.count());
    return milliseconds(static_cast<std::int64_t>(count / 2 + count / 2 * jitter));
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
                        terminal::shown(arguments.task_name)));
    return checked;
}

std::string refusal_words(task_change change, const std::string& instance, const std::string& task,
                          const cloud::change_outcome& outcome) {
    const std::string what =
        fmt::format("{} of {} on {}", word_of(change), terminal::shown(task), terminal::shown(instance));
    const std::string why = terminal::failure_text(outcome.why);
    if (outcome.how == kind::not_sent)
        return fmt::format("{}: nothing was sent: {}", what, why);
    if (outcome.how == kind::unknown)
        return fmt::format("{}: it is unknown whether it was done, and replmond does not send it again: {}; "
                           "look with replmond task list before you repeat it",
                           what, why);
    if (change == task_change::create && outcome.no_such_task())
        return fmt::format("{}: the cloud knows no such task: {}; create starts a task that has been defined "
                           "before: define it in the console, or with the API's database-config-check",
                           what, why);
    return fmt::format("{}: refused: {}{}", what, why, advice_for(change, outcome));
}

std::optional<milliseconds> again_after(const cloud::change_outcome& outcome, int attempts, double jitter) {
    if (outcome.busy())
        return spread(doubled(first_wait, attempts, longest_wait), jitter);
    if (outcome.how == kind::refused && outcome.why.result == poll_result::throttled &&
        outcome.why.retry_after)
        return std::clamp(*outcome.why.retry_after, shortest_pause, longest_pause);
    const bool reachable_later =
        outcome.how == kind::not_sent &&
        (outcome.why.result == poll_result::network || outcome.why.result == poll_result::timeout);
    if (reachable_later && attempts < most_unsent)
        return spread(doubled(first_reconnect, attempts, longest_wait), jitter);
    return std::nullopt;
}

namespace asio = boost::asio;

namespace {

using kind = cloud::change_outcome::kind;

constexpr int time_over = 3;

/// How far the command has come; decides what is printed after a signal.
enum class progress { before, sending, between, following };

terminal::task_goal goal_of(task_change change) {
    switch (change) {
    case task_change::pause:
        return terminal::task_goal::paused;
    case task_change::remove:
        return terminal::task_goal::gone;
    default:
        return terminal::task_goal::incremental;
    }
}

class changer {
public:
    changer(const task_change_arguments& arguments, change_subject subject, console& out)
        : arguments_(arguments), subject_(std::move(subject)), out_(out) {}

    asio::awaitable<int> run(cloud_session& session) {
        of_ = co_await find_instance(session, arguments_.instance);
        const auto began = session.up();
        const auto deadline = began + arguments_.timeout;
        const auto outcome = co_await send_until_taken(session, deadline);
        if (!outcome)
            co_return give_up_on_busy();
        if (outcome->how == kind::unknown && arguments_.follow)
            log(severity::warn, "change_unanswered",
                "replmond does not know whether it was done; the list will show it",
                terminal::failure_text(outcome->why));
        else if (!outcome->accepted()) {
            const std::string meant = co_await meant_task(session, *outcome);
            co_return refuse(*outcome, meant);
        }
        if (outcome->accepted())
            tell_accepted(*outcome);
        if (!arguments_.follow) {
            tell_json(*outcome, std::nullopt);
            co_return 0;
        }

        at_ = progress::following;
        follow_terms terms;
        terms.task_name = arguments_.task_name;
        terms.goal = goal_of(arguments_.change);
        terms.poll_interval = arguments_.poll_interval;
        terms.deadline = deadline;
        terms.quiet = arguments_.output == output_form::json;
        const auto followed = co_await follow(session, of_, terms, out_);
        tell_json(*outcome, followed);
        co_return terminal::exit_code_of(followed.verdict);
    }

    void interrupted() const {
        const std::string task = terminal::shown(arguments_.task_name);
        switch (at_) {
        case progress::before:
        case progress::between:
            out_.error(fmt::format("interrupted: {} of {} was not done", word_of(arguments_.change), task));
            break;
        case progress::sending:
            out_.error(fmt::format("interrupted while {} of {} was under way: it is unknown whether it was "
                                   "done; replmond task list shows how the task stands",
                                   word_of(arguments_.change), task));
            break;
        case progress::following:
            out_.error(fmt::format("interrupted: {} goes on as before; replmond task list shows how it "
                                   "stands",
                                   task));
        }
    }

private:
    // Returns nothing if the instance was busy until the deadline.
    asio::awaitable<std::optional<cloud::change_outcome>> send_until_taken(cloud_session& session,
                                                                           milliseconds deadline) {
        std::minstd_rand jitter{std::random_device()()};
        for (int attempts = 1;; ++attempts) {
            at_ = progress::sending;
            auto outcome = co_await send(session);
            at_ = progress::between;
            const auto wait =
                again_after(outcome, attempts, std::uniform_real_distribution<double>(0, 1)(jitter));
            if (outcome.accepted() || !wait)
                co_return outcome;
            last_refusal_ = outcome;
            const auto left = deadline - session.up();
            if (*wait >= left) {
                co_await session.rest(std::max(left, milliseconds(0)));
                co_return std::nullopt;
            }
            log(severity::warn, "change_deferred",
                fmt::format("the cloud did nothing yet; replmond tries again in {} s", to_seconds(*wait)),
                terminal::failure_text(outcome.why));
            co_await session.rest(*wait);
        }
    }

    asio::awaitable<cloud::change_outcome> send(cloud_session& session) {
        auto permits = session.permits(of_.identity.project);
        permits.set_subject(of_.identity.name, of_.identity.id);
        auto& commands = session.commands(of_.identity.project);
        const auto timeout = of_.request_timeout;
        const std::string& id = of_.identity.id;
        if (const auto* order = std::get_if<cloud::create_request>(&subject_)) {
            auto created = co_await commands.create(id, *order, permits, timeout);
            co_return created;
        }
        const auto& name = std::get<cloud::task_name>(subject_);
        if (arguments_.change == task_change::pause) {
            auto paused = co_await commands.pause(id, name, permits, timeout);
            co_return paused;
        }
        if (arguments_.change == task_change::resume) {
            auto resumed = co_await commands.resume(id, name, permits, timeout);
            co_return resumed;
        }
        auto removed = co_await commands.remove(id, name, permits, timeout);
        co_return removed;
    }

    int give_up_on_busy() {
        out_.error(fmt::format("{} of {} on {}: nothing was done within {}: {}", word_of(arguments_.change),
                               terminal::shown(arguments_.task_name), terminal::shown(of_.identity.name),
                               terminal::rough_duration(arguments_.timeout),
                               terminal::failure_text(last_refusal_.why)));
        tell_json(last_refusal_, std::nullopt);
        return time_over;
    }

    // For a name that the cloud does not know: `; did you mean …?`, from the list.
    asio::awaitable<std::string> meant_task(cloud_session& session, const cloud::change_outcome& outcome) {
        std::string meant;
        if (!outcome.no_such_task() || arguments_.change == task_change::create)
            co_return meant;
        tracking::reading_memory memory;
        const auto list = co_await session.read(of_, {}, memory, retry_window_of_one_reading);
        std::vector<std::string> names;
        if (list.read) {
            for (const auto& [name, task] : list.read->tasks)
                names.push_back(name);
        }
        meant = did_you_mean(arguments_.task_name, names);
        co_return meant;
    }

    int refuse(const cloud::change_outcome& outcome, const std::string& meant) {
        const std::string words =
            refusal_words(arguments_.change, of_.identity.name, arguments_.task_name, outcome);
        if (meant.empty())
            out_.error(words);
        else
            out_.mistake(words + meant);
        tell_json(outcome, std::nullopt);
        return 1;
    }

    // create prints its job's id, for scripts. The jobs of the other operations are not documented reliably
    // (API.md, section 3).
    void tell_accepted(const cloud::change_outcome& outcome) {
        if (arguments_.output == output_form::json)
            return;
        if (arguments_.change != task_change::create) {
            out_.line(fmt::format("{}: {} accepted", terminal::shown(arguments_.task_name),
                                  word_of(arguments_.change)));
            return;
        }
        if (outcome.job_id)
            out_.line(terminal::shown(*outcome.job_id));
        else
            out_.error("create was accepted, but the answer names no job");
    }

    void tell_json(const cloud::change_outcome& outcome, const std::optional<followed>& end) {
        if (arguments_.output != output_form::json)
            return;
        std::string text;
        {
            web::json_object object(text);
            object.text("project", of_.identity.project)
                .text("starrocks_instance", of_.identity.name)
                .text("instance_id", of_.identity.id)
                .text("task", arguments_.task_name)
                .text("operation", word_of(arguments_.change))
                .text("outcome", outcome_word(outcome.how))
                .text("job_id", outcome.job_id);
            if (!outcome.accepted())
                add_failure(object, outcome.why);
            if (end)
                add_end(object, *end);
        }
        out_.line(text);
    }

    static const char* outcome_word(kind how) {
        switch (how) {
        case kind::accepted:
            return "accepted";
        case kind::refused:
            return "refused";
        case kind::not_sent:
            return "not_sent";
        case kind::unknown:
            break;
        }
        return "unknown";
    }

    static void add_failure(web::json_object& object, const failure& why) {
        if (why.http_status != 0)
            object.count("http_status", static_cast<std::uint64_t>(why.http_status));
        object.text("error_code", why.error_code.empty() ? std::nullopt : std::optional(why.error_code))
            .text("error_msg", why.error_msg.empty() ? std::nullopt : std::optional(why.error_msg));
    }

    static void add_end(web::json_object& object, const followed& end) {
        object.text("verdict", verdict_word(end.verdict));
        if (end.last) {
            object.text("stage", to_string(end.last->stage)).percentage("percentage", end.last->percentage);
            if (end.last->status)
                object.text("status", to_string(*end.last->status));
        }
        object.number("seconds", to_seconds(end.took));
    }

    void log(severity level, event_name name, std::string message, const std::string& why) {
        event e = make_event(name, level, net::wall_clock(), std::move(message), of_.identity.project,
                             of_.identity.name, arguments_.task_name);
        out_.log(e.with("operation", word_of(arguments_.change)).with("error", why));
    }

    const task_change_arguments& arguments_;
    change_subject subject_;
    console& out_;
    target_instance of_;
    cloud::change_outcome last_refusal_;
    progress at_ = progress::before;
};

} // namespace

int change_task(const task_change_arguments& arguments) {
    console out(arguments.common, std::string("replmond task ") + word_of(arguments.change));
    changer work(arguments, check_change(arguments).subject.value(), out);
    return run_session(
        arguments.common, out, [&](cloud_session& session) { return work.run(session); },
        [&] { work.interrupted(); });
}

} // namespace replmond::cli
