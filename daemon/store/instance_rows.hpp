#pragma once

#include "daemon/store/record.hpp"
#include "daemon/store/sqlite.hpp"

/// The table `instances`: rows to values and back.
namespace replmond::store {

outcome<statement> instance_upsert(connection& file);
outcome<void> put(statement& upsert, const instance_key& key, const instance_record& record);

outcome<void> read_instances(connection& file, memory& into);

} // namespace replmond::store
