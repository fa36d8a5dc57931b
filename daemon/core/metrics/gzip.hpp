#pragma once

#include "daemon/core/http/buffer_chain.hpp"
#include "daemon/core/metrics/exposition.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace replmond::metrics {

/// Packs a text as one gzip member (RFC 1952), again and again: what has not changed since the last time is
/// not deflated again. The text is cut into segments of whole pieces; each is deflated on its own (RFC 1951),
/// up to a byte's boundary and without reference to those before it. Level 1: a scrape is read once.
class gzip_packer {
    using segment = std::span<const text_chunk>;
    struct packed_segment {
        std::vector<std::uint64_t> versions;
        std::shared_ptr<const std::string> packed;
        unsigned long sum = 0;    ///< CRC-32 of the text
        unsigned long append = 0; ///< what appends that sum to another's: crc32_combine_gen of the size
        std::size_t size = 0;     ///< bytes of the text
    };

public:
    gzip_packer();
    ~gzip_packer();

    /// One text being packed, a segment after the other. One at a time; the packer must outlive it.
    class packing {
    public:
        packing(gzip_packer& by, std::vector<text_chunk> pieces);

        /// Packs one more segment, of 200 KiB unless one piece is larger; true: all is packed.
        bool step();

        std::size_t bytes() const { return packed_.size; }

        /// The packed text, once.
        http::buffer_chain take() { return std::move(packed_); }

    private:
        gzip_packer& by_;
        std::vector<text_chunk> pieces_;
        std::size_t done_ = 0; ///< of them
        http::buffer_chain packed_;
        unsigned long sum_;
        std::uint32_t size_ = 0; ///< modulo 2^32, as the format says
        std::unordered_map<std::uint64_t, packed_segment> kept_;
    };

    /// Bytes of text that were deflated so far.
    std::uint64_t deflated() const { return deflated_; }

private:
    class deflater;

    packed_segment pack_segment(segment text);

    std::unique_ptr<deflater> deflater_;
    std::unordered_map<std::uint64_t, packed_segment> kept_; ///< of the last time, by their first version
    std::uint64_t deflated_ = 0;
};

} // namespace replmond::metrics
