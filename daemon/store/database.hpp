#pragma once

#include "daemon/store/record.hpp"
#include "daemon/store/sqlite.hpp"
#include "daemon/store/state_file.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace replmond::store {

/// The state file of a daemon. Every call may wait for the disk, so after the start only the journal's worker
/// uses it. Holds the file's locks as long as it exists.
class database {
public:
    /// Opens the file at `path`, creates it if there is none, and migrates it to the newest schema. A damaged
    /// or empty file is set aside and a new one begun: see set_aside(). Makes the file readable by its owner
    /// only. Any other trouble is a failure.
    static outcome<database> open(const std::string& path, timestamp now);

    /// An event that tells what became of a damaged or lost file; nothing if the file was intact.
    const std::optional<event>& set_aside() const { return set_aside_; }

    /// To be called when another call has failed with trouble::corrupt or trouble::gone: sets the file aside
    /// and begins a new one. New ids follow `last_id` and the ids that can still be read from the old file.
    /// set_aside() then describes it. If it fails, the file is closed: every other call fails, and this one
    /// may be tried again.
    outcome<void> begin_anew(const store_error& why, std::uint64_t last_id, timestamp now);
    bool is_open() const { return file_.is_open(); }

    /// Fails with trouble::gone if the file was removed or replaced: what is written then could not be found
    /// any more. begin_anew() repairs that.
    outcome<void> check_place() const;

    /// Sets how long later calls wait for another process that writes.
    void wait_for_others(milliseconds most) { file_.wait_for_others(static_cast<int>(most.count())); }

    /// Reads everything that is stored of instances and tasks.
    outcome<memory> load();

    /// The highest id that an event ever had in this file; 0 if there was none.
    outcome<std::uint64_t> last_event_id();

    /// Writes all of it or nothing. Durable when it returns. `printed_up_to`: acknowledged in the same
    /// transaction, see acknowledge(); 0: nothing. Events that are stored already are skipped, so a commit
    /// whose outcome is unknown after an error may be repeated.
    outcome<void> commit(const batch& what, std::uint64_t printed_up_to = 0);

    /// Notes that the lines of all events up to this id were printed. Not synced: after a power cut such
    /// lines may be printed again, then marked `replayed`.
    outcome<void> acknowledge(std::uint64_t printed_up_to);

    /// Events whose lines may not have been printed, oldest first; at most 100,000.
    outcome<std::vector<kept_event>> unacknowledged();

    /// Matching events, newest first.
    outcome<std::vector<kept_event>> events(const event_query& query);

    /// The time that note_pruned_at() stored last. Without one: the time of the newest row. Nothing if there
    /// is no row either.
    outcome<std::optional<timestamp>> pruned_at();

    /// Not synced: after a power cut an older time is found, which removes nothing too early.
    outcome<void> note_pruned_at(timestamp time);

    /// Removes a bounded number of events older than `retention`, gone tasks that cannot come back, and
    /// instances that are not polled any more; returns free pages to the file system. True: there may be more
    /// to do.
    outcome<bool> prune(timestamp now, milliseconds retention);

private:
    database(std::string path, file_lock lock, file_lock own, connection file)
        : path_(std::move(path)), lock_(std::move(lock)), own_lock_(std::move(own)), file_(std::move(file)) {}
    static outcome<connection> connect(const std::string& path);
    static outcome<void> make(const std::string& path);
    static outcome<database> opened_anew(database closed, const store_error& why, timestamp now);
    template<class Write>
    outcome<void> unsynced(Write write);
    outcome<void> write(const batch& what, std::uint64_t printed_up_to);

    std::string path_;
    file_lock lock_;     ///< on PATH-lock, beside the file
    file_lock own_lock_; ///< on the file itself
    connection file_;    ///< after the locks, so that it is closed before they are released
    std::optional<event> set_aside_;
};

/// For readers while the daemon runs or not: opens the file read-only, even in a directory without write
/// permission.
outcome<connection> open_for_reading(const std::string& path);

} // namespace replmond::store
