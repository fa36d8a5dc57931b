// The parameters of the status page and the API, and their allowed values (the contract, HTTP; docs/api.md).

#include "daemon/core/web/queries.hpp"

#include "daemon/core/model/task_severity.hpp"
#include "daemon/core/model/text.hpp"
#include "daemon/core/web/query_string.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace replmond::web {

namespace {

constexpr std::size_t most_events = 1'000;
constexpr std::array levels = {severity::info, severity::warn, severity::error};

constexpr std::array event_parameters = {
    parameter<event_filter>{"limit",
                            [](event_filter& into, std::string_view value) {
                                return read_whole_number(into.limit, value, 1, most_events);
                            }},
    parameter<event_filter>{"since",
                            [](event_filter& into, std::string_view value) -> std::string {
                                into.since = parse_moment(value);
                                return into.since ? ""
                                                  : "expected a time such as 2026-11-22T01:24:35Z, or Unix "
                                                    "seconds";
                            }},
    parameter<event_filter>{"instance",
                            [](event_filter& into, std::string_view value) {
                                into.instance = value;
                                return std::string();
                            }},
    parameter<event_filter>{"task",
                            [](event_filter& into, std::string_view value) {
                                into.task = value;
                                return std::string();
                            }},
    parameter<event_filter>{"level",
                            [](event_filter& into, std::string_view value) -> std::string {
                                for (const severity each : levels) {
                                    if (to_lower_ascii(to_string(each)) == value) {
                                        into.level = each;
                                        return "";
                                    }
                                }
                                return "expected info, warn or error: the least level";
                            }},
};

} // namespace

bool event_filter::admits(const event& e, std::string_view instance_id) const {
    return e.level >= level && (!since || e.time >= *since) &&
           (instance.empty() || e.starrocks_instance == instance || instance_id == instance) &&
           (task.empty() || e.task == task);
}

std::variant<event_filter, std::string> parse_event_filter(std::string_view target) {
    return read_query<event_filter>(target, event_parameters);
}

