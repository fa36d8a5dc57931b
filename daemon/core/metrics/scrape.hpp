#pragma once

#include "daemon/core/http/reply_body.hpp"
#include "daemon/core/metrics/exposition.hpp"
#include "daemon/core/metrics/gzip.hpp"

#include <functional>
#include <memory>

namespace replmond::metrics {

/// Where the exposition comes from.
struct metrics_sources {
    /// Prepares a little of it; true: nothing is left to prepare. No function: nothing ever is.
    std::function<bool()> refresh;

    std::function<text_chunks(format)> pieces; ///< all of it
};

/// The body of a scrape, packed by `packer` where it is not null. One at a time for each packer, which must
/// outlive it.
std::unique_ptr<http::reply_body> metrics_body(metrics_sources sources, format as, gzip_packer* packer);

} // namespace replmond::metrics
