#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace replmond::exposition {

/// A part of an exposition, which may stand in later ones as well.
struct text_piece {
    std::shared_ptr<const std::string> text;

    /// Texts of the same version are the same; 0: will not come again.
    std::uint64_t version = 0;
};

using text_pieces = std::vector<text_piece>;

/// Never the same twice, from 1.
std::uint64_t new_version();

inline text_piece passing_piece(std::string text) {
    return {std::make_shared<const std::string>(std::move(text)), 0};
}

} // namespace replmond::exposition
