#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace replmond::config {

/// A position in the file, 1-based. Columns count characters, not bytes. Line 0 means the file as a whole.
struct position {
    int line = 0;
    int column = 0;
};

/// One mistake in the file, as it is reported to the user. The message never contains a secret.
struct problem {
    int line = 0; ///< 1-based; 0: the file as a whole
    int column = 0;
    std::string message;

    bool operator==(const problem&) const = default;
};

/// `FILE:LINE:COLUMN: message`, or `FILE: message` for the file as a whole.
std::string to_string(std::string_view file, const problem& what);

/// Sorts by position, then by text, and removes duplicates.
void sort_problems(std::vector<problem>& problems);

/// `text` in double quotes for a message: control characters are escaped, so it stays on one line, and it is
/// cut after 64 bytes.
std::string quoted(std::string_view text);

/// True if `text` has a control character (C0, DEL or C1). `text` must be valid UTF-8.
bool has_control_character(std::string_view text);

} // namespace replmond::config
