#include "tests/simulator/world.hpp"

#include <algorithm>

namespace replmond::simulator {
namespace {

template<class T, class U>
void lay_over(T& value, const std::optional<U>& change) {
    if (change)
        value = *change;
}

moment waiting() {
    moment now;
    now.stage = "wait";
    now.percentage = 0;
    return now;
}

// Paused tasks are well, whatever they were.
moment paused(const moment& before) {
    moment now;
    now.stage = "paused";
    now.percentage = before.percentage;
    return now;
}

} // namespace

world::world(scenario description) : description_(std::move(description)) {
    for (auto& instance : description_.instances) {
        place_.emplace(instance.id, tasks_.size());
        auto& tasks = tasks_.emplace_back();
        for (auto& spec : instance.tasks) {
            auto& added = tasks.emplace_back();
            if (!spec.defined)
                added.origin = spec.begins_at;
            added.spec = std::move(spec);
        }
        instance.tasks.clear(); // one truth: from now on they live in tasks_
    }
}

const instance_spec* world::find_instance(std::string_view id) const {
    const auto found = place_.find(id);
    return found == place_.end() ? nullptr : &description_.instances[found->second];
}

instance_spec* world::find_instance(std::string_view id) {
    const auto found = place_.find(id);
    return found == place_.end() ? nullptr : &description_.instances[found->second];
}

const taurusdb_spec* world::find_taurusdb(std::string_view id) const {
    const auto& all = description_.taurusdb;
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const taurusdb_spec& owner) { return owner.id == id; });
    return found == all.end() ? nullptr : &*found;
}

taurusdb_spec* world::find_taurusdb(std::string_view id) {
    auto& all = description_.taurusdb;
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const taurusdb_spec& owner) { return owner.id == id; });
    return found == all.end() ? nullptr : &*found;
}

taurusdb_spec& world::add_taurusdb(std::string_view id, std::string_view project) {
    auto& added = description_.taurusdb.emplace_back();
    added.id = id;
    added.name = id;
    added.project = project;
    return added;
}

const taurusdb_spec* world::owner_of(std::string_view htap_id) const {
    for (const auto& owner : description_.taurusdb) {
        if (std::any_of(owner.htap.begin(), owner.htap.end(),
                        [&](const htap_spec& owned) { return owned.id == htap_id; }))
            return &owner;
    }
    return nullptr;
}

std::optional<moment> world::state_of(const task& t, virtual_time now) {
    if (t.changes.listed == overrides::presence::hidden)
        return std::nullopt;
    std::optional<moment> state =
        t.origin ? at(*t.spec.course, t.paused.value_or(now) - *t.origin) : waiting();
    if (!state && t.changes.listed == overrides::presence::shown)
        state = moment{};
    if (!state)
        return std::nullopt;
    if (t.paused)
        state = paused(*state);

    lay_over(state->stage, t.changes.stage);
    lay_over(state->status, t.changes.status);
    lay_over(state->percentage, t.changes.percentage);
    lay_over(state->need_repair, t.changes.need_repair);
    lay_over(state->catchup_stage, t.changes.catchup_stage);
    lay_over(state->catchup_percentage, t.changes.catchup_percentage);
    if (t.changes.error_msg)
        state->error_msg_zh.clear();
    lay_over(state->error_msg, t.changes.error_msg);
    lay_over(state->alter_error, t.changes.alter_error);
    return state;
}

std::vector<listed_task> world::list(const instance_spec& instance, virtual_time now) const {
    const auto& tasks = tasks_[place_.find(instance.id)->second];
    std::vector<listed_task> listed;
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        const auto& spec = tasks[i].spec;
        const auto& changes = tasks[i].changes;
        auto state = state_of(tasks[i], now);
        if (!state)
            continue;
        listed_task shown{i,         spec.name,         spec.source_database, spec.target_database,
                          spec.main, std::move(*state), changes.raw};
        lay_over(shown.source_database, changes.source_database);
        lay_over(shown.target_database, changes.target_database);
        lay_over(shown.main, changes.main);
        listed.push_back(std::move(shown));
    }
    return listed;
}

