#pragma once

#include "daemon/config/secret.hpp"

#include <string>

namespace replmond::config {

/// The whole file, at most 1 MiB of it: more is an error (`file_too_large`), and so is all that is no regular
/// file, since a FIFO could be waited for without an end. The one place where configuration touches the disk.
file_outcome read_file(const std::string& path);

/// The same, also of a pipe or a device such as /dev/stdin, which is read to its end: for a command that has
/// nothing else to do yet.
file_outcome read_file_or_pipe(const std::string& path);

/// The process's environment and the real files. `directory` is left empty: load_file() fills it in.
lookup system_lookup();

} // namespace replmond::config
