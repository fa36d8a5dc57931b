// What the state file already holds of an instance, so that only differences are written.

#include "daemon/store/saved_instance.hpp"

#include "daemon/store/instance_rows.hpp"

#include <chrono>
#include <utility>

namespace replmond::store {

namespace {

// Far shorter than the shortest retention, an hour: pruning must not take a polled instance for a removed
// one.
constexpr auto seen_again_every = std::chrono::minutes(15);

} // namespace

void saved_instance::collect(const instance_record& self, const std::vector<task_view>& tasks,
                             thoroughness how, batch& to) {
    std::unordered_map<std::string, std::uint64_t> present;
    bool changed = false;
    for (const task_view& task : tasks) {
        const std::string& name = task.state->reading.name;
        const std::uint64_t print = fingerprint(*task.state, task.gone_since);
        const auto before = tasks_.find(name);
        if (before == tasks_.end() || before->second != print) {
            to.tasks.insert_or_assign(task_key{key_, name}, task_record{*task.state, task.gone_since});
            changed = true;
        }
        present.emplace(name, print);
    }
    for (const auto& [name, print] : tasks_) {
        if (!present.contains(name)) {
            to.tasks.insert_or_assign(task_key{key_, name}, std::nullopt);
            changed = true;
        }
    }
    tasks_ = std::move(present);

    if (!changed && how == thoroughness::changes_only && !is_worth_writing(self))
        return;
    self_ = self;
    to.instances.insert_or_assign(key_, self);
}

void saved_instance::collect_self(const instance_record& self, batch& to) {
    if (!is_worth_writing(self))
        return;
    self_ = self;
    to.instances.insert_or_assign(key_, self);
}

bool saved_instance::was_saved_long_before(timestamp now) const {
    return self_ && now - self_->last_seen >= instances_kept_at_least;
}

// Ignores the time of the last success and the number of failures: they change with every poll.
bool saved_instance::is_worth_writing(const instance_record& self) const {
    if (!self_)
        return true;
    const failing_run& before = self_->failing;
    const failing_run& now = self.failing;
    const bool failing_differs = (before.failures == 0) != (now.failures == 0) ||
                                 (now.failures > 0 && (before.first != now.first || before.said != now.said ||
                                                       before.last_logged != now.last_logged));
    return failing_differs || self_->transitions != self.transitions || self_->project != self.project ||
           self_->discovered != self.discovered || self_->note != self.note ||
           self_->starrocks_instance != self.starrocks_instance ||
           self.last_seen - self_->last_seen >= seen_again_every || self.last_seen < self_->last_seen;
}

} // namespace replmond::store
