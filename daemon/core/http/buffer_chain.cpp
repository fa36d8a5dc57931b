// Keeps track of how far a text in pieces has been sent.

#include "daemon/core/http/buffer_chain.hpp"

#include <algorithm>

namespace replmond::http {

void write_cursor::add(std::string_view piece) {
    if (!piece.empty())
        pieces_.push_back(piece);
}

std::span<const std::string_view> write_cursor::next(std::size_t most_bytes) {
    std::size_t count = 0;
    for (std::size_t i = at_; i < pieces_.size() && count < most_parts && most_bytes > 0; ++i) {
        parts_[count] = pieces_[i].substr(0, most_bytes);
        most_bytes -= parts_[count].size();
        ++count;
    }
    return std::span(parts_).first(count);
}

void write_cursor::written(std::size_t bytes) {
    while (bytes > 0 && at_ < pieces_.size()) {
        const std::size_t of_this = std::min(bytes, pieces_[at_].size());
        pieces_[at_].remove_prefix(of_this);
        bytes -= of_this;
        if (pieces_[at_].empty())
            ++at_;
    }
}

} // namespace replmond::http
