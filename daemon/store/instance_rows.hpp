#pragma once

#include "daemon/store/record.hpp"
#include "daemon/store/sqlite.hpp"

#include <cstdint>

/// The table `tasks`: rows to values and back.
namespace replmond::store {

/// The statements that put() and remove() take.
outcome<statement> task_upsert(connection& file);
outcome<statement> task_removal(connection& file);

outcome<void> put(statement& upsert, const task_key& key, const task_record& record);
outcome<void> remove(statement& removal, const task_key& key);

outcome<void> read_tasks(connection& file, memory& into);

/// Equal for what would be equal rows; differs for different ones, but for once in 2^64.
std::uint64_t fingerprint(const task_state& state, const std::optional<timestamp>& gone_since);

// The table `instances`: rows to values and back.

outcome<statement> instance_upsert(connection& file);
outcome<void> put(statement& upsert, const instance_key& key, const instance_record& record);

outcome<void> read_instances(connection& file, memory& into);

} // namespace replmond::store
