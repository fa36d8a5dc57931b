// What is written to the state file, and what is read from it at the start. One poll is one transaction: its
// state and its events.

#include "daemon/service/state_recorder.hpp"

#include "daemon/core/model/event.hpp"
#include "daemon/net/clocks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace replmond::service {

namespace {

instance_past past_of(store::instance_memory from) {
    instance_past past;
    past.failing = from.self.failing;
    past.transitions = from.self.transitions;
    past.last_success = from.self.last_success;
    past.note = from.self.note;
    for (auto& [name, task] : from.tasks) {
        if (task.gone_since)
            past.departed.emplace(name, departed_task{std::move(task.state), *task.gone_since});
        else
            past.tasks.emplace(name, std::move(task.state));
    }
    return past;
}

store::instance_record record_of(const monitor::instance_view& of, timestamp now) {
    store::instance_record record;
    record.project = of.state.identity.project;
    record.starrocks_instance = of.state.identity.name;
    record.last_seen = now;
    record.discovered = of.state.discovered;
    record.last_success = of.state.last_success;
    record.note = of.state.note;
    record.failing = of.failing;
    record.transitions = of.state.counters.transitions;
    return record;
}

store::instance_memory memory_of(const monitor::instance_view& of, timestamp now) {
    store::instance_memory memory;
    memory.self = record_of(of, now);
    for (const auto& [name, task] : of.state.departed)
        memory.tasks.insert_or_assign(name, store::task_record{task.state, task.at});
    for (const auto& [name, task] : of.state.tasks)
        memory.tasks.insert_or_assign(name, store::task_record{task, std::nullopt});
    return memory;
}

} // namespace

state_recorder::state_recorder(store::memory past, std::vector<store::kept_event> latest,
                               store::journal& journal)
    : past_(std::move(past)), journal_(journal) {
    remember(std::move(latest));
}

std::optional<instance_past> state_recorder::recall(const instance_identity& of) {
    auto found = past_.end();
    if (!of.project_id.empty()) {
        found = past_.find({of.project_id, of.id});
    } else {
        for (auto candidate = past_.begin(); candidate != past_.end(); ++candidate) {
            if (candidate->first.instance_id != of.id)
                continue;
            if (found != past_.end())
                return std::nullopt; // two projects had this id: wait until the project's id is known
            found = candidate;
        }
        if (found != past_.end())
            found_by_id_.insert_or_assign({of.project, of.id}, found->first);
    }
    if (found == past_.end())
        return std::nullopt;
    const auto tasks = found->second.tasks.size();
    auto past = past_of(std::move(found->second));
    drop(found, tasks);
    return past;
}

std::map<std::string, std::string> state_recorder::discovered(const std::string& project,
                                                              const std::string& project_id) const {
    std::map<std::string, std::string> names;
    for (const auto& [key, memory] : past_) {
        const bool its = project_id.empty() ? memory.self.project == project : key.project_id == project_id;
        if (its && memory.self.discovered)
            names.emplace(key.instance_id, memory.self.starrocks_instance);
    }
    return names;
}

void state_recorder::record(const monitor::instance_view& of, std::vector<event> events, timestamp now) {
    store::batch what;
    const auto key = key_of(of.state.identity);
    for (event& e : events)
        what.events.push_back({std::move(e), key});
    // Before the first poll there is nothing new to store.
    if (of.state.last_poll && journal_.stores())
        save(of, store::thoroughness::changes_only, now, what);
    if (!what.empty())
        remember(journal_.record(std::move(what)));
}

void state_recorder::record(event about, const instance_identity& of) {
    store::batch what;
    what.events.push_back({std::move(about), key_of(of)});
    remember(journal_.record(std::move(what)));
}

void state_recorder::record_discovered(event about, const instance_identity& of, timestamp now) {
    const auto key = key_of(of);
    store::batch what;
    what.events.push_back({std::move(about), key});
    if (!key.project_id.empty() && journal_.stores()) {
        const auto before = past_.find(key);
        auto& self = what.instances[key];
        if (before != past_.end())
            self = before->second.self;
        self.project = of.project;
        self.starrocks_instance = of.name;
        self.last_seen = now;
        self.discovered = true;
    }
    remember(journal_.record(std::move(what)));
}

void state_recorder::forget(const monitor::instance_view& of, timestamp now) {
    finish(of, now);
    const auto key = key_of(of.state.identity);
    saved_.erase(key);
    auto memory = memory_of(of, now);
    memory.self.discovered = false; // must not be polled after the next start
    store::batch what;
    if (of.state.last_poll && !key.project_id.empty())
        what.instances.insert_or_assign(key, memory.self);
    if (!what.empty())
        journal_.record(std::move(what));
    keep_departed(key, std::move(memory));
    found_by_id_.erase({of.state.identity.project, of.state.identity.id});
}

