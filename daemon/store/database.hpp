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
    /// Opens the file at `path`, makes it where there is none, brings it to the newest schema. A damaged file
    /// is set aside and a new one begun: see set_aside().
    static outcome<database> open(const std::string& path, timestamp now);

    /// What became of a damaged file, for a line in the log; nothing where it was whole.
    const std::optional<event>& set_aside() const { return set_aside_; }

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

    /// Removes a bounded number of rows that are older than `retention`, gone tasks that cannot come back any
    /// more, and gives free pages back to the file system. True: there may be more to do.
    outcome<bool> prune(timestamp now, milliseconds retention);

private:
    database(file_lock lock, connection file) : lock_(std::move(lock)), file_(std::move(file)) {}
    static outcome<connection> connect(const std::string& path);
    outcome<void> write(const batch& what, std::uint64_t printed_up_to);

    file_lock lock_;
    connection file_; ///< closed before the lock goes
    std::optional<event> set_aside_;
};

/// For a reader beside the daemon: opens the file read-only, also in a directory that it may not write to.
outcome<connection> open_for_reading(const std::string& path);

} // namespace replmond::store
