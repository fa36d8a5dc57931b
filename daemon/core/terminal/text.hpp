#pragma once

#include "daemon/core/model/failure.hpp"

#include <cstddef>
#include <string>
#include <string_view>

/// Text of the cloud, made fit for a terminal.
namespace replmond::terminal {

/// True for what must not reach a terminal: controls, line and paragraph separators, and what nobody sees
/// (bidirectional controls and other invisible formats).
bool is_unsafe(char32_t c);

/// How many columns a character takes on a terminal: 0, 1 or 2, whatever the process's locale is.
int columns_of(char32_t c);

/// `text` as it may be shown: controls, invisible formats and bytes that are no UTF-8 as `\n`, `\x1b`,
/// `\u202e`. Nothing in it can move the cursor, colour, turn or hide what stands beside it.
std::string shown(std::string_view text);

/// How many columns `text`, which is shown() already, takes.
std::size_t width_of(std::string_view text);

/// Cut to at most `columns`, between characters; what was cut ends with an ellipsis of one column.
std::string cut_to_width(std::string_view text, std::size_t columns);

/// Followed by spaces up to `columns`.
std::string padded(std::string_view text, std::size_t columns);

/// A failure for people, fit for a terminal: "http 404 DBS.201028: Instance not found. (request r-1)".
std::string failure_text(const failure& why);

} // namespace replmond::terminal
