// `replmond task show`: what the list and the configuration API report of one task.

#include "daemon/cli/cloud_session.hpp"
#include "daemon/cli/find_instances.hpp"
#include "daemon/cli/flags.hpp"
#include "daemon/cli/read_lag.hpp"
#include "daemon/cli/task_commands.hpp"
#include "daemon/core/terminal/task_details.hpp"
#include "daemon/core/terminal/text.hpp"
#include "daemon/net/clocks.hpp"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace replmond::cli {

namespace asio = boost::asio;

namespace {

void print(const terminal::shown_task& task, const task_show_arguments& arguments, console& out) {
    if (arguments.output == output_form::json) {
        out.line(terminal::describe_as_json(arguments.task_name, task, net::even_clock()));
        return;
    }
    std::string text = describe(arguments.task_name, task);
    text.pop_back(); // line() adds the newline
    out.line(text);
}

std::string no_such_task(const std::string& instance, const std::string& name,
                         const std::map<std::string, task_reading>& tasks) {
    std::vector<std::string> names;
    for (const auto& [each, reading] : tasks)
        names.push_back(each);
    const std::string meant = did_you_mean(name, names);
    return fmt::format("{} has no task {}{}", instance, terminal::shown(name),
                       meant.empty() ? "; replmond task list shows those that there are" : meant);
}

// The lag of the task alone. A temporary task has none of its own.
asio::awaitable<std::optional<task_lag>> lag_of(cloud_session& session, const target_instance& of,
                                                task_reading listed, console& out) {
    instance_state state;
    state.identity = of.identity;
    const std::string name = listed.name;
    state.tasks[name].reading = std::move(listed);
    const auto trouble = co_await read_lag(session, of, state);
    if (trouble)
        out.error(*trouble);
    std::optional<task_lag> lag;
    if (state.lag) {
        const auto found = state.lag->tasks.find(name);
        if (found != state.lag->tasks.end())
            lag = found->second;
    }
    co_return lag;
}

asio::awaitable<int> show(cloud_session& session, const task_show_arguments& arguments, cloud::task_name name,
                          console& out) {
    const auto of = co_await find_instance(session, arguments.instance);
    const std::string where = terminal::shown(of.identity.name);
    tracking::reading_memory memory;
    auto outcome = co_await session.read(of, {}, memory, retry_window_of_one_reading);
    auto permits = session.permits(of.identity.project);
    permits.set_subject(of.identity.name, of.identity.id);
    auto& commands = session.commands(of.identity.project);
    auto details = co_await commands.details(of.identity.id, name, permits, of.request_timeout);

    terminal::shown_task task;
    task.instance = of.identity;
    if (outcome.read) {
        if (const auto listed = outcome.read->tasks.find(name.text()); listed != outcome.read->tasks.end())
            task.listed = listed->second;
    }
    if (task.listed)
        task.lag = co_await lag_of(session, of, *task.listed, out);
    if (details)
        task.details = *details;
    if (task.listed || task.details)
        print(task, arguments, out);
    if (outcome.read && !task.listed) {
        out.mistake(no_such_task(where, name.text(), outcome.read->tasks));
        co_return 1;
    }
    if (!outcome.read)
        out.error(
            fmt::format("{} could not be read: {}", where, terminal::failure_text(outcome.read.error())));
    if (!details)
        out.error(
            fmt::format("the configuration could not be read: {}", terminal::failure_text(details.error())));
    co_return outcome.read&& details ? 0 : 1;
}

} // namespace

int show_task(const task_show_arguments& arguments) {
    console out(arguments.common, "replmond task show");
    const auto name = cloud::task_name::from(arguments.task_name).value();
    return run_session(arguments.common, out,
                       [&](cloud_session& session) { return show(session, arguments, name, out); });
}

} // namespace replmond::cli