std::vector<replicated_task> world::replications(const instance_spec& instance) const {
    const auto& tasks = tasks_[place_.find(instance.id)->second];
    std::vector<replicated_task> found;
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        const auto& spec = tasks[i].spec;
        const auto& changes = tasks[i].changes;
        found.push_back({i, spec.name, changes.source_database.value_or(spec.source_database),
                         changes.target_database.value_or(spec.target_database),
                         changes.main.value_or(spec.main), spec.heartbeat});
    }
    return found;
}

following world::follows(const instance_spec& instance, std::size_t ordinal, virtual_time now) const {
    const task& t = tasks_[place_.find(instance.id)->second][ordinal];
    const auto state = state_of(t, now);
    following result;
    result.active = state && state->stage == "incremental";
    result.lag = state ? state->lag.value_or(t.spec.lag) : t.spec.lag;
    const bool by_timeline = t.origin && !t.changes.stage && t.changes.listed != overrides::presence::hidden;
    if (result.active) {
        result.until = now;
    } else if (by_timeline) {
        const auto last = last_in_stage(*t.spec.course, t.paused.value_or(now) - *t.origin, "incremental");
        if (last)
            result.until = *t.origin + *last;
    }
    return result;
}

change_result world::start(const instance_spec& instance, const creation& wanted, virtual_time now) {
    task* found = find_task(instance, wanted.task_name);
    if (!found || found->changes.listed == overrides::presence::hidden)
        return change_result::unknown_task;
    const bool same_databases = found->spec.source_database == wanted.source_database &&
                                found->spec.target_database == wanted.target_database;
    const bool not_begun = !found->origin || now < *found->origin;
    const auto state = state_of(*found, now);
    if (!state && !not_begun)
        return change_result::unknown_task; // gone
    if (!same_databases)
        return change_result::other_databases;
    if (state && state->stage != "wait")
        return change_result::wrong_state;

    found->origin = now - work_begins(*found->spec.course);
    found->changes.stage.reset();
    found->changes.percentage.reset();
    return change_result::done;
}

change_result world::pause(const instance_spec& instance, std::string_view task_name, virtual_time now) {
    task* found = find_task(instance, task_name);
    const auto state = found ? state_of(*found, now) : std::nullopt;
    if (!state)
        return change_result::unknown_task;
    if (state->stage != "full" && state->stage != "incremental")
        return change_result::wrong_state;
    found->paused = now;
    found->changes.stage.reset();
    found->changes.status.reset();
    return change_result::done;
}

change_result world::resume(const instance_spec& instance, std::string_view task_name, virtual_time now) {
    task* found = find_task(instance, task_name);
    const auto state = found ? state_of(*found, now) : std::nullopt;
    if (!state)
        return change_result::unknown_task;
    if (state->stage != "paused")
        return change_result::wrong_state;
    found->changes.stage.reset();
    if (found->paused) {
        if (found->origin)
            *found->origin += now - *found->paused;
        found->paused.reset();
    } else if (state_of(*found, now)->stage == "paused") {
        found->changes.stage = "incremental"; // its timeline has paused it, and ends here
    }
    return change_result::done;
}

change_result world::remove(const instance_spec& instance, std::string_view task_name, virtual_time now) {
    task* found = find_task(instance, task_name);
    if (!found || !state_of(*found, now))
        return change_result::unknown_task;
    found->changes = {};
    found->changes.listed = overrides::presence::hidden;
    found->paused.reset();
    return change_result::done;
}

overrides* world::find_overrides(const instance_spec& instance, std::string_view task_name) {
    task* found = find_task(instance, task_name);
    return found ? &found->changes : nullptr;
}

overrides& world::add_task(const instance_spec& instance, std::string_view task_name) {
    auto& added = tasks_of(instance).emplace_back();
    added.spec.name = task_name;
    added.spec.source_database = task_name;
    added.spec.target_database = task_name;
    added.spec.course = incremental_for_ever();
    added.origin = virtual_time{0};
    return added.changes;
}

std::vector<world::task>& world::tasks_of(const instance_spec& instance) {
    return tasks_[place_.find(instance.id)->second];
}

world::task* world::find_task(const instance_spec& instance, std::string_view name) {
    auto& tasks = tasks_of(instance);
    const auto found =
        std::find_if(tasks.begin(), tasks.end(), [&](const task& t) { return t.spec.name == name; });
    return found == tasks.end() ? nullptr : &*found;
}

} // namespace replmond::simulator
