#include "daemon/export/api_answers.hpp"

#include "daemon/export/event_line.hpp"
#include "daemon/export/json_object.hpp"

namespace replmond::exposition {
namespace {

constexpr std::size_t bytes_of_a_task = 512; // a guess that saves growing step by step

const std::string success = R"({"status":"success","data":)";

template<class Items, class Append>
void append_array(std::string& json, const Items& items, Append append) {
    json += '[';
    bool first = true;
    for (const auto& item : items) {
        json += first ? "" : ",\n";
        first = false;
        append(item);
    }
    json += ']';
}

template<class Query>
void end(std::string& json, const Query& query, std::size_t total) {
    if (query.limit || query.offset != 0)
        json += ",\"total\":" + std::to_string(total);
    json += "}\n";
}

} // namespace

std::string error_answer(std::string_view what_is_wrong) {
    std::string json;
    json_object(json).text("status", "error").text("error", what_is_wrong);
    return json + '\n';
}

std::string tasks_answer(const fleet_view& fleet, const task_query& query) {
    const task_selection selection = select_tasks(fleet, query);
    std::string json = success;
    json.reserve(selection.tasks.size() * bytes_of_a_task);
    append_array(json, selection.tasks, [&](const listed_task& each) {
        append_task_object(json, *each.of, *each.task, fleet.context);
    });
    end(json, query, selection.total);
    return json;
}

std::string instances_answer(const fleet_view& fleet, const instance_query& query) {
    const instance_selection selection = select_instances(survey(fleet), query);
    std::string json = success;
    append_array(json, selection.instances,
                 [&](const listed_instance& each) { append_instance_object(json, *each.of, each.totals); });
    end(json, query, selection.total);
    return json;
}

std::string events_answer(const std::vector<const event*>& events) {
    std::string json = success;
    append_array(json, events, [&json](const event* each) { json += to_json(*each); });
    return json + "}\n";
}

fleet_totals add_up(const std::vector<listed_instance>& instances) {
    fleet_totals sum;
    for (const listed_instance& each : instances) {
        const auto& result = each.of->last_result;
        ++sum.instances;
        sum.failing += result && *result != poll_result::success ? 1U : 0U;
        sum.not_polled += result ? 0U : 1U;
        sum.tasks += each.of->tasks.size();
        for (std::size_t i = 0; i < stage_count; ++i)
            sum.of_tasks.stages[i] += each.totals.stages[i];
        sum.of_tasks.abnormal += each.totals.abnormal;
        sum.of_tasks.needs_repair += each.totals.needs_repair;
        sum.of_tasks.stale += each.totals.stale;
    }
    return sum;
}

std::string summary_answer(const fleet_totals& totals) {
    std::string json = success;
    {
        json_object data(json);
        data.count("instances", totals.instances)
            .count("failing", totals.failing)
            .count("not_polled", totals.not_polled)
            .count("tasks", totals.tasks);
        append_totals(json, data, totals.of_tasks);
    }
    return json + "}\n";
}

} // namespace replmond::exposition
