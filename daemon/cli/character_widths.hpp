#pragma once

#include <cstddef>

namespace replmond::cli {

/// True for what must not reach a terminal: controls, line and paragraph separators, and what nobody sees
/// (bidirectional controls and other invisible formats).
bool is_unsafe(char32_t c);

/// How many columns a character takes on a terminal: 0, 1 or 2. Of its own, whatever the locale is: the C
/// library's wcwidth() says -1 for every name outside of ASCII where the locale is C.
int columns_of(char32_t c);

} // namespace replmond::cli
