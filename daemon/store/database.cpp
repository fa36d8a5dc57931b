// The state file as the rest of the program sees it: open, load, commit, and replace when damaged.

#include "daemon/store/database.hpp"

#include "daemon/store/event_rows.hpp"
#include "daemon/store/instance_rows.hpp"
#include "daemon/store/prune.hpp"
#include "daemon/store/schema.hpp"

#include <algorithm>
#include <filesystem>
#include <unistd.h>

namespace replmond::store {

namespace {

// Bounds memory; equal to the journal's limit of events.
constexpr std::size_t most_unacknowledged = 100'000;

// auto_vacuum: a burst of events must not leave a large file for ever; it must be set before the first table
// is created. WAL: readers do not block the writer. FULL: a COMMIT that has returned survives a power cut
// (SQLite documentation, "PRAGMA synchronous").
constexpr auto settings = R"(
PRAGMA auto_vacuum = INCREMENTAL;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA journal_size_limit = 4194304;
)";

outcome<void> check_integrity(connection& file) {
    auto check = file.prepare("PRAGMA quick_check(1)");
    if (!check)
        return check.error();
    const auto row = check->step();
    if (!row)
        return row.error();
    const std::string said = check->text(0).value_or("nothing");
    if (said == "ok")
        return {};
    return store_error{trouble::corrupt, said};
}

// Sets `key` to `value`, unless it is higher already.
outcome<void> raise(connection& file, std::string_view key, std::uint64_t value) {
    auto put = file.prepare("INSERT INTO meta (key, value) VALUES (?, ?) "
                            "ON CONFLICT (key) DO UPDATE SET value = max(value, excluded.value)");
    if (!put)
        return put.error();
    return put->bind(1, key).bind(2, static_cast<std::int64_t>(value)).run();
}

// The last event id of a damaged file, if two places in the file agree on it, else 0. New ids follow it, so
// that no event_id of a printed line is used for another event.
std::uint64_t last_id_of_damaged(const std::string& path) {
    if (path.empty())
        return 0;
    auto file = connection::open(path, access::read_only);
    if (!file)
        return 0;
    const auto noted = file->number("SELECT value FROM meta WHERE key = 'last_event_id'");
    const auto stored = file->number("SELECT max(id) FROM events");
    return noted && stored && *noted == *stored && *noted > 0 ? static_cast<std::uint64_t>(*noted) : 0;
}

event begun_anew(const std::string& path, const std::string& aside, const store_error& why, timestamp now) {
    event e = make_event("state_set_aside", severity::error, now,
                         "the state file is damaged; replmond set it aside and began a new one");
    if (why.kind == trouble::gone)
        e.message = aside.empty() ? "the state file was removed; replmond began a new one"
                                  : "another file took the place of the state file; replmond set that file "
                                    "aside and began a new one";
    e.with("path", path);
    if (!aside.empty())
        e.with("set_aside_as", aside);
    e.with("error", why.text);
    return e;
}

} // namespace

outcome<connection> database::connect(const std::string& path) {
    auto opened = connection::open(path, access::read_write);
    if (!opened)
        return opened.error();
    if (opened->is_read_only())
        return store_error{trouble::unusable, "it may be read only"};
    // The owner is checked first, because the settings already write to the file.
    const auto ours = check_owner(*opened);
    if (!ours)
        return ours.error();
    // sqlite3_db_readonly() is only right after the first read: a damaged header may contain a write version
    // above 2, which makes the file read-only (SQLite documentation, "Database File Format"). replmond never
    // writes such a version.
    if (opened->is_read_only())
        return store_error{trouble::corrupt, "its header says that it cannot be written"};
    const auto version = opened->number("PRAGMA user_version");
    if (!version)
        return version.error();
    if (*version != 0) {
        const auto readable = check_schema(*opened);
        if (!readable)
            return readable.error();
    }
    const auto set = opened->run(settings);
    if (!set)
        return set.error();
    const auto whole = check_integrity(*opened);
    if (!whole)
        return whole.error();
    const auto migrated = migrate(*opened);
    if (!migrated)
        return migrated.error();
    return opened;
}

