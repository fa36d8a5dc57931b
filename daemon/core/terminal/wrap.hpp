#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace replmond::terminal {

/// `text` in lines of at most `columns` columns, broken at blanks. A word that is wider has a line of its
/// own. A line break in `text` stays one. `text` must be a result of shown(), but for its line breaks.
std::vector<std::string> wrap(std::string_view text, std::size_t columns);

/// One entry of a list: `term`, and its description beside it from column `indent` on, wrapped at `columns`.
/// A term that is too long has a line of its own. Ends with a line break.
std::string wrapped_entry(std::string_view term, std::string_view description, std::size_t indent,
                          std::size_t columns);

} // namespace replmond::terminal
