#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace replmond::config {

/// A place in the file, 1-based. Columns count characters, not bytes. Line 0 is the file as a whole.
struct position {
    int line = 0;
    int column = 0;
};

/// One mistake, as the user is told of it. Its text never holds a secret.
struct problem {
    int line = 0; ///< 1-based; 0: the file as a whole
    int column = 0;
    std::string message;

    bool operator==(const problem&) const = default;
};

/// `FILE:LINE:COLUMN: message`, or `FILE: message` for the file as a whole.
std::string to_string(std::string_view file, const problem& what);

/// By position, then by text; what was found twice is kept once.
void sort_problems(std::vector<problem>& problems);

/// `text` in double quotes for a message: on one line, control characters escaped, cut after 64 bytes.
std::string quoted(std::string_view text);

/// True when `text` has a control character (C0, DEL or C1); it must be valid UTF-8.
bool has_control_character(std::string_view text);

} // namespace replmond::config
