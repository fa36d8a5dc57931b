#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace replmond::net {

/// What is still to be written of a text in pieces, which it refers to.
class unsent_text {
public:
    /// As many as one call of the kernel takes (Asio's limit), so that nothing is built for pieces left over.
    static constexpr std::size_t most_parts = 64;

    void add(std::string_view piece);

    bool empty() const { return at_ == pieces_.size(); }

    /// The next parts, `most_bytes` altogether at most; valid until the next call of anything.
    std::span<const std::string_view> next(std::size_t most_bytes);

    /// So many bytes of them are written.
    void written(std::size_t bytes);

private:
    std::vector<std::string_view> pieces_; ///< none empty
    std::size_t at_ = 0;
    std::array<std::string_view, most_parts> parts_;
};

} // namespace replmond::net
