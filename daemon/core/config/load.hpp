#pragma once

#include "daemon/core/config/problem.hpp"
#include "daemon/core/config/secret.hpp"
#include "daemon/core/config/settings.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace replmond::config {

/// The whole file, at most 1 MiB of it: more is an error (`file_too_large`), and so is all that is no regular
/// file, since a FIFO could be waited for without an end. The one place where configuration touches the disk.
file_outcome read_file(const std::string& path);

/// The same, also of a pipe or a device such as /dev/stdin, which is read to its end: for a command that has
/// nothing else to do yet.
file_outcome read_file_or_pipe(const std::string& path);

/// The process's environment and the real files. `directory` is left empty: load_file() fills it in.
lookup system_lookup();

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
