// Compresses the exposition for each scrape, although little of it changes between two scrapes. zlib deflates
// the segments; the gzip member and its checksum are put together here (RFC 1952).

#include "daemon/core/metrics/gzip.hpp"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <new>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace replmond::metrics {

namespace {

// Sizes of a segment's text in bytes. A segment cannot refer to earlier ones and has Huffman codes of its
// own, so small segments compress much worse.
constexpr std::size_t enough = 48 * 1024; // a segment of this size takes no more chunks
constexpr std::size_t most = 192 * 1024;  // a segment of several chunks is not larger
// From this size on a segment ends before a chunk that is used only once.
constexpr std::size_t worth_keeping = 8 * 1024;

// The header (RFC 1952 2.3): CM 8 (deflate), no flags, no time, XFL 4 (fastest), OS 3 (Unix).
constexpr std::string_view head("\x1f\x8b\x08\0\0\0\0\0\x04\x03", 10);
// The final block (RFC 1951 3.2.3): BFINAL, fixed Huffman codes, empty.
constexpr std::string_view last_block("\x03\0", 2);

std::string little_endian(std::uint32_t number) {
    std::string bytes;
    for (int shift = 0; shift < 32; shift += 8)
        bytes += static_cast<char>(number >> shift & 0xff);
    return bytes;
}

// How many chunks the next segment takes. The cut depends only on the chunks of this segment, so that a chunk
// that changes its size moves few of the later cuts: segments fall into step again after the next large
// chunk.
std::size_t pieces_of_segment(std::span<const text_chunk> rest) {
    std::size_t count = 0;
    std::size_t size = 0;
    while (count < rest.size() && size < enough) {
        const std::size_t next = rest[count].text->size();
        if (count > 0 && size + next > most)
            break;
        if (size >= worth_keeping && rest[count].version == 0)
            break;
        size += next;
        ++count;
    }
    return count;
}

bool is_same(std::span<const text_chunk> text, const std::vector<std::uint64_t>& versions) {
    return std::equal(
        text.begin(), text.end(), versions.begin(), versions.end(),
        [](const text_chunk& piece, std::uint64_t version) { return piece.version == version; });
}

// A chunk of version 0 is used only once, so a segment that has one need not be kept.
bool will_come_again(std::span<const text_chunk> text) {
    return std::none_of(text.begin(), text.end(), [](const text_chunk& piece) { return piece.version == 0; });
}

} // namespace

// Owns zlib's state (256 KiB), which is allocated once and used for all segments.
class gzip_packer::deflater {
public:
    deflater() {
        constexpr int raw_window = -15; // the largest window; negative: raw deflate, no zlib header (zlib.h)
        if (deflateInit2(&stream_, Z_BEST_SPEED, Z_DEFLATED, raw_window, 8, Z_DEFAULT_STRATEGY) != Z_OK)
            throw std::bad_alloc();
    }
    deflater(const deflater&) = delete;
    deflater& operator=(const deflater&) = delete;
    ~deflater() { deflateEnd(&stream_); }

    std::string deflate(segment text, std::size_t size) {
        deflateReset(&stream_);
        constexpr std::size_t end_of_flush = 16; // deflateBound() does not count the empty block of a flush
        room_.resize(deflateBound(&stream_, static_cast<uLong>(size)) + end_of_flush);
        stream_.next_out = reinterpret_cast<Bytef*>(room_.data());
        stream_.avail_out = static_cast<uInt>(room_.size());
        for (const text_chunk& piece : text)
            take_in(*piece.text, Z_NO_FLUSH);
        // Ends the segment at a byte boundary. It is not the final block: that is last_block.
        take_in({}, Z_FULL_FLUSH);
        if (stream_.avail_out == 0)
            throw std::logic_error("zlib's own bound was too small");
        return room_.substr(0, stream_.total_out);
    }

private:
    void take_in(std::string_view text, int flush) {
        stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data())); // zlib only reads it
        stream_.avail_in = static_cast<uInt>(text.size());
        ::deflate(&stream_, flush);
    }

    z_stream stream_{};
    std::string room_;
};

gzip_packer::gzip_packer() : deflater_(std::make_unique<deflater>()) {}
gzip_packer::~gzip_packer() = default;

gzip_packer::packed_segment gzip_packer::pack_segment(segment text) {
    packed_segment made;
    for (const text_chunk& piece : text) {
        made.versions.push_back(piece.version);
        made.size += piece.text->size();
        if (made.size > std::numeric_limits<uInt>::max() / 2)
            throw std::length_error("too large for one call of zlib");
        made.sum = crc32(made.sum, reinterpret_cast<const Bytef*>(piece.text->data()),
                         static_cast<uInt>(piece.text->size()));
    }
    made.append = crc32_combine_gen(static_cast<z_off_t>(made.size));
    made.packed = std::make_shared<const std::string>(deflater_->deflate(text, made.size));
    deflated_ += made.size;
    return made;
}

gzip_packer::packing::packing(gzip_packer& by, std::vector<text_chunk> pieces)
    : by_(by), pieces_(std::move(pieces)) {
    packed_.add(std::string(head));
}

// Goes on until a segment had to be deflated. Segments that are the same as the last time cost almost
// nothing, so any number of them may belong to one step.
bool gzip_packer::packing::step() {
    bool packs = false;
    while (done_ < pieces_.size() && !packs) {
        const segment rest = std::span<const text_chunk>(pieces_).subspan(done_);
        const segment text = rest.first(pieces_of_segment(rest));
        done_ += text.size();
        const auto known = by_.kept_.find(text.front().version);
        packs = known == by_.kept_.end() || !is_same(text, known->second.versions);
        packed_segment packed = packs ? by_.pack_segment(text) : std::move(known->second);
        packed_.add(packed.packed);
        sum_ = crc32_combine_op(sum_, packed.sum, packed.append);
        size_ += static_cast<std::uint32_t>(packed.size);
        if (will_come_again(text))
            kept_.insert_or_assign(text.front().version, std::move(packed));
    }
    if (done_ < pieces_.size())
        return false;
    by_.kept_ = std::move(kept_);
    packed_.add(std::string(last_block) + little_endian(static_cast<std::uint32_t>(sum_)) +
                little_endian(size_));
    return true;
}

} // namespace replmond::metrics
