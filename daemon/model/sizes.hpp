#pragma once

#include "daemon/model/event.hpp"

#include <cstddef>

/// How large things are and may be, in bytes where nothing else is said.
namespace replmond {

/// As long as the cloud's documents let names be, and some more: what is longer is no name.
inline constexpr std::size_t longest_task_name = 512;
inline constexpr std::size_t longest_database_name = 512;
inline constexpr std::size_t longest_source_database_name = 4096; ///< the source may be a list of databases
inline constexpr std::size_t longest_instance_note = 256; ///< in characters: CONTRACT.md, instance_note

/// What an event takes in memory, about: its texts and what holds them.
std::size_t bytes_of(const event& e);

} // namespace replmond
