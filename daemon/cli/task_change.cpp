#include "daemon/cli/change_words.hpp"
#include "daemon/cli/failure_text.hpp"
#include "daemon/cli/find_instances.hpp"
#include "daemon/cli/follow_task.hpp"
#include "daemon/cli/task_commands.hpp"
#include "daemon/cli/task_session.hpp"
#include "daemon/cli/terminal_text.hpp"
#include "daemon/export/json_object.hpp"
#include "daemon/monitor/clocks.hpp"

#include <fmt/format.h>

#include <random>
#include <utility>

namespace replmond::cli {

namespace asio = boost::asio;

namespace {

using kind = cloud::change_outcome::kind;

constexpr int time_over = 3;

/// How far it came: for what is said when a signal ends it.
enum class progress { before, sending, between, following };

task_goal goal_of(task_change change) {
    switch (change) {
    case task_change::pause:
        return task_goal::paused;
    case task_change::remove:
        return task_goal::gone;
    default:
        return task_goal::incremental;
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
            say(severity::warn, "change_unanswered", "nobody knows whether it was done: the list will tell",
                failure_text(outcome->why));
        else if (!outcome->accepted())
            co_return refuse(*outcome);
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
        co_return exit_code_of(followed.verdict);
    }

    void interrupted() const {
        const std::string task = shown(arguments_.task_name);
        switch (at_) {
        case progress::before:
        case progress::between:
            out_.error(fmt::format("interrupted: {} of {} was not done", word_of(arguments_.change), task));
            break;
        case progress::sending:
            out_.error(fmt::format("interrupted while {} of {} was under way: nobody knows whether it was "
                                   "done; replmond task list shows how the task stands",
                                   word_of(arguments_.change), task));
            break;
        case progress::following:
            out_.error(
                fmt::format("interrupted: {} is left alone and goes on; replmond task list shows how it "
                            "stands",
                            task));
        }
    }

private:
    // Nothing: the instance was busy until the time was over.
    asio::awaitable<std::optional<cloud::change_outcome>> send_until_taken(cloud_session& session,
                                                                           milliseconds deadline) {
        std::minstd_rand dice{std::random_device()()};
        for (int attempts = 1;; ++attempts) {
            at_ = progress::sending;
            auto outcome = co_await send(session);
            at_ = progress::between;
            const auto wait =
                again_after(outcome, attempts, std::uniform_real_distribution<double>(0, 1)(dice));
            if (outcome.accepted() || !wait)
                co_return outcome;
            last_refusal_ = outcome;
            const auto left = deadline - session.up();
            if (*wait >= left) {
                co_await session.rest(std::max(left, milliseconds(0)));
                co_return std::nullopt;
            }
            say(severity::warn, "change_deferred",
                fmt::format("nothing was done yet; it is tried again in {} s", to_seconds(*wait)),
                failure_text(outcome.why));
            co_await session.rest(*wait);
        }
    }

    asio::awaitable<cloud::change_outcome> send(cloud_session& session) {
        auto gate = session.gate(of_.identity.project);
        gate.about(of_.identity.name, of_.identity.id);
        auto& commands = session.commands(of_.identity.project);
        const auto timeout = of_.request_timeout;
        const std::string& id = of_.identity.id;
        if (const auto* order = std::get_if<cloud::create_order>(&subject_)) {
            auto created = co_await commands.create(id, *order, gate, timeout);
            co_return created;
        }
        const auto& name = std::get<cloud::task_name>(subject_);
        if (arguments_.change == task_change::pause) {
            auto paused = co_await commands.pause(id, name, gate, timeout);
            co_return paused;
        }
        if (arguments_.change == task_change::resume) {
            auto resumed = co_await commands.resume(id, name, gate, timeout);
            co_return resumed;
        }
        auto removed = co_await commands.remove(id, name, gate, timeout);
        co_return removed;
    }

    int give_up_on_busy() {
        out_.error(fmt::format("{} of {} on {}: nothing was done within {}: {}", word_of(arguments_.change),
                               shown(arguments_.task_name), shown(of_.identity.name),
                               rough_duration(arguments_.timeout), failure_text(last_refusal_.why)));
        tell_json(last_refusal_, std::nullopt);
        return time_over;
    }

    int refuse(const cloud::change_outcome& outcome) {
        out_.error(refusal_words(arguments_.change, of_.identity.name, arguments_.task_name, outcome));
        tell_json(outcome, std::nullopt);
        return 1;
    }

    // Create prints its job's id, for scripts. What the jobs of the others mean is not documented well.
    void tell_accepted(const cloud::change_outcome& outcome) {
        if (arguments_.output == output_form::json)
            return;
        if (arguments_.change != task_change::create) {
            out_.line(
                fmt::format("{}: {} accepted", shown(arguments_.task_name), word_of(arguments_.change)));
            return;
        }
        if (outcome.job_id)
            out_.line(shown(*outcome.job_id));
        else
            out_.error("create was accepted, but the answer names no job");
    }

    void tell_json(const cloud::change_outcome& outcome, const std::optional<followed>& end) {
        if (arguments_.output != output_form::json)
            return;
        std::string text;
        {
            exposition::json_object object(text);
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

    static void add_failure(exposition::json_object& object, const failure& why) {
        if (why.http_status != 0)
            object.count("http_status", static_cast<std::uint64_t>(why.http_status));
        object.text("error_code", why.error_code.empty() ? std::nullopt : std::optional(why.error_code))
            .text("error_msg", why.error_msg.empty() ? std::nullopt : std::optional(why.error_msg));
    }

    static void add_end(exposition::json_object& object, const followed& end) {
        object.text("verdict", verdict_word(end.verdict));
        if (end.last) {
            object.text("stage", to_string(end.last->stage)).percentage("percentage", end.last->percentage);
            if (end.last->status)
                object.text("status", to_string(*end.last->status));
        }
        object.number("seconds", to_seconds(end.took));
    }

    void say(severity level, const char* name, std::string message, const std::string& why) {
        event e;
        e.name = name;
        e.level = level;
        e.time = monitor::wall_clock();
        e.message = std::move(message);
        e.project = of_.identity.project;
        e.starrocks_instance = of_.identity.name;
        e.task = arguments_.task_name;
        out_.say(e.with("operation", word_of(arguments_.change)).with("error", why));
    }

    const task_change_arguments& arguments_;
    change_subject subject_;
    console& out_;
    steered_instance of_;
    cloud::change_outcome last_refusal_;
    progress at_ = progress::before;
};

} // namespace

int change_task(const task_change_arguments& arguments) {
    console out(arguments.common);
    changer work(arguments, check_change(arguments).subject.value(), out);
    return run_session(
        arguments.common, out, [&](cloud_session& session) { return work.run(session); },
        [&] { work.interrupted(); });
}

} // namespace replmond::cli
