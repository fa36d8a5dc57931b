#include "daemon/export/gzip.hpp"

#include <zlib.h>

#include <limits>
#include <stdexcept>

namespace replmond::exposition {

std::string gzip(std::string_view text) {
    if (text.size() > std::numeric_limits<uInt>::max())
        throw std::length_error("too large for one call of zlib");
    constexpr int gzip_window = 15 + 16; // the largest window; 16 asks for gzip's header and trailer
    z_stream stream{};
    if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, gzip_window, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        throw std::bad_alloc();

    std::string packed(deflateBound(&stream, static_cast<uLong>(text.size())), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data())); // zlib reads it only
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    const int ended = deflate(&stream, Z_FINISH);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    if (ended != Z_STREAM_END)
        throw std::logic_error("zlib's own bound was too small");
    return packed;
}

} // namespace replmond::exposition
