// `replmond task list`: reads every instance once, all at the same time, and prints a table or JSON.

#include "daemon/cli/cloud_session.hpp"
#include "daemon/cli/find_instances.hpp"
#include "daemon/cli/task_commands.hpp"
#include "daemon/core/terminal/task_table.hpp"
#include "daemon/core/terminal/text.hpp"
#include "daemon/core/web/json_objects.hpp"
#include "daemon/net/async.hpp"
#include "daemon/net/clocks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace replmond::cli {

namespace asio = boost::asio;

namespace {

struct read_instance {
    target_instance of;
    std::optional<std::string> trouble; ///< why it could not be read, or cannot be trusted
    std::map<std::string, task_reading> tasks;
};

class lister {
public:
    lister(cloud_session& session, std::vector<target_instance> instances) : session_(session) {
        for (target_instance& one : instances)
            all_.push_back({std::move(one), std::nullopt, {}});
    }

    // As many at the same time as the daemon would poll.
    asio::awaitable<std::vector<read_instance>> run() {
        auto executor = co_await asio::this_coro::executor;
        asio::steady_timer ended(executor, asio::steady_timer::time_point::max());
        left_ = all_.size();
        for (read_instance& one : all_)
            session_.group().spawn(read(one, ended));
        while (left_ > 0)
            co_await ended.async_wait(net::nothrow);
        co_return std::move(all_);
    }

private:
    asio::awaitable<void> read(read_instance& one, asio::steady_timer& ended) {
        tracking::reading_memory memory;
        auto outcome = co_await session_.read(one.of, {}, memory, retry_window_of_one_reading);
        if (!outcome.read)
            one.trouble = terminal::failure_text(outcome.read.error());
        else if (!outcome.read->consistent)
            one.trouble = "inconsistent: the pages of the list contradict each other";
        if (outcome.read)
            one.tasks = std::move(outcome.read->tasks);
        --left_;
        ended.cancel();
    }

    cloud_session& session_;
    std::vector<read_instance> all_;
    std::size_t left_ = 0;
};

std::string json_of(const std::vector<read_instance>& all) {
    metrics::render_context context;
    context.now = net::even_clock();
    std::string text = "[";
    for (const read_instance& one : all) {
        instance_state state;
        state.identity = one.of.identity;
        for (const auto& [name, reading] : one.tasks) {
            task_state task;
            task.reading = reading;
            text += text.size() > 1 ? "," : "";
            web::append_task_object(text, state, task, context);
        }
    }
    return text + ']';
}

std::string table_of(const std::vector<read_instance>& all, const console& out) {
    std::vector<terminal::listed_task> tasks;
    for (const read_instance& one : all) {
        for (const auto& [name, reading] : one.tasks)
            tasks.push_back({one.of.identity.name, reading});
    }
    std::string table = terminal::task_table(tasks, out.style());
    if (!table.empty())
        table.pop_back(); // line() adds the newline
    return table;
}

bool any_abnormal(const std::vector<read_instance>& all) {
    return std::any_of(all.begin(), all.end(), [](const read_instance& one) {
        return std::any_of(one.tasks.begin(), one.tasks.end(),
                           [](const auto& task) { return task.second.status == status::no; });
    });
}

asio::awaitable<int> list(cloud_session& session, const task_list_arguments& arguments, console& out) {
    auto found = co_await find_instances(session, arguments.instance);
    lister reading(session, std::move(found.instances));
    const auto all = co_await reading.run();

    if (arguments.output == output_form::json)
        out.line(json_of(all));
    else if (const std::string table = table_of(all, out); !table.empty())
        out.line(table);
    for (const std::string& trouble : found.trouble)
        out.error(trouble);
    bool complete = found.trouble.empty();
    for (const read_instance& one : all) {
        if (!one.trouble)
            continue;
        complete = false;
        out.error(
            fmt::format("{} could not be read: {}", terminal::shown(one.of.identity.name), *one.trouble));
    }
    if (!complete)
        co_return 1;
    co_return any_abnormal(all) ? 2 : 0;
}

} // namespace

int list_tasks(const task_list_arguments& arguments) {
    console out(arguments.common);
    return run_session(arguments.common, out,
                       [&](cloud_session& session) { return list(session, arguments, out); });
}

} // namespace replmond::cli