// The instances that were removed first are dropped first. Those from before the start are not counted: they
// cannot become more.
void state_recorder::keep_departed(const store::instance_key& key, store::instance_memory memory) {
    if (const auto before = past_.find(key); before != past_.end())
        drop(before, before->second.tasks.size());
    departed_tasks_ += memory.tasks.size();
    removal_number_.emplace(key, ++last_went_);
    departed_.emplace(last_went_, key);
    past_.emplace(key, std::move(memory));
    while (departed_.size() > most_departed_instances ||
           (departed_tasks_ > most_departed_tasks && departed_.size() > 1)) {
        const auto first = past_.find(departed_.begin()->second);
        drop(first, first->second.tasks.size());
    }
}

void state_recorder::drop(store::memory::iterator past, std::size_t tasks) {
    if (const auto went = removal_number_.find(past->first); went != removal_number_.end()) {
        departed_tasks_ -= tasks;
        departed_.erase(went->second);
        removal_number_.erase(went);
    }
    past_.erase(past);
}

void state_recorder::finish(const monitor::instance_view& of, timestamp now) {
    store::batch what;
    if (of.state.last_poll && journal_.stores())
        save(of, store::thoroughness::everything, now, what);
    if (!what.empty())
        journal_.record(std::move(what));
}

void state_recorder::save(const monitor::instance_view& of, store::thoroughness how, timestamp now,
                          store::batch& into) {
    const auto key = key_of(of.state.identity);
    if (key.project_id.empty())
        return; // no poll has succeeded yet
    store::saved_instance& saved = saved_.try_emplace(key, key).first->second;
    const bool is_missing = has_new_file_ && written_to_new_file_.insert(key).second;
    const bool may_be_pruned = saved.was_saved_long_before(now) || is_missing;
    if (may_be_pruned)
        saved = store::saved_instance(key);
    if (!of.tasks_changed && !may_be_pruned && how == store::thoroughness::changes_only) {
        saved.collect_self(record_of(of, now), into);
        return;
    }
    std::vector<store::task_view> tasks;
    tasks.reserve(of.state.tasks.size() + of.state.departed.size());
    for (const auto& [name, task] : of.state.departed) {
        if (!of.state.tasks.contains(name))
            tasks.push_back({&task.state, task.at});
    }
    for (const auto& [name, task] : of.state.tasks)
        tasks.push_back({&task, std::nullopt});
    saved.collect(record_of(of, now), tasks, how, into);
}

store::instance_key state_recorder::key_of(const instance_identity& of) const {
    if (of.project_id.empty()) {
        const auto before = found_by_id_.find({of.project, of.id});
        if (before != found_by_id_.end())
            return before->second;
    }
    return {of.project_id, of.id};
}

void state_recorder::remember(std::vector<store::kept_event> events) {
    for (store::kept_event& e : events) {
        latest_bytes_ += bytes_of(e.what);
        latest_.push_back(std::move(e));
    }
    while (!latest_.empty() && (latest_.size() > most_latest || latest_bytes_ > most_latest_bytes)) {
        latest_bytes_ -= bytes_of(latest_.front().what);
        latest_.pop_front();
    }
}

void state_recorder::write_again() {
    has_new_file_ = true;
    written_to_new_file_.clear();
    journal_.store_again(latest_);
}

namespace {

// Reads everything that a start needs, so damage that the file's check did not find is found here.
store::outcome<void> read_all(opened_state& state) {
    auto past = state.file->load();
    if (!past)
        return past.error();
    store::event_query query;
    query.limit = state_recorder::most_latest;
    auto latest = state.file->events(query);
    if (!latest)
        return latest.error();
    const auto last_id = state.file->last_event_id();
    if (!last_id)
        return last_id.error();
    const auto unprinted = state.file->unacknowledged();
    if (!unprinted)
        return unprinted.error();
    state.past = std::move(*past);
    state.latest = std::move(*latest);
    std::reverse(state.latest.begin(), state.latest.end());
    return {};
}

store::outcome<void> open_and_read(const std::string& path, timestamp now, opened_state& state) {
    auto file = store::database::open(path, now);
    if (!file)
        return file.error();
    state.file = std::move(*file);
    const auto read = read_all(state);
    if (read || read.error().kind != store::trouble::corrupt)
        return read;
    const auto begun = state.file->begin_anew(read.error(), 0, now);
    return begun ? read_all(state) : begun;
}

} // namespace

opened_state open_state(const std::string& path) {
    opened_state state;
    if (path.empty())
        return state;
    const auto opened = open_and_read(path, net::wall_clock(), state);
    if (!opened)
        throw std::runtime_error(fmt::format("state file {}: {}", path, opened.error().text));
    state.set_aside = state.file->set_aside();
    return state;
}

} // namespace replmond::service
