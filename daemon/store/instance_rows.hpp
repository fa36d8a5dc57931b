#pragma once

#include "daemon/store/record.hpp"
#include "daemon/store/sqlite.hpp"

#include <cstdint>

/// The tables `tasks` and `instances`: rows to values and back.
namespace replmond::store {

/// The statements that put() and remove() take.
outcome<statement> task_upsert(connection& file);
outcome<statement> task_removal(connection& file);

/// Inserts or replaces one row.
outcome<void> put(statement& upsert, const task_key& key, const task_record& record);
outcome<void> remove(statement& removal, const task_key& key);

/// Adds all rows to `into`. Fails with trouble::corrupt on a value that replmond never writes.
outcome<void> read_tasks(connection& file, memory& into);

/// A hash of a task's row: equal rows have equal fingerprints; different rows have equal ones with a
/// probability of 2^-64.
std::uint64_t fingerprint(const task_state& state, const std::optional<timestamp>& gone_since);

// The table `instances`.

outcome<statement> instance_upsert(connection& file);
outcome<void> put(statement& upsert, const instance_key& key, const instance_record& record);

/// Adds all rows to `into`. Fails with trouble::corrupt on a value that replmond never writes.
outcome<void> read_instances(connection& file, memory& into);

} // namespace replmond::store
