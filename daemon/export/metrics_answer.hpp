#pragma once

#include "daemon/export/answer_job.hpp"
#include "daemon/export/gzip.hpp"
#include "daemon/export/negotiation.hpp"
#include "daemon/export/text_piece.hpp"

#include <functional>
#include <memory>

namespace replmond::exposition {

/// Where the exposition comes from.
struct metrics_sources {
    /// Prepares a little of it; true: nothing is left to prepare. No function: nothing ever is.
    std::function<bool()> refresh;

    std::function<text_pieces(format)> pieces; ///< all of it
};

/// The body of a scrape, packed by `packer` where it is not null. One at a time for each packer, which must
/// outlive it.
std::unique_ptr<answer_job> metrics_answer(metrics_sources sources, format as, gzip_packer* packer);

} // namespace replmond::exposition
