#include "daemon/net/unsent_text.hpp"

#include <algorithm>

namespace replmond::net {

void unsent_text::add(std::string_view piece) {
    if (!piece.empty())
        pieces_.push_back(piece);
}

std::span<const std::string_view> unsent_text::next(std::size_t most_bytes) {
    std::size_t count = 0;
    for (std::size_t i = at_; i < pieces_.size() && count < most_parts && most_bytes > 0; ++i) {
        parts_[count] = pieces_[i].substr(0, most_bytes);
        most_bytes -= parts_[count].size();
        ++count;
    }
    return std::span(parts_).first(count);
}

void unsent_text::written(std::size_t bytes) {
    while (bytes > 0 && at_ < pieces_.size()) {
        const std::size_t of_this = std::min(bytes, pieces_[at_].size());
        pieces_[at_].remove_prefix(of_this);
        bytes -= of_this;
        if (pieces_[at_].empty())
            ++at_;
    }
}

} // namespace replmond::net
