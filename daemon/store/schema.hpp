#pragma once

#include "daemon/store/sqlite.hpp"

#include <cstdint>
#include <span>

namespace replmond::store {

/// `PRAGMA application_id` of a state file: "rplm".
inline constexpr std::int64_t application_id = 0x72706C6D;

/// Each step takes the file from version i (`PRAGMA user_version`) to i + 1. Steps that were released never
/// change.
std::span<const char* const> schema_steps();

/// Fails with trouble::foreign where it is another program's file, with trouble::corrupt where the id is ours
/// but for a bit or two. An empty one is nobody's.
outcome<void> check_owner(connection& file);

/// Brings the file to the newest version, each step in a transaction of its own. An empty file is version 0.
/// Fails with trouble::newer for a version that is not known (trouble::corrupt where it is a known one,
/// as the table `marks` has it, but for one bit), trouble::foreign for another program's file.
outcome<void> migrate(connection& file, std::span<const char* const> steps = schema_steps());

/// For a reader, which changes nothing: is this a state file that it can read?
outcome<void> check_schema(connection& file);

} // namespace replmond::store
