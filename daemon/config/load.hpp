#pragma once

#include "daemon/config/problem.hpp"
#include "daemon/config/secret.hpp"
#include "daemon/config/settings.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace replmond::config {

struct load_outcome {
    std::string file;                  ///< as it is named in messages
    std::optional<settings> loaded;    ///< none where there is any problem
    bool is_empty = false;             ///< the file has nothing but blanks and comments
    std::vector<problem> problems;     ///< all of them, by position; no text holds a secret
    std::vector<std::string> warnings; ///< what is valid but hardly meant
};

/// Every problem as it is printed, one a line.
std::vector<std::string> messages(const load_outcome& outcome);

/// Reads and checks the configuration in `text`. `file` is its name for messages; `from.directory` is where
/// relative paths start. Throws nothing but bad_alloc and what the callables of `from` throw.
load_outcome load_text(std::string_view text, std::string file, const lookup& from);

/// Reads the file at `path` by `from.read_file`; `from.directory` becomes the folder that it is in.
load_outcome load_file(const std::string& path, lookup from);

} // namespace replmond::config
