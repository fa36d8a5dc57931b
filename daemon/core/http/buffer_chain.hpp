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

/// A text in pieces. A piece may be shared with other texts. The pieces are sent one after the other and
/// never joined in memory.
struct buffer_chain {
    std::vector<std::shared_ptr<const std::string>> pieces;
    std::size_t size = 0; ///< bytes of all pieces

    void add(std::shared_ptr<const std::string> piece) {
        size += piece->size();
        pieces.push_back(std::move(piece));
    }

    void add(std::string piece) { add(std::make_shared<const std::string>(std::move(piece))); }

    /// A copy of the whole text.
    std::string joined() const {
        std::string all;
        all.reserve(size);
        for (const auto& piece : pieces)
            all += *piece;
        return all;
    }
};

/// What is still to be written of a text in pieces. It refers to the pieces, which must outlive it.
class write_cursor {
public:
    /// As many buffers as Asio passes to one sendmsg() (max_buffers); more would be ignored.
    static constexpr std::size_t most_parts = 64;

    /// Appends a piece; an empty one is ignored.
    void add(std::string_view piece);

    bool empty() const { return at_ == pieces_.size(); }

    /// The next parts, together at most `most_bytes`. Valid until the next call of any function.
    std::span<const std::string_view> next(std::size_t most_bytes);

    /// To be called when `bytes` bytes of the parts were written.
    void written(std::size_t bytes);

private:
    std::vector<std::string_view> pieces_; ///< none is empty
    std::size_t at_ = 0;                   ///< the first piece that is not completely written
    std::array<std::string_view, most_parts> parts_;
};

} // namespace replmond::http
