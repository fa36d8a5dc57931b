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

/// Compresses a text that is sent again and again as one gzip member (RFC 1952). Parts that have not changed
/// since the last time are not deflated again: the text is cut into segments of whole chunks, and each
/// segment is deflated on its own (RFC 1951), without references to earlier segments, and ends at a byte
/// boundary. Level 1, because each result is read only once.
class gzip_packer {
    using segment = std::span<const text_chunk>;
    struct packed_segment {
        std::vector<std::uint64_t> versions;       ///< of its chunks
        std::shared_ptr<const std::string> packed; ///< the deflated text
        unsigned long sum = 0;                     ///< CRC-32 of the text
        /// crc32_combine_gen(size): the operator for crc32_combine_op.
        unsigned long append = 0;
        std::size_t size = 0; ///< bytes of the text
    };

public:
    gzip_packer();
    ~gzip_packer();

    /// Compresses one text, segment by segment. There may be one at a time; the packer must outlive it.
    class packing {
    public:
        packing(gzip_packer& by, std::vector<text_chunk> pieces);

        /// Deflates one more segment, of at most 192 KiB of text unless one chunk is larger. True: all is
        /// done.
        bool step();

        std::size_t bytes() const { return packed_.size; }

        /// The compressed text. To be called once, after step() has returned true.
        http::buffer_chain take() { return std::move(packed_); }

    private:
        gzip_packer& by_;
        std::vector<text_chunk> pieces_;
        std::size_t done_ = 0; ///< how many of pieces_ are done
        http::buffer_chain packed_;
        unsigned long sum_ = 0;  ///< CRC-32 of the text so far
        std::uint32_t size_ = 0; ///< ISIZE: the size of the text modulo 2^32 (RFC 1952 2.3.1)
        /// Segments for the next time, by their first version.
        std::unordered_map<std::uint64_t, packed_segment> kept_;
    };

    /// Bytes of text that were deflated so far; unchanged segments are not counted again.
    std::uint64_t deflated() const { return deflated_; }

private:
    class deflater;

    packed_segment pack_segment(segment text);

    std::unique_ptr<deflater> deflater_;
    /// Segments of the last text, by their first version.
    std::unordered_map<std::uint64_t, packed_segment> kept_;
    std::uint64_t deflated_ = 0;
};

} // namespace replmond::metrics
