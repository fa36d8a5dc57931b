#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// Cuts names that are too long for a table, so that they can still be told apart.
namespace replmond::terminal {

/// `text` cut to at most `columns` columns by an ellipsis that leaves up to `tail` columns of its end. `text`
/// must be a result of shown().
std::string cut_before_the_end(std::string_view text, std::size_t columns, std::size_t tail);

/// The names, each at most `columns` wide, in their order. They are cut in the middle, or elsewhere where
/// fewer names then become the same. The names must be results of shown().
std::vector<std::string> cut_names(const std::vector<std::string>& names, std::size_t columns);

} // namespace replmond::terminal
