#pragma once

#include "daemon/store/sqlite.hpp"

#include <cstdint>
#include <span>

namespace replmond::store {

/// `PRAGMA application_id` of a state file: "rplm" in ASCII.
inline constexpr std::int64_t application_id = 0x72706C6D;

/// The statements of each step. Step i takes the file from version i (`PRAGMA user_version`) to i + 1. A step
/// that was released never changes.
std::span<const char* const> schema_steps();

/// Checks the application id. Fails with trouble::foreign for another program's file, with trouble::corrupt
/// if the id differs from ours in one or two bits. An empty file is accepted.
outcome<void> check_owner(connection& file);

/// Migrates the file to the newest version, each step in its own transaction. An empty file is version 0.
/// Fails with trouble::newer for an unknown version, with trouble::corrupt if that version differs in one bit
/// from a known one in the table `marks`, and with trouble::foreign for another program's file.
outcome<void> migrate(connection& file, std::span<const char* const> steps = schema_steps());

/// For readers: checks, without changing anything, that this is a state file of a known version. Fails as
/// migrate() does.
outcome<void> check_schema(connection& file);

} // namespace replmond::store
