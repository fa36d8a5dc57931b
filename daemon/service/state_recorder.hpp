#pragma once

#include "daemon/core/model/instance.hpp"
#include "daemon/monitor/fleet.hpp"
#include "daemon/store/database.hpp"
#include "daemon/store/journal.hpp"
#include "daemon/store/saved_instance.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace replmond::service {

/// Keeps what the monitor learns: states and events to the journal, the latest events in memory for whoever
/// looks. Gives the past back to instances that were known before.
class state_recorder {
public:
    static constexpr std::size_t most_latest = 10'000;                              ///< events in memory, and
    static constexpr std::size_t most_latest_bytes = std::size_t{16} * 1024 * 1024; ///< of all of them
    /// Of instances that are not watched any more, the latest; the state file keeps more of them.
    static constexpr std::size_t most_departed_instances = 10'000;
    static constexpr std::size_t most_departed_tasks = 100'000;

    /// `past`: what the state file holds. `journal` must outlive this.
    state_recorder(store::memory past, std::vector<store::kept_event> latest, store::journal& journal);

    /// An instance is found by its project's id and its own; by its own alone while the other is not known.
    std::optional<instance_past> recall(const instance_identity& of);

    /// Who was discovered in that project when last watched, by id: the name that it had. `project_id`: empty
    /// while it is not known; then the project's name decides.
    std::map<std::string, std::string> discovered(const std::string& project,
                                                  const std::string& project_id) const;

    /// One transaction: the state and the events that belong to it.
    void record(const monitor::instance_view& of, std::vector<event> events, timestamp now);

    /// An event about an instance whose state does not change with it.
    void record(event about, const instance_identity& of);

    /// It is watched from now on, since it was discovered: known at the next start, also before its first
    /// poll.
    void record_discovered(event about, const instance_identity& of, timestamp now);

    /// It is not watched any more; what is known of it stays, as long as not too many others went after it.
    void forget(const monitor::instance_view& of, timestamp now);

    /// Before the end: times and counts of the last poll too.
    void finish(const monitor::instance_view& of, timestamp now);

    /// The state file was lost and a new one is begun: the latest events are written to it at once, each
    /// instance with all of its tasks when it is recorded next.
    void write_again();

    /// Newest last, with their ids.
    const std::deque<store::kept_event>& latest() const { return latest_; }

private:
    store::instance_key key_of(const instance_identity& of) const;
    void save(const monitor::instance_view& of, store::thoroughness how, timestamp now, store::batch& into);
    void remember(std::vector<store::kept_event> events);
    void keep_departed(const store::instance_key& key, store::instance_memory memory);
    void drop(store::memory::iterator past, std::size_t tasks);

    store::memory past_;                                    ///< from before the start, and the departed
    std::map<std::uint64_t, store::instance_key> departed_; ///< in the order of their going
    std::map<store::instance_key, std::uint64_t> went_;     ///< the same by key
    std::uint64_t last_went_ = 0;
    std::size_t departed_tasks_ = 0;
    store::journal& journal_;
    std::map<store::instance_key, store::saved_instance> saved_;
    std::map<std::pair<std::string, std::string>, store::instance_key>
        found_by_id_; ///< by project's name and id: who it was before, while its project's id is not known
    std::deque<store::kept_event> latest_;
    std::size_t latest_bytes_ = 0;
    bool has_new_file_ = false;                         ///< write_again() was called
    std::set<store::instance_key> written_to_new_file_; ///< with all of their tasks
};

/// What is known from before the process's start.
struct opened_state {
    std::optional<store::database> file; ///< none: state is kept in memory only
    store::memory past;
    std::vector<store::kept_event> latest; ///< oldest first
    std::optional<event> set_aside;        ///< for the log: the file was damaged, and a new one is begun
};

/// Opens the state file at `path`; empty: none. A damaged one is set aside, wherever the damage shows. Throws
/// std::runtime_error with a text for the user.
opened_state open_state(const std::string& path);

} // namespace replmond::service
