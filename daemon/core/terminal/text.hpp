#pragma once

#include "daemon/core/model/failure.hpp"

#include <cstddef>
#include <string>
#include <string_view>

/// Makes text from the cloud safe to print on a terminal, and measures its width.
namespace replmond::terminal {

/// True for a character that must not be sent to a terminal: control characters, line and paragraph
/// separators, and invisible format characters such as bidirectional controls.
bool is_unsafe(char32_t c);

/// The number of columns that a character takes on a terminal: 0, 1 or 2, whatever the process's locale.
int columns_of(char32_t c);

/// `text` in a form that is safe to print: unsafe characters and bytes that are not UTF-8 are escaped as
/// `\n`, `\x1b`, `\u202e`. So it cannot move the cursor, change colours, or reorder or hide the text beside
/// it.
std::string shown(std::string_view text);

/// The number of columns that `text` takes. `text` must be a result of shown().
std::size_t width_of(std::string_view text);

/// `text` cut between characters to at most `columns` columns. A text that was cut ends with an ellipsis of
/// one column.
std::string cut_to_width(std::string_view text, std::size_t columns);

/// `text` followed by spaces up to `columns` columns.
std::string padded(std::string_view text, std::size_t columns);

/// A failure in one line for users, safe to print: "http 404 DBS.201028: Instance not found. (request r-1)".
std::string failure_text(const failure& why);

} // namespace replmond::terminal
