#pragma once

#include "daemon/core/metrics/exposition.hpp"
#include "daemon/core/metrics/gzip.hpp"

#include <string>

namespace replmond::test {

/// As a client reads them.
inline std::string joined(const metrics::text_chunks& pieces) {
    std::string all;
    for (const metrics::text_chunk& piece : pieces)
        all += *piece.text;
    return all;
}

/// All at once.
inline http::buffer_chain pack(metrics::gzip_packer& packer, const metrics::text_chunks& pieces) {
    metrics::gzip_packer::packing packing(packer, pieces);
    while (!packing.step()) {
    }
    return packing.take();
}

} // namespace replmond::test
