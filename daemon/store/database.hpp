#pragma once

#include "daemon/store/record.hpp"
#include "daemon/store/sqlite.hpp"
#include "daemon/store/state_file.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace replmond::store {

/// The state file of a daemon. Every call waits for the disk: for one worker, and for the start before there
/// is one. Holds the file's lock as long as it lives.
class database {
public:
    /// Opens the file at `path`, makes it where there is none, brings it to the newest schema. A damaged
    /// file, an empty one too, is set aside and a new one begun: see set_aside(). Nobody but its owner can
    /// read it from then on.
    static outcome<database> open(const std::string& path, timestamp now);

    /// What became of a damaged file, for a line in the log; nothing where it was whole.
    const std::optional<event>& set_aside() const { return set_aside_; }

    /// To be called where any other call has failed with trouble::corrupt or trouble::gone: sets the file
    /// aside and begins a new one, whose ids go on after `last_id` and after those that can still be read.
    /// set_aside() tells of it. Where that fails the file is closed, every other call fails, and this one may
    /// be tried again.
    outcome<void> begin_anew(const store_error& why, std::uint64_t last_id, timestamp now);
    bool is_open() const { return file_.is_open(); }

    /// Fails with trouble::gone where the file was removed, or another one put in its place: what is written
    /// then nobody finds. begin_anew() makes up for it.
    outcome<void> check_place() const;

    /// Another program that writes is waited for no longer than this, from now on.
    void wait_for_others(milliseconds most) { file_.wait_for_others(static_cast<int>(most.count())); }

    /// Everything that is kept of instances and tasks.
    outcome<memory> load();

    /// The highest id that an event ever had here; 0 where there was none.
    outcome<std::uint64_t> last_event_id();

    /// Writes all of it, or nothing. Durable when it returns. `printed_up_to`: as for acknowledge(), in the
    /// same transaction. Committing the same events again, after an error that left it open, does no harm.
    outcome<void> commit(const batch& what, std::uint64_t printed_up_to = 0);

    /// The lines of all events up to this id were written. Not synced: what a power cut loses is printed
    /// twice, which is what `replayed` is for.
    outcome<void> acknowledge(std::uint64_t printed_up_to);

    /// Events whose lines may not have been written, oldest first.
    outcome<std::vector<kept_event>> unacknowledged();

    /// Newest first.
    outcome<std::vector<kept_event>> events(const event_query& query);

    /// The time of the last prune() that was noted; of a file without one, when it was last written to.
    /// Nothing where that is not known either.
    outcome<std::optional<timestamp>> pruned_at();

    /// Not synced: a power cut makes it an older one, which removes nothing too early.
    outcome<void> note_pruned_at(timestamp time);

    /// Removes a bounded number of rows that are older than `retention`, gone tasks that cannot come back any
    /// more, and gives free pages back to the file system. True: there may be more to do.
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
    file_lock lock_;     ///< beside the file
    file_lock own_lock_; ///< of the file itself
    connection file_;    ///< closed before the locks go
    std::optional<event> set_aside_;
};

/// For a reader beside the daemon: opens the file read-only, also in a directory that it may not write to.
outcome<connection> open_for_reading(const std::string& path);

} // namespace replmond::store
