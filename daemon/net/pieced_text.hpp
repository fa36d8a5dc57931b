#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace replmond::net {

/// A text in pieces, which others may hold as well: it is put together on the wire, not in memory.
struct pieced_text {
    std::vector<std::shared_ptr<const std::string>> pieces;
    std::size_t size = 0; ///< bytes of all of them

    void add(std::shared_ptr<const std::string> piece) {
        size += piece->size();
        pieces.push_back(std::move(piece));
    }

    void add(std::string piece) { add(std::make_shared<const std::string>(std::move(piece))); }

    std::string joined() const {
        std::string all;
        all.reserve(size);
        for (const auto& piece : pieces)
            all += *piece;
        return all;
    }
};

} // namespace replmond::net
