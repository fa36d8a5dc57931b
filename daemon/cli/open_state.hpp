#pragma once

#include "daemon/store/database.hpp"

#include <optional>
#include <string>
#include <vector>

namespace replmond::cli {

/// What is known from before the process's start.
struct opened_state {
    std::optional<store::database> file; ///< none: state is kept in memory only
    store::memory past;
    std::vector<store::kept_event> latest; ///< oldest first
    std::optional<event> set_aside;        ///< for the log: the file was damaged, and a new one is begun
};

/// Opens the state file at `path`; empty: none. A damaged one is set aside, wherever the damage shows. Throws
/// std::runtime_error with a text for the user.
opened_state open_state(const std::string& path);

} // namespace replmond::cli