namespace {

std::string read_result(instance_query& into, std::string_view value) {
    std::string words;
    for (const poll_result each : all_poll_results) {
        if (value == to_string(each))
            into.result = each;
        words += fmt::format("{}{}", words.empty() ? "" : ", ", to_string(each));
    }
    return into.result || value.empty() ? "" : "expected one of " + words;
}

std::string read_order(instance_query& into, std::string_view value) {
    if (value == "severity")
        into.order = instance_order::severity;
    else if (!value.empty() && value != "instance")
        return "expected severity or instance";
    return {};
}

template<std::string instance_query::*Member>
std::string read_text(instance_query& into, std::string_view value) {
    into.*Member = value;
    return {};
}

constexpr std::array instance_parameters = {
    parameter<instance_query>{"instance", read_text<&instance_query::instance>},
    parameter<instance_query>{"project", read_text<&instance_query::project>},
    parameter<instance_query>{"result", read_result},
    parameter<instance_query>{"sort", read_order},
    parameter<instance_query>{"limit",
                              [](instance_query& into, std::string_view value) {
                                  return read_whole_number(into.limit.emplace(), value, 1, 100'000);
                              }},
    parameter<instance_query>{"offset",
                              [](instance_query& into, std::string_view value) {
                                  return read_whole_number(into.offset, value, 0, 100'000'000);
                              }},
};

} // namespace

std::variant<instance_query, std::string> parse_instance_query(std::string_view target) {
    return read_query<instance_query>(target, instance_parameters);
}

bool admits(const instance_query& query, const instance_state& of) {
    return (query.project.empty() || of.identity.project == query.project) &&
           (query.instance.empty() || of.identity.name == query.instance ||
            of.identity.id == query.instance) &&
           (!query.result || of.last_result == query.result);
}

namespace {

constexpr std::size_t most_tasks = 100'000;
constexpr std::size_t largest_offset = 100'000'000;
constexpr std::size_t tasks_on_a_page = 100;
constexpr std::size_t most_tasks_on_a_page = 1'000; // a row is a kilobyte of markup

constexpr std::array<std::string_view, 8> orders = {"severity",   "instance", "task",          "stage",
                                                    "percentage", "status",   "stage_changed", "lag"};
constexpr auto statuses = std::to_array<std::string_view>({"", "yes", "no", "unknown"});

std::string read_flag(std::optional<bool>& into, std::string_view value) {
    if (value == "true" || value == "false")
        into = value == "true";
    else if (!value.empty())
        return "expected true or false";
    return {};
}

std::string read_status(task_query& into, std::string_view value) {
    if (value.empty())
        return {};
    const auto word = parse_status_word(value);
    if (!word)
        return "expected normal, abnormal or unknown; yes and no work too";
    into.status = *word == status_word::normal     ? status_filter::yes
                  : *word == status_word::abnormal ? status_filter::no
                                                   : status_filter::unknown;
    return {};
}

std::string read_stage(task_query& into, std::string_view value) {
    const std::string word = to_lower_ascii(value);
    for (const stage each : all_stages) {
        if (word == to_string(each))
            into.stage = each;
    }
    if (into.stage || word.empty())
        return {};
    return "expected wait, full, incremental, paused, cancelled or unknown";
}

std::string read_condition(task_query& into, std::string_view value) {
    std::string words;
    for (const condition each : all_conditions) {
        if (value == parameter_word(each))
            into.condition = each;
        words += fmt::format("{}{}", words.empty() ? "" : ", ", parameter_word(each));
    }
    return into.condition ? "" : "expected one of " + words;
}

std::string read_order(task_query& into, std::string_view value) {
    if (value.empty())
        return {};
    into.descending = value.starts_with('-');
    const auto found = std::find(orders.begin(), orders.end(), value.substr(into.descending ? 1 : 0));
    if (found == orders.end())
        return fmt::format("expected {}; with - before it the other way round", fmt::join(orders, ", "));
    into.order = static_cast<task_order>(found - orders.begin());
    return {};
}

template<std::string task_query::*Member>
std::string read_text(task_query& into, std::string_view value) {
    into.*Member = value;
    return {};
}

std::string read_limit(task_query& into, std::string_view value) {
    return read_whole_number(into.limit.emplace(), value, 1, most_tasks);
}

std::string read_offset(std::size_t& into, std::string_view value) {
    return read_whole_number(into, value, 0, largest_offset);
}

constexpr std::array task_parameters = {
    parameter<task_query>{"instance", read_text<&task_query::instance>},
    parameter<task_query>{"status", read_status},
    parameter<task_query>{"stage", read_stage},
    parameter<task_query>{"needs_repair",
                          [](task_query& q, std::string_view v) { return read_flag(q.needs_repair, v); }},
    parameter<task_query>{"stale", [](task_query& q, std::string_view v) { return read_flag(q.stale, v); }},
    parameter<task_query>{"wrong", [](task_query& q, std::string_view v) { return read_flag(q.wrong, v); }},
    parameter<task_query>{"condition", read_condition},
    parameter<task_query>{"task", read_text<&task_query::task>},
    parameter<task_query>{"project", read_text<&task_query::project>},
    parameter<task_query>{"search", read_text<&task_query::search>},
    parameter<task_query>{"sort", read_order},
    parameter<task_query>{"limit", read_limit},
    parameter<task_query>{"offset",
                          [](task_query& q, std::string_view v) { return read_offset(q.offset, v); }},
};

// The I-th parameter of task_query as a parameter of the status page, which writes to page_query::tasks.
template<std::size_t I>
constexpr parameter<page_query> on_page() {
    return {task_parameters[I].name,
            [](page_query& q, std::string_view v) { return task_parameters[I].read(q.tasks, v); }};
}

std::string read_page_limit(page_query& into, std::string_view value) {
    return read_whole_number(into.tasks.limit.emplace(), value, 1, most_tasks_on_a_page);
}

std::string read_instances_offset(page_query& into, std::string_view value) {
    return read_offset(into.instances_offset, value);
}

std::string read_events(page_query& into, std::string_view value) {
    into.all_events = value == "all";
    return into.all_events ? "" : "expected all; without it warnings and errors";
}

// The page's own parameters come first, because the first of several with the same name (`limit`) is used.
template<std::size_t... I>
constexpr auto page_parameters_of(std::index_sequence<I...>) {
    return std::array{parameter<page_query>{"limit", read_page_limit},
                      parameter<page_query>{"instances_offset", read_instances_offset},
                      parameter<page_query>{"events", read_events}, on_page<I>()...};
}

constexpr auto page_parameters = page_parameters_of(std::make_index_sequence<task_parameters.size()>());

std::string word_of(const std::optional<bool>& flag) {
    return !flag ? "" : *flag ? "true" : "false";
}

} // namespace

page_query::page_query() {
    tasks.order = task_order::severity;
    tasks.limit = tasks_on_a_page;
}

std::string_view to_string(task_order order) {
    return orders[static_cast<std::size_t>(order)];
}

std::variant<task_query, std::string> parse_task_query(std::string_view target) {
    return read_query<task_query>(target, task_parameters);
}

std::variant<page_query, std::string> parse_page_query(std::string_view target) {
    return read_query<page_query>(target, page_parameters, unknown_parameters::ignored);
}

std::vector<std::pair<std::string_view, std::string>> parameters_of(const page_query& query) {
    static const page_query fresh;
    const task_query& tasks = query.tasks;
    std::vector<std::pair<std::string_view, std::string>> parameters;
    const auto add = [&parameters](std::string_view name, std::string value) {
        if (!value.empty())
            parameters.emplace_back(name, std::move(value));
    };
    add("search", tasks.search);
    add("project", tasks.project);
    add("instance", tasks.instance);
    add("task", tasks.task);
    add("status", std::string(statuses[static_cast<std::size_t>(tasks.status)]));
    add("stage", std::string(tasks.stage ? to_string(*tasks.stage) : ""));
    add("needs_repair", word_of(tasks.needs_repair));
    add("stale", word_of(tasks.stale));
    add("wrong", word_of(tasks.wrong));
    add("condition", tasks.condition ? parameter_word(*tasks.condition) : "");
    if (tasks.order != fresh.tasks.order || tasks.descending)
        add("sort", fmt::format("{}{}", tasks.descending ? "-" : "", to_string(tasks.order)));
    if (tasks.limit != fresh.tasks.limit)
        add("limit", std::to_string(*tasks.limit));
    if (tasks.offset != 0)
        add("offset", std::to_string(tasks.offset));
    if (query.instances_offset != 0)
        add("instances_offset", std::to_string(query.instances_offset));
    if (query.all_events)
        add("events", "all");
    return parameters;
}

std::string parameter_word(condition value) {
    std::string word(to_string(value));
    std::replace(word.begin(), word.end(), ' ', '_');
    return word;
}

namespace {

template<std::string one_task_query::*Member>
std::string read_name(one_task_query& into, std::string_view value) {
    into.*Member = value;
    return {};
}

constexpr std::array one_task_parameters = {
    parameter<one_task_query>{"project", read_name<&one_task_query::project>},
    parameter<one_task_query>{"starrocks_instance", read_name<&one_task_query::starrocks_instance>},
    parameter<one_task_query>{"task", read_name<&one_task_query::task>},
};

} // namespace

std::variant<one_task_query, std::string> parse_one_task_query(std::string_view target) {
    auto read = read_query<one_task_query>(target, one_task_parameters, unknown_parameters::ignored);
    if (const auto* query = std::get_if<one_task_query>(&read)) {
        if (query->starrocks_instance.empty() || query->task.empty())
            return "the parameters starrocks_instance and task are needed";
    }
    return read;
}

std::string link_to_task(std::string_view project, std::string_view instance, std::string_view task) {
    return fmt::format("./task?project={}&starrocks_instance={}&task={}", encode_query_value(project),
                       encode_query_value(instance), encode_query_value(task));
}

std::string link_to(const page_query& query) {
    std::string link;
    for (const auto& [name, value] : parameters_of(query)) {
        link += link.empty() ? '?' : '&';
        link.append(name).append("=").append(encode_query_value(value));
    }
    return link.empty() ? "./" : link;
}

} // namespace replmond::web
