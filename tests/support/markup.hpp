#pragma once

#include <string>
#include <string_view>

namespace replmond::test {

/// What is wrong with a page; empty: nothing. Each `<` begins one of the tags that the status page is made
/// of, its attributes are ours, quoted and without `<` or `>`, and tags close in the order in which they
/// opened. So nothing that is data can have become markup.
std::string fault_in_markup(std::string_view page);

} // namespace replmond::test
