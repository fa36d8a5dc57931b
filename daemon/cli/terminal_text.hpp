#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// Text of the cloud, made fit for a terminal. Pure.
namespace replmond::cli {

/// `text` as it may be shown: controls, invisible formats and bytes that are no UTF-8 as `\n`, `\x1b`,
/// `\u202e`. Nothing in it can move the cursor, colour, turn or hide what stands beside it.
std::string shown(std::string_view text);

/// How many columns `text`, which is shown() already, takes.
std::size_t width_of(std::string_view text);

/// Cut to at most `columns`, between characters; what was cut ends with an ellipsis of one column.
std::string cut_to_width(std::string_view text, std::size_t columns);

/// Followed by spaces up to `columns`.
std::string padded(std::string_view text, std::size_t columns);

} // namespace replmond::cli
