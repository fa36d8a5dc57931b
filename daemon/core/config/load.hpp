#pragma once

#include "daemon/core/config/file_digests.hpp"
#include "daemon/core/config/problem.hpp"
#include "daemon/core/config/secret.hpp"
#include "daemon/core/config/settings.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace replmond::config {

/// Reads a whole file of at most 1 MiB; a larger one is an error (`file_too_large`). A file that is not
/// regular is an error too, since reading a FIFO could block forever. All files of the configuration are read
/// by this function and the next one.
file_outcome read_file(const std::string& path);

/// Like read_file(), but also reads a pipe or a device such as /dev/stdin to its end. It may block, so it is
/// only for the start of a command.
file_outcome read_file_or_pipe(const std::string& path);

/// The process's environment and the real file system. `directory` is left empty; load_file() sets it.
lookup system_lookup();

/// The result of loading a configuration.
struct load_outcome {
    std::string file;                  ///< the name of the file in messages
    std::optional<settings> loaded;    ///< nothing if there is any problem
    bool is_empty = false;             ///< the file has only blanks and comments
    std::vector<problem> problems;     ///< ordered by position; no text contains a secret
    std::vector<std::string> warnings; ///< about settings that are valid but probably a mistake
    file_digests files;                ///< all files that were read or tried
};

/// The problems as they are printed, one line for each.
std::vector<std::string> messages(const load_outcome& outcome);

/// Parses and checks the configuration in `text` (the contract, Configuration). `file`: its name for
/// messages. `from.directory`: where relative paths start. Throws only bad_alloc and what the functions of
/// `from` throw.
load_outcome load_text(std::string_view text, std::string file, const lookup& from);

/// Reads the file at `path` by `from.read_at_start` or `from.read_file`. `from.directory` is set to the
/// folder of `path`. `files` of the outcome is set.
load_outcome load_file(const std::string& path, lookup from);

} // namespace replmond::config
