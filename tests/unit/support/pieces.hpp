#pragma once

#include "daemon/export/text_piece.hpp"

#include <string>

namespace replmond::test {

/// As a client reads them.
inline std::string joined(const exposition::text_pieces& pieces) {
    std::string all;
    for (const exposition::text_piece& piece : pieces)
        all += *piece.text;
    return all;
}

} // namespace replmond::test
