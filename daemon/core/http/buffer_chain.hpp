#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace replmond::http {

/// A text in pieces, which others may hold as well: it is put together on the wire, not in memory.
struct buffer_chain {
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

/// What is still to be written of a text in pieces, which it refers to.
class write_cursor {
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

} // namespace replmond::http
