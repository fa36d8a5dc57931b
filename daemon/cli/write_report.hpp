#pragma once

#include <string>
#include <string_view>

namespace replmond::cli {

/// Puts a file with that text, readable for its owner only, in the place of `path`: the old one or the new
/// one is there whole, whatever happens. Of a link, the file that it leads to is replaced. A device or a pipe
/// is written into, which may block. Returns what is wrong; empty: nothing.
std::string write_report(const std::string& path, std::string_view text);

} // namespace replmond::cli