// A new file gets its final name only when its tables are in it. So an empty file with that name was not left
// by replmond.
outcome<void> database::make(const std::string& path) {
    const std::string unfinished = path + "-new";
    if (const auto made = make_private_file(unfinished); !made)
        return made.error();
    {
        // Closed at the end of the block, which moves the -wal into the file.
        const auto filled = connect(unfinished);
        if (!filled)
            return filled.error();
    }
    remove_leftovers(path);
    return put_in_place(unfinished, path);
}

outcome<database> database::open(const std::string& path, timestamp now) {
    const auto possible = check_path(path);
    if (!possible)
        return possible.error();
    auto lock = file_lock::take(path);
    if (!lock)
        return lock.error();
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) {
        if (const auto made = make(path); !made)
            return made.error();
    }
    keep_private(path);
    auto own = file_lock::take_itself(path);
    if (!own)
        return own.error();

    if (!is_empty_file(path)) {
        auto file = connect(path);
        if (file)
            return database(path, std::move(*lock), std::move(*own), std::move(*file));
        if (file.error().kind != trouble::corrupt)
            return file.error();
        return opened_anew({path, std::move(*lock), std::move(*own), connection()}, file.error(), now);
    }
    return opened_anew({path, std::move(*lock), std::move(*own), connection()},
                       {trouble::corrupt, "it is empty"}, now);
}

outcome<database> database::opened_anew(database closed, const store_error& why, timestamp now) {
    const auto begun = closed.begin_anew(why, 0, now);
    if (!begun)
        return begun.error();
    return closed;
}

// The old file is closed first: SQLite removes -wal and -shm by name when it closes a file, and would remove
// those of the new one.
outcome<void> database::begin_anew(const store_error& why, std::uint64_t last_id, timestamp now) {
    // When SQLite closes a file that has lost its name, it leaves the log behind. So the log is moved into
    // the file first.
    if (why.kind == trouble::gone && is_open())
        (void)file_.run("PRAGMA wal_checkpoint(TRUNCATE)");
    file_.close_now();
    own_lock_ = file_lock();
    std::string aside;
    std::error_code ignored;
    if (std::filesystem::exists(path_, ignored)) {
        if (why.kind == trouble::gone)
            remove_empty_log(path_);
        const auto renamed = store::set_aside(path_, now);
        if (!renamed)
            return renamed.error();
        aside = *renamed;
    }
    if (const auto made = make(path_); !made)
        return made.error();
    auto own = file_lock::take_itself(path_);
    if (!own)
        return own.error();
    auto fresh = connect(path_);
    if (!fresh)
        return fresh.error();
    last_id = std::max(last_id, last_id_of_damaged(aside));
    const auto noted = last_id == 0 ? outcome<void>() : raise(*fresh, "last_event_id", last_id);
    if (!noted)
        return noted.error();
    own_lock_ = std::move(*own);
    file_ = std::move(*fresh);
    set_aside_ = begun_anew(path_, aside, why, now);
    return {};
}

outcome<void> database::check_place() const {
    if (!is_open() || own_lock_.is_of(path_))
        return {};
    std::error_code ignored;
    return store_error{trouble::gone, std::filesystem::exists(path_, ignored)
                                          ? "another file was put in its place"
                                          : "it was removed"};
}

outcome<memory> database::load() {
    memory all;
    const auto instances = read_instances(file_, all);
    if (!instances)
        return instances.error();
    const auto tasks = read_tasks(file_, all);
    if (!tasks)
        return tasks.error();
    return all;
}

outcome<std::uint64_t> database::last_event_id() {
    return store::last_event_id(file_);
}

outcome<void> database::commit(const batch& what, std::uint64_t printed_up_to) {
    auto change = transaction::begin(file_);
    if (!change)
        return change.error();
    const auto written = write(what, printed_up_to);
    if (!written)
        return written.error();
    return change->commit();
}

