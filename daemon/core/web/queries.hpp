#pragma once

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

/// Which events /api/v1/events is asked for. Empty: any.
struct event_filter {
    std::optional<timestamp> since;
    std::string instance; ///< name or id
    std::string task;
    std::size_t limit = 100; ///< 1..1000

    /// `instance_id`: of what the event is about.
    bool admits(const event& e, std::string_view instance_id) const;
};

/// Reads `?limit=&since=&instance=&task=`; a text for the caller where a value cannot be read, or
/// a parameter is not known or comes twice. `since`: RFC 3339 or Unix seconds.
std::variant<event_filter, std::string> parse_event_filter(std::string_view target);

enum class instance_order { instance, severity };

/// Which instances are asked for. Empty: any.
struct instance_query {
    std::string project;
    std::string instance; ///< name or id
    std::optional<poll_result> result;
    instance_order order = instance_order::instance;
    std::optional<std::size_t> limit; ///< 1..100000; empty: all
    std::size_t offset = 0;
};

/// Reads the parameters of /api/v1/instances, named as the members (order: `sort`).
std::variant<instance_query, std::string> parse_instance_query(std::string_view target);

/// Whether the instance fits the filters.
bool admits(const instance_query& query, const instance_state& of);

/// What a list of tasks can be sorted by; the first is what is looked at first: abnormal, needs repair,
/// stale, not known, cancelled or paused, on its way, incremental.
enum class task_order { severity, instance, task, stage, percentage, status, stage_changed };

enum class status_filter { any, yes, no, unknown };

/// Which tasks are asked for, and in which order. Empty: any.
struct task_query {
    std::string project;
    std::string instance; ///< name or id
    std::string search;   ///< part of the names of task, databases or instance; ASCII letters in any case
    status_filter status = status_filter::any;
    std::optional<replmond::stage> stage;
    std::optional<bool> needs_repair;
    std::optional<bool> stale;
    task_order order = task_order::instance; ///< then by project, instance and task
    bool descending = false;
    std::optional<std::size_t> limit; ///< 1..100000; empty: all
    std::size_t offset = 0;           ///< 0..100000000

    bool operator==(const task_query&) const = default;
};

/// As the status page reads it: of the tasks a page at a time, what needs a look first.
struct page_query {
    task_query tasks;
    std::size_t instances_offset = 0;

    page_query();
    bool operator==(const page_query&) const = default;
};

/// Reads the parameters of /api/v1/tasks, named as the members (order: `sort`, with `-` before it where it is
/// descending); a text for the caller where one is not known, comes twice or cannot be read.
std::variant<task_query, std::string> parse_task_query(std::string_view target);

/// The same for the status page, which has `instances_offset` besides and a limit of at most 1000, and
/// ignores what it does not know.
std::variant<page_query, std::string> parse_page_query(std::string_view target);

/// The parameters that make this query, not encoded, those with their default left out.
std::vector<std::pair<std::string_view, std::string>> parameters_of(const page_query& query);

/// `?a=b&c=d`, or `./` where there is none: a link from the page to itself.
std::string link_to(const page_query& query);

/// The word of `sort`.
std::string_view to_string(task_order order);

} // namespace replmond::web
