// The tables of the state file, and how a file of an older version is migrated.

#include "daemon/store/schema.hpp"

#include <fmt/format.h>

#include <array>
#include <bit>

namespace replmond::store {

namespace {

// Times are in Unix milliseconds. Rows are identified by (project_id, instance_id, task), never by names (the
// contract, "Words"); the names are stored for people who look into the file. In `events`, columns that
// queries filter by come before the long texts.
constexpr auto version_1 = R"(
CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE instances (
    project_id TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    project TEXT NOT NULL,
    starrocks_instance TEXT NOT NULL,
    last_seen INTEGER NOT NULL,
    last_success INTEGER,
    failures INTEGER NOT NULL,
    failures_first INTEGER NOT NULL,
    failures_said_at INTEGER NOT NULL,
    failures_said TEXT NOT NULL,
    transitions TEXT NOT NULL,
    PRIMARY KEY (project_id, instance_id)
) WITHOUT ROWID;

CREATE TABLE tasks (
    project_id TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    task TEXT NOT NULL,
    source_database TEXT,
    target_database TEXT,
    status TEXT,
    stage TEXT NOT NULL,
    stage_raw TEXT,
    percentage REAL,
    catchup_stage TEXT,
    catchup_stage_raw TEXT,
    catchup_percentage REAL,
    needs_repair INTEGER,
    main_task INTEGER,
    stage_changed INTEGER NOT NULL,
    status_changed INTEGER NOT NULL,
    progress_changed INTEGER NOT NULL,
    last_status TEXT,
    last_percentage REAL,
    abnormal_since INTEGER,
    last_alert INTEGER NOT NULL,
    alerts_repeated INTEGER NOT NULL,
    repair_needed INTEGER NOT NULL,
    reason TEXT,
    reason_round INTEGER,
    reason_asked INTEGER NOT NULL,
    reason_answered INTEGER NOT NULL,
    unseen_since INTEGER,
    gone_since INTEGER,
    PRIMARY KEY (project_id, instance_id, task)
) WITHOUT ROWID;
CREATE INDEX tasks_gone ON tasks (gone_since) WHERE gone_since IS NOT NULL;

CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    time INTEGER NOT NULL,
    level TEXT NOT NULL,
    name TEXT NOT NULL,
    project TEXT NOT NULL,
    project_id TEXT NOT NULL,
    starrocks_instance TEXT NOT NULL,
    instance_id TEXT NOT NULL,
    task TEXT NOT NULL,
    message TEXT NOT NULL,
    fields TEXT NOT NULL
);
CREATE INDEX events_time ON events (time);
)";

// Marks discovered instances, so that they are polled again from the start, before the first listing.
constexpr auto version_2 = R"(
ALTER TABLE instances ADD COLUMN discovered INTEGER NOT NULL DEFAULT 0;
)";

// The schema version again, outside the file's header. If the version in the header differs from this one in
// a single bit, the header is damaged. A later step sets schema_version to its own number. It is not in
// `meta`, because the last event_id is the largest value there.
constexpr auto version_3 = R"(
CREATE TABLE marks (
    key TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO marks VALUES ('schema_version', 3);
)";

// Since when a task has its databases, and the instance's note (`ext_text` of the list).
constexpr auto version_4 = R"(
ALTER TABLE tasks ADD COLUMN appeared INTEGER;
ALTER TABLE instances ADD COLUMN note TEXT;
UPDATE marks SET value = 4 WHERE key = 'schema_version';
)";

// Since when a task needs repair.
constexpr auto version_5 = R"(
ALTER TABLE tasks ADD COLUMN repair_since INTEGER;
UPDATE marks SET value = 5 WHERE key = 'schema_version';
)";

constexpr std::array steps_of_the_schema = {version_1, version_2, version_3, version_4, version_5};
constexpr std::int64_t first_that_says_it_twice = 3;

// The id of another program has no relation to ours; a damaged one differs from ours in one or two bits.
bool is_nearly_ours(std::int64_t id) {
    const auto differing = static_cast<std::uint32_t>(id ^ application_id); // the header has 32 bits
    return id != 0 && std::popcount(differing) <= 2;
}

outcome<void> refuse_newer(connection& file, std::int64_t version, std::size_t known) {
    if (version >= 0 && static_cast<std::size_t>(version) <= known)
        return {};
    const auto said_again = file.number("SELECT value FROM marks WHERE key = 'schema_version'");
    if (said_again && *said_again >= first_that_says_it_twice &&
        *said_again <= static_cast<std::int64_t>(known) &&
        std::popcount(static_cast<std::uint32_t>(version ^ *said_again)) == 1)
        return store_error{trouble::corrupt,
                           fmt::format("its schema version is {} in its header and {} in its table marks",
                                       version, *said_again)};
    return store_error{
        trouble::newer,
        fmt::format(
            "it has schema version {}, and this replmond knows versions up to {}; a newer replmond wrote it",
            version, known)};
}

outcome<void> take_step(connection& file, const char* step, std::int64_t to) {
    auto change = transaction::begin(file);
    if (!change)
        return change.error();
    for (const std::string& sql : {std::string(step), fmt::format("PRAGMA user_version = {}", to),
                                   fmt::format("PRAGMA application_id = {}", application_id)}) {
        const auto done = file.run(sql);
        if (!done)
            return done.error();
    }
    return change->commit();
}

} // namespace

std::span<const char* const> schema_steps() {
    return steps_of_the_schema;
}

outcome<void> check_owner(connection& file) {
    const auto id = file.number("PRAGMA application_id");
    if (!id)
        return id.error();
    if (*id == application_id)
        return {};
    // 0 is the default, which is right only for an empty file.
    const auto tables = file.number("SELECT count(*) FROM sqlite_schema");
    if (!tables)
        return tables.error();
    if (*id == 0 && *tables == 0)
        return {};
    if (is_nearly_ours(*id))
        return store_error{trouble::corrupt, fmt::format("its application id is {:#x}", *id)};
    return store_error{trouble::foreign, "it is a database of another program"};
}

outcome<void> migrate(connection& file, std::span<const char* const> steps) {
    const auto ours = check_owner(file);
    if (!ours)
        return ours.error();
    const auto version = file.number("PRAGMA user_version");
    if (!version)
        return version.error();
    const auto known = refuse_newer(file, *version, steps.size());
    if (!known)
        return known.error();
    for (auto at = static_cast<std::size_t>(*version); at < steps.size(); ++at) {
        const auto taken = take_step(file, steps[at], static_cast<std::int64_t>(at) + 1);
        if (!taken)
            return taken.error();
    }
    return {};
}

outcome<void> check_schema(connection& file) {
    const auto ours = check_owner(file);
    if (!ours)
        return ours.error();
    const auto version = file.number("PRAGMA user_version");
    if (!version)
        return version.error();
    if (*version == 0)
        return store_error{trouble::foreign, "it is empty"};
    return refuse_newer(file, *version, schema_steps().size());
}

} // namespace replmond::store
