#pragma once

#include "daemon/store/record.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace replmond::store {

/// A task to keep. Points into what the caller owns.
struct task_view {
    const task_state* state = nullptr;
    std::optional<timestamp> gone_since;
};

/// How much of an instance is worth a write.
enum class thoroughness {
    what_matters, ///< after a poll: changes, and nothing where nothing changed
    everything    ///< at the end: times and counts of the last polls too
};

/// Remembers what of one instance was given to the journal, so that a poll which saw nothing new writes
/// nothing. Knows nothing at first: the first poll after a start writes all. Pure.
class saved_instance {
public:
    explicit saved_instance(instance_key key) : key_(std::move(key)) {}

    /// Adds to `to` what differs from the last time. `tasks`: all that are to be kept, the gone ones among
    /// them; those that were there before and are not any more are removed.
    void collect(const instance_record& self, const std::vector<task_view>& tasks, thoroughness how,
                 batch& to);

    /// As collect() of what matters, where no task has changed since.
    void collect_self(const instance_record& self, batch& to);

    /// So long that its rows may have been pruned, as those of one that is not watched any more: the machine
    /// slept, or its clock was set.
    bool was_saved_long_before(timestamp now) const;

private:
    bool is_worth_writing(const instance_record& self) const;

    instance_key key_;
    std::optional<instance_record> self_;
    std::unordered_map<std::string, std::uint64_t> tasks_; ///< name to fingerprint
};

} // namespace replmond::store
