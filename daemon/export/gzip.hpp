#pragma once

#include "daemon/export/text_piece.hpp"
#include "daemon/net/pieced_text.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace replmond::exposition {

/// Packs a text as one gzip member (RFC 1952), again and again: what has not changed since the last time is
/// not deflated again. The text is cut into segments of whole pieces; each is deflated on its own (RFC 1951),
/// up to a byte's boundary and without reference to those before it. Level 1: a scrape is read once.
class gzip_packer {
public:
    gzip_packer();
    ~gzip_packer();

    net::pieced_text pack(std::span<const text_piece> pieces);

    /// Bytes of text that were deflated so far.
    std::uint64_t deflated() const { return deflated_; }

private:
    using segment = std::span<const text_piece>;
    struct packed_segment {
        std::vector<std::uint64_t> versions;
        std::shared_ptr<const std::string> packed;
        unsigned long sum = 0;    ///< CRC-32 of the text
        unsigned long append = 0; ///< what appends that sum to another's: crc32_combine_gen of the size
        std::size_t size = 0;     ///< bytes of the text
    };
    class deflater;

    packed_segment pack_segment(segment text);

    std::unique_ptr<deflater> deflater_;
    std::unordered_map<std::uint64_t, packed_segment> kept_; ///< of the last time, by their first version
    std::uint64_t deflated_ = 0;
};

} // namespace replmond::exposition
