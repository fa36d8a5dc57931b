// `replmond task list`: reads every instance once, all at the same time, and prints a table or JSON.
// Where lag is measured, it is read as soon as an instance's list is.

#include "daemon/core/terminal/task_list.hpp"

#include "daemon/cli/cloud_session.hpp"
#include "daemon/cli/find_instances.hpp"
#include "daemon/cli/read_lag.hpp"
#include "daemon/cli/task_commands.hpp"
#include "daemon/core/terminal/task_table.hpp"
#include "daemon/core/terminal/text.hpp"
#include "daemon/core/web/json_objects.hpp"
#include "daemon/net/async.hpp"
#include "daemon/net/clocks.hpp"

#include <fmt/format.h>

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace replmond::cli {

namespace asio = boost::asio;

namespace {

struct read_instance {
    target_instance of;
    std::optional<std::string> trouble; ///< why it could not be read, or cannot be trusted
    std::optional<std::string> lag_trouble;
    instance_state state;
};

class lister {
public:
    lister(cloud_session& session, std::vector<target_instance> instances) : session_(session) {
        for (target_instance& one : instances) {
            read_instance& added = all_.emplace_back();
            added.state.identity = one.identity;
            added.of = std::move(one);
        }
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
        if (outcome.read) {
            for (auto& [name, reading] : outcome.read->tasks)
                one.state.tasks[name].reading = std::move(reading);
            one.lag_trouble = co_await read_lag(session_, one.of, one.state);
        }
        --left_;
        ended.cancel();
    }

    cloud_session& session_;
    std::vector<read_instance> all_;
    std::size_t left_ = 0;
};

// The tasks that were read, and where each lies. `instances` must stay as it is.
class task_list {
public:
    explicit task_list(const std::vector<read_instance>& instances) {
        context_.now = net::even_clock();
        for (const read_instance& one : instances) {
            for (const auto& [name, task] : one.state.tasks)
                add(one.state, task);
        }
        counts_ = terminal::count_tasks(tasks_);
    }

    void select(const terminal::list_filter& filter, terminal::list_order order) {
        terminal::select_tasks(tasks_, filter, order);
    }

    const std::vector<terminal::listed_task>& tasks() const { return tasks_; }
    const terminal::list_counts& counts() const { return counts_; } ///< before select()

    std::string json() const {
        std::string text = "[";
        for (const terminal::listed_task& one : tasks_) {
            const auto& [of, task] = places_[one.place];
            text += text.size() > 1 ? "," : "";
            web::append_task_object(text, *of, *task, context_);
        }
        return text + ']';
    }

private:
    void add(const instance_state& of, const task_state& task) {
        terminal::listed_task one;
        one.project = of.identity.project;
        one.instance = of.identity.name;
        one.task = task.reading;
        one.lag_is_measured = of.lag.has_value();
        one.lag = web::lag_of(of, task.reading.name, context_);
        if (one.lag)
            one.lag_exceeded = of.lag->tasks.at(task.reading.name).above_since.has_value();
        one.place = places_.size();
        places_.emplace_back(&of, &task);
        tasks_.push_back(std::move(one));
    }

    metrics::render_context context_;
    std::vector<terminal::listed_task> tasks_;
    std::vector<std::pair<const instance_state*, const task_state*>> places_;
    terminal::list_counts counts_;
};

void print(const task_list& list, const task_list_arguments& arguments, console& out) {
    if (arguments.output == output_form::json) {
        out.line(list.json());
        return;
    }
    terminal::table_style style = out.style();
    style.wide = arguments.wide;
    std::string table = terminal::task_table(list.tasks(), style);
    if (!table.empty()) {
        table.pop_back(); // line() adds the newline
        out.line(table);
    }
    out.footer(terminal::footer_words(list.counts(), list.tasks().size()));
}

// Filters leave out lines, and change nothing of what is true: so the exit code is that of all tasks that
// were read.
asio::awaitable<int> list(cloud_session& session, const task_list_arguments& arguments, console& out) {
    auto found = co_await find_instances(session, arguments.instance);
    lister reading(session, std::move(found.instances));
    const auto all = co_await reading.run();

    task_list tasks(all);
    tasks.select(arguments.filter, arguments.order);
    print(tasks, arguments, out);
    for (const std::string& trouble : found.trouble)
        out.error(trouble);
    bool complete = found.trouble.empty();
    for (const read_instance& one : all) {
        if (one.lag_trouble)
            out.error(*one.lag_trouble);
        if (!one.trouble)
            continue;
        complete = false;
        out.error(
            fmt::format("{} could not be read: {}", terminal::shown(one.of.identity.name), *one.trouble));
    }
    if (!complete)
        co_return 1;
    co_return tasks.counts().abnormal > 0 ? 2 : 0;
}

} // namespace

int list_tasks(const task_list_arguments& arguments) {
    console out(arguments.common, "replmond task list");
    return run_session(arguments.common, out,
                       [&](cloud_session& session) { return list(session, arguments, out); });
}

} // namespace replmond::cli
