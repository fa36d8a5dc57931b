#pragma once

#include "daemon/core/model/condition.hpp"
#include "daemon/core/model/event.hpp"
#include "daemon/core/model/failure.hpp"
#include "daemon/core/model/instance.hpp"
#include "daemon/core/model/task.hpp"
#include "daemon/core/model/time.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace replmond::web {

// The queries of the API and the status page. An empty member of a query means that it does not filter. The
// parse functions return an error text for the client if a value is wrong, or a parameter is not known or
// given twice.

/// The query of /api/v1/events (the contract, HTTP).
struct event_filter {
    std::optional<timestamp> since;
    std::string instance; ///< name or id
    std::string task;
    severity level = severity::debug; ///< the least severity
    std::size_t limit = 100;          ///< 1..1000

    /// `instance_id`: the id of the event's instance, which the event itself does not have.
    bool admits(const event& e, std::string_view instance_id) const;
};

/// Parses `?limit=&since=&instance=&task=&level=`. `since`: RFC 3339 or Unix seconds.
std::variant<event_filter, std::string> parse_event_filter(std::string_view target);

enum class instance_order { instance, severity };

/// The query of /api/v1/instances.
struct instance_query {
    std::string project;
    std::string instance; ///< name or id
    std::optional<poll_result> result;
    instance_order order = instance_order::instance;
    std::optional<std::size_t> limit; ///< 1..100000; empty: all
    std::size_t offset = 0;
};

/// Parses the parameters of /api/v1/instances. They have the names of the members, but `order` is `sort`.
std::variant<instance_query, std::string> parse_instance_query(std::string_view target);

/// True if the instance fits the filters.
bool admits(const instance_query& query, const instance_state& of);

/// What a list of tasks is sorted by. `severity`: the order of task_severity.
enum class task_order { severity, instance, task, stage, percentage, status, stage_changed, lag };

enum class status_filter { any, yes, no, unknown };

/// The query of /api/v1/tasks.
struct task_query {
    std::string project;
    std::string instance; ///< name or id
    std::string task;     ///< the whole name of a task
    /// A part of the name of the task, a database or the instance; ASCII case-insensitive.
    std::string search;
    status_filter status = status_filter::any;
    std::optional<replmond::stage> stage;
    std::optional<bool> needs_repair;
    std::optional<bool> stale;
    std::optional<bool> wrong; ///< whether it has any condition
    std::optional<replmond::condition> condition;
    task_order order = task_order::instance; ///< tasks that are equal by it are in the order of the fleet
    bool descending = false;
    std::optional<std::size_t> limit; ///< 1..100000; empty: all
    std::size_t offset = 0;           ///< 0..100000000

    bool operator==(const task_query&) const = default;
};

/// The query of the status page. By default it shows one page of tasks, the most severe first, and the latest
/// warnings and errors.
struct page_query {
    task_query tasks;
    std::size_t instances_offset = 0;
    bool all_events = false;

    page_query();
    bool operator==(const page_query&) const = default;
};

/// Parses the parameters of /api/v1/tasks. They have the names of the members, but `order` is `sort`, with
/// `-` before the word for descending order.
std::variant<task_query, std::string> parse_task_query(std::string_view target);

/// Parses the parameters of the status page: those of /api/v1/tasks, with a limit of at most 1000,
/// `instances_offset`, and `events=all`. Unknown parameters are ignored.
std::variant<page_query, std::string> parse_page_query(std::string_view target);

/// The names and values of the parameters that give this query, not encoded; default values are left out.
std::vector<std::pair<std::string_view, std::string>> parameters_of(const page_query& query);

/// The link from the status page to itself with this query: `?a=b&c=d`, or `./` if there are no parameters.
std::string link_to(const page_query& query);

/// The value of the parameter `sort`.
std::string_view to_string(task_order order);

/// The value of the parameter `condition`: the words of replmond::condition with `_` for blanks.
std::string parameter_word(condition value);

/// The query of the page of one task, `?project=&starrocks_instance=&task=` (the contract, HTTP).
struct one_task_query {
    std::string project; ///< empty: any, since the names of instances are unique
    std::string starrocks_instance;
    std::string task;
};

/// Parses the parameters of /task. Unknown parameters are ignored; `starrocks_instance` and `task` must be
/// there.
std::variant<one_task_query, std::string> parse_one_task_query(std::string_view target);

/// The relative link to the page of a task.
std::string link_to_task(std::string_view project, std::string_view instance, std::string_view task);

} // namespace replmond::web
