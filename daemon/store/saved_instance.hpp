#pragma once

#include "daemon/store/record.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace replmond::store {

/// A task to store. Points to memory of the caller.
struct task_view {
    const task_state* state = nullptr;
    std::optional<timestamp> gone_since;
};

/// How much of an instance is written.
enum class thoroughness {
    changes_only, ///< after a poll: changes only
    everything    ///< at the end: also times and counts of the last polls
};

/// Remembers what of one instance was given to the journal, so that a poll that saw nothing new writes
/// nothing. It starts empty: the first poll after a start writes everything. Pure.
class saved_instance {
public:
    explicit saved_instance(instance_key key) : key_(std::move(key)) {}

    /// Adds to `to` what differs from the last call. `tasks`: all tasks to keep, including gone ones; tasks
    /// of the last call that are missing now are removed from the file.
    void collect(const instance_record& self, const std::vector<task_view>& tasks, thoroughness how,
                 batch& to);

    /// Like collect() with changes_only, for a poll in which no task changed.
    void collect_self(const instance_record& self, batch& to);

    /// True if the last write is so long ago that pruning may have removed the instance's rows, as it does
    /// for instances that are not polled any more: the machine was suspended, or its clock was set.
    bool was_saved_long_before(timestamp now) const;

private:
    bool is_worth_writing(const instance_record& self) const;

    instance_key key_;
    std::optional<instance_record> self_;
    std::unordered_map<std::string, std::uint64_t> tasks_; ///< name to fingerprint
};

} // namespace replmond::store