outcome<void> database::write(const batch& what, std::uint64_t printed_up_to) {
    auto instance = instance_upsert(file_);
    auto task = task_upsert(file_);
    auto removal = task_removal(file_);
    auto insert = event_insert(file_);
    for (const auto* prepared : {&instance, &task, &removal, &insert}) {
        if (!*prepared)
            return prepared->error();
    }
    for (const auto& [key, record] : what.instances) {
        if (const auto done = put(*instance, key, record); !done)
            return done.error();
    }
    for (const auto& [key, record] : what.tasks) {
        if (const auto done = record ? put(*task, key, *record) : remove(*removal, key); !done)
            return done.error();
    }
    for (const auto* events : {&what.again, &what.events}) {
        for (const kept_event& event : *events) {
            if (const auto done = put(*insert, event); !done)
                return done.error();
        }
    }
    for (const auto* events : {&what.again, &what.events}) {
        if (events->empty())
            continue;
        if (const auto done = raise(file_, "last_event_id", events->back().what.id.value_or(0)); !done)
            return done.error();
    }
    return printed_up_to == 0 ? outcome<void>() : raise(file_, "printed_up_to", printed_up_to);
}

// Writes without a sync of its own. The next commit syncs it too, because it comes earlier in the WAL.
template<class Write>
outcome<void> database::unsynced(Write write) {
    if (const auto relaxed = file_.run("PRAGMA synchronous = NORMAL"); !relaxed)
        return relaxed.error();
    const auto done = write();
    if (const auto strict = file_.run("PRAGMA synchronous = FULL"); !strict)
        return strict.error();
    return done;
}

outcome<void> database::acknowledge(std::uint64_t printed_up_to) {
    return unsynced([&] { return raise(file_, "printed_up_to", printed_up_to); });
}

outcome<std::optional<timestamp>> database::pruned_at() {
    const auto at = file_.number("SELECT value FROM marks WHERE key = 'pruned_at'");
    if (!at)
        return at.error();
    if (*at > 0)
        return std::optional(timestamp(milliseconds(*at)));
    // A file of an earlier version has no such mark; it existed when its newest row was written.
    const auto written = file_.number("SELECT max(coalesce((SELECT max(time) FROM events), 0), "
                                      "coalesce((SELECT max(last_seen) FROM instances), 0))");
    if (!written)
        return written.error();
    return *written > 0 ? std::optional(timestamp(milliseconds(*written))) : std::nullopt;
}

outcome<void> database::note_pruned_at(timestamp time) {
    return unsynced([&]() -> outcome<void> {
        auto put = file_.prepare("INSERT OR REPLACE INTO marks (key, value) VALUES ('pruned_at', ?)");
        if (!put)
            return put.error();
        return put->bind(1, std::int64_t{time.time_since_epoch().count()}).run();
    });
}

outcome<std::vector<kept_event>> database::unacknowledged() {
    const auto printed = file_.number("SELECT value FROM meta WHERE key = 'printed_up_to'");
    if (!printed)
        return printed.error();
    return read_events_above(file_, static_cast<std::uint64_t>(*printed), most_unacknowledged);
}

outcome<std::vector<kept_event>> database::events(const event_query& query) {
    return read_events(file_, query);
}

outcome<bool> database::prune(timestamp now, milliseconds retention) {
    return store::prune(file_, now, retention);
}

outcome<connection> open_for_reading(const std::string& path) {
    std::error_code hidden;
    if (!std::filesystem::exists(path, hidden))
        return store_error{trouble::unusable, hidden ? hidden.message() : "there is no such file"};
    // After a clean stop there is no -wal, and a reader that may not create one reads the file as immutable.
    // If there is a -wal, it must be read too, because it has the newest events.
    const std::string log = path + "-wal";
    const bool written_to = ::access(log.c_str(), F_OK) == 0;
    auto opened = connection::open(path, access::read_only);
    if (!opened)
        return opened.error();
    auto readable = check_schema(*opened);
    if (!readable && readable.error().kind == trouble::unusable && !written_to) {
        opened = connection::open(path, access::immutable);
        if (!opened)
            return opened.error();
        readable = check_schema(*opened);
    }
    if (!readable)
        return readable.error();
    return opened;
}

} // namespace replmond::store
