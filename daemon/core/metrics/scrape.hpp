#pragma once

#include "daemon/core/http/reply_body.hpp"
#include "daemon/core/metrics/exposition.hpp"
#include "daemon/core/metrics/gzip.hpp"

#include <functional>
#include <memory>

namespace replmond::metrics {

/// Where the exposition comes from.
struct metrics_sources {
    /// Prepares a small part of it. True: nothing is left to prepare. May be empty: there is nothing to
    /// prepare.
    std::function<bool()> refresh;

    std::function<text_chunks(format)> pieces; ///< returns the whole exposition
};

/// The body of a scrape, compressed by `packer` unless that is null. The packer must outlive the body, and
/// there may be one body at a time for each packer.
std::unique_ptr<http::reply_body> metrics_body(metrics_sources sources, format as, gzip_packer* packer);

} // namespace replmond::metrics
