#include "tests/simulator/job_list.hpp"

#include "tests/simulator/clock.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace json = boost::json;

namespace replmond::simulator {
namespace {

// Jobs tell their times in virtual time since 2026.
std::string job_time(virtual_time time) {
    constexpr std::chrono::sys_days begin = std::chrono::year(2026) / 1 / 1;
    const auto text = iso_time(wall_time(begin) + time);
    return text.substr(0, 19) + "+0000"; // as TaurusDB writes it
}

} // namespace

std::string job_list::add(std::string_view request_id, std::string_view name, const instance_spec& instance,
                          std::string_view project, virtual_time now) {
    // A request id has the 32 digits of a UUID already.
    const auto id = fmt::format("{}-{}-{}-{}-{}", request_id.substr(0, 8), request_id.substr(8, 4),
                                request_id.substr(12, 4), request_id.substr(16, 4), request_id.substr(20));
    entries_[id] = {std::string(name), instance.id, instance.name, std::string(project), now};
    return id;
}

std::optional<json::object> job_list::find(std::string_view id, std::string_view project,
                                           virtual_time now) const {
    const auto found = entries_.find(id);
    if (found == entries_.end() || found->second.project != project)
        return std::nullopt;
    const auto& job = found->second;
    auto age = now - job.created;
    if (age < course_.hidden)
        return std::nullopt;
    age -= course_.hidden + course_.pending;

    json::object shown{{"id", id},
                       {"name", job.name},
                       {"status", "Pending"},
                       {"created", job_time(job.created)},
                       {"ended", ""},
                       {"process", ""},
                       {"instance", {{"id", job.instance_id}, {"name", job.instance_name}}},
                       {"fail_reason", ""}};
    if (age >= course_.running) {
        shown["status"] = "Completed";
        shown["ended"] = job_time(now - age + course_.running);
    } else if (age >= virtual_time{0}) {
        shown["status"] = "Running";
        shown["process"] =
            fmt::format("{}%", 100 * age.count() / std::max<std::int64_t>(1, course_.running.count()));
    }
    return shown;
}

} // namespace replmond::simulator
