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

/// Stores what the monitor learns: gives states and events to the journal, and keeps the latest events in
/// memory for the web pages. Returns the stored past to instances that were known before.
class state_recorder {
public:
    static constexpr std::size_t most_latest = 10'000; ///< events in memory
    /// Bytes of all these events.
    static constexpr std::size_t most_latest_bytes = std::size_t{16} * 1024 * 1024;
    /// Limits for instances that are not polled any more; the newest are kept in memory. The state file keeps
    /// more of them.
    static constexpr std::size_t most_departed_instances = 10'000;
    static constexpr std::size_t most_departed_tasks = 100'000;

    /// `past` and `latest`: the content of the state file. `journal` must outlive this object.
    state_recorder(store::memory past, std::vector<store::kept_event> latest, store::journal& journal);

    /// The stored past of an instance, found by project id and instance id; by instance id alone while the
    /// project's id is not known.
    std::optional<instance_past> recall(const instance_identity& of);

    /// The instances that were discovered in that project when it was last polled: names by id. `project_id`:
    /// empty while it is not known; then the project's name is compared.
    std::map<std::string, std::string> discovered(const std::string& project,
                                                  const std::string& project_id) const;

    /// Stores the state and its events, in one transaction.
    void record(const monitor::instance_view& of, std::vector<event> events, timestamp now);

    /// Stores an event about an instance whose state has not changed.
    void record(event about, const instance_identity& of);

    /// Stores that an instance is polled from now on because it was discovered. So it is known after a
    /// restart, also if it was never polled.
    void record_discovered(event about, const instance_identity& of, timestamp now);

    /// The instance is not polled any more. Its state is kept in memory until too many others were removed
    /// after it.
    void forget(const monitor::instance_view& of, timestamp now);

    /// To be called before the end: also stores times and counts of the last polls.
    void finish(const monitor::instance_view& of, timestamp now);

    /// The state file was lost and a new one is begun. Writes the latest events to it at once, and each
    /// instance with all its tasks when it is recorded next.
    void write_again();

    /// The newest last, with their ids.
    const std::deque<store::kept_event>& latest() const { return latest_; }

private:
    store::instance_key key_of(const instance_identity& of) const;
    void save(const monitor::instance_view& of, store::thoroughness how, timestamp now, store::batch& into);
    void remember(std::vector<store::kept_event> events);
    void keep_departed(const store::instance_key& key, store::instance_memory memory);
    void drop(store::memory::iterator past, std::size_t tasks);

    store::memory past_; ///< from before the start, and removed instances
    /// Removed instances, in the order of their removal.
    std::map<std::uint64_t, store::instance_key> departed_;
    std::map<store::instance_key, std::uint64_t> removal_number_; ///< the same by key
    std::uint64_t last_went_ = 0;
    std::size_t departed_tasks_ = 0;
    store::journal& journal_;
    std::map<store::instance_key, store::saved_instance> saved_;
    std::map<std::pair<std::string, std::string>, store::instance_key>
        /// By project name and instance id: the stored key of an instance whose project id is not known yet.
        found_by_id_;
    std::deque<store::kept_event> latest_;
    std::size_t latest_bytes_ = 0;
    bool has_new_file_ = false;                         ///< write_again() was called
    std::set<store::instance_key> written_to_new_file_; ///< instances written with all their tasks
};

/// The state from before the process started.
struct opened_state {
    std::optional<store::database> file; ///< none: state is kept in memory only
    store::memory past;
    std::vector<store::kept_event> latest; ///< oldest first
    std::optional<event> set_aside;        ///< for the log: the file was damaged and replaced by a new one
};

/// Opens the state file at `path`; empty: none. A damaged file is set aside and replaced, whether opening or
/// reading shows the damage. Throws std::runtime_error with a text for the user.
opened_state open_state(const std::string& path);

} // namespace replmond::service
