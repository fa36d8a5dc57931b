#include "tests/simulator/replication_api.hpp"

#include "tests/simulator/errors.hpp"
#include "tests/simulator/parameters.hpp"
#include "tests/simulator/wire.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

namespace json = boost::json;
using replmond::testing::script;

namespace replmond::simulator {
namespace {

script parameter_error(std::string_view text) {
    return service_error(400, "DBS.280001", fmt::format("Parameter error: {}", text));
}

bool is_source_database(std::string_view text) {
    return is_name(text, 1024);
}

bool is_short_name(std::string_view text) {
    return is_name(text, 128);
}

// The first field of a create request's body that is missing or wrong; nothing where all is well.
const char* wrong_field(const json::object& body) {
    struct rule {
        const char* key;
        bool (*holds)(std::string_view);
    };
    constexpr std::array<rule, 4> rules{{{"source_instance_id", is_instance_id},
                                         {"source_database", is_source_database},
                                         {"target_database", is_short_name},
                                         {"task_name", is_short_name}}};
    for (const auto& [key, holds] : rules) {
        const auto value = text_member(body, key);
        if (!value || !holds(*value))
            return key;
    }
    return body.contains("source_node_id") && !text_member(body, "source_node_id") ? "source_node_id"
                                                                                   : nullptr;
}

// The code that each operation has for a task that is not there.
const char* no_such_task(operation wanted) {
    return wanted == operation::remove ? "DBS.05000091" : "DBS.270022";
}

// The job of a change that has been made, or the refusal of one that has not.
script end_of(change_result result, cloud& all, const instance_spec& instance, const call& now) {
    switch (result) {
    case change_result::done:
        break;
    case change_result::unknown_task:
        return service_error(400, no_such_task(now.target.wanted),
                             "The synchronization task does not exist.");
    case change_result::other_databases:
        return parameter_error("the task is defined for other databases.");
    case change_result::wrong_state:
        return service_error(400, "DBS.200086", "The status of the task does not allow this operation.");
    }
    const auto name = fmt::format("{}StarRocksDataReplication", name_of(now.target.wanted));
    const auto id = all.jobs.add(now.request_id, name, instance, now.target.project, now.at.now);
    return json_answer(200, {{"job_id", id}});
}

std::optional<script> refuse_busy(const instance_spec& instance) {
    if (!instance.quirks.busy)
        return std::nullopt;
    return service_error(409, *instance.quirks.busy,
                         "Another operation is being performed on the instance, or it is faulty.");
}

std::optional<json::value> total_of(const instance_spec& instance, std::size_t records, std::size_t on_page,
                                    std::uint64_t ordinal) {
    switch (instance.quirks.total) {
    case total_count::records:
        break;
    case total_count::page:
        return count_value(on_page, *instance.wire);
    case total_count::absent:
        return std::nullopt;
    case total_count::garbage:
        return json::value("many");
    case total_count::changing:
        return count_value(records + ordinal % 3, *instance.wire);
    }
    return count_value(records, *instance.wire);
}

std::optional<std::size_t> find_task(const std::vector<listed_task>& tasks, const std::string& name) {
    for (std::size_t at = 0; at < tasks.size(); ++at) {
        if (tasks[at].name == name)
            return at;
    }
    return std::nullopt;
}

} // namespace

script list_replications(cloud& all, const instance_spec& instance, const call& now) {
    const auto wanted = read_page(now.asked);
    if (const auto* refused = std::get_if<script>(&wanted))
        return *refused;
    auto [limit, offset] = std::get<page_request>(wanted);
    if (instance.quirks.ignore_offset)
        offset = 0;

    const std::uint64_t ordinal = all.list_requests[instance.id]++;
    auto tasks = all.tasks.list(instance, now.at.now);
    if (!tasks.empty() && instance.quirks.move_rows > 0) {
        const auto by = ordinal * static_cast<std::uint64_t>(instance.quirks.move_rows) % tasks.size();
        std::rotate(tasks.begin(), tasks.begin() + static_cast<std::ptrdiff_t>(by), tasks.end());
    }
    if (const auto again = instance.quirks.twice ? find_task(tasks, *instance.quirks.twice) : std::nullopt) {
        tasks.push_back(tasks[*again]);
        tasks.back().raw["status"] = "Yes";
    }
    limit = std::min(limit, instance.max_page.value_or(limit));
    if (offset > 0 && offset >= tasks.size() && instance.beyond == beyond_the_end::error)
        return parameter_error("offset.");
    auto first = std::min(offset, tasks.size());
    if (first == tasks.size() && instance.beyond == beyond_the_end::repeats)
        first -= std::min(limit, first);
    const auto served = std::min(limit, tasks.size() - first);
    const auto total = total_of(instance, tasks.size(), served, ordinal);
    auto body = list_body(std::span(tasks).subspan(first, served), total, *instance.wire);
    if (instance.quirks.ext_text)
        body["ext_text"] = *instance.quirks.ext_text;
    return json_answer(200, body);
}

script create_replication(cloud& all, const instance_spec& instance, const call& now) {
    const auto body = read_body(now.asked);
    if (!body)
        return parameter_error("the body is no JSON object.");
    if (const char* field = wrong_field(*body))
        return parameter_error(fmt::format("{}.", field));
    if (auto busy = refuse_busy(instance))
        return *busy;
    const creation wanted{*text_member(*body, "task_name"), *text_member(*body, "source_database"),
                          *text_member(*body, "target_database")};
    return end_of(all.tasks.start(instance, wanted, now.at.now), all, instance, now);
}

script change_replication(cloud& all, const instance_spec& instance, call& now) {
    const auto body = read_body(now.asked);
    const auto name = body ? text_member(*body, "task_name") : std::nullopt;
    if (!name || name->empty()) {
        now.grave = now.target.wanted == operation::remove;
        return parameter_error("task_name.");
    }
    if (auto busy = refuse_busy(instance))
        return *busy;
    switch (now.target.wanted) {
    case operation::pause:
        return end_of(all.tasks.pause(instance, *name, now.at.now), all, instance, now);
    case operation::resume:
        return end_of(all.tasks.resume(instance, *name, now.at.now), all, instance, now);
    default:
        return end_of(all.tasks.remove(instance, *name, now.at.now), all, instance, now);
    }
}

} // namespace replmond::simulator
