// The body of a scrape, made in small steps: refresh what is outdated, collect the chunks, compress them.

#include "daemon/core/metrics/scrape.hpp"

#include <optional>
#include <utility>

namespace replmond::metrics {

namespace {

// Renders what polls have changed since the last scrape; then collects all text at one moment and compresses
// it.
class metrics_job final : public http::reply_body {
public:
    metrics_job(metrics_sources sources, format as, gzip_packer* packer)
        : sources_(std::move(sources)), as_(as), packer_(packer) {}

    bool step() override {
        if (packing_)
            return packing_->step();
        if (sources_.refresh && !sources_.refresh())
            return false;
        text_chunks pieces = sources_.pieces(as_);
        if (as_ == format::open_metrics)
            pieces.push_back(unversioned_chunk("# EOF\n")); // OpenMetrics 1.0.0 requires it at the end
        if (packer_ != nullptr) {
            packing_.emplace(*packer_, std::move(pieces));
            return false;
        }
        for (text_chunk& piece : pieces)
            text_.add(std::move(piece.text));
        return true;
    }
    // Text that is not compressed is shared with the page, so it counts as no memory of this body.
    std::size_t bytes() const override { return packing_ ? packing_->bytes() : 0; }
    http::buffer_chain take() override { return packing_ ? packing_->take() : std::move(text_); }

private:
    metrics_sources sources_;
    format as_;
    gzip_packer* packer_;
    std::optional<gzip_packer::packing> packing_;
    http::buffer_chain text_;
};

} // namespace

std::unique_ptr<http::reply_body> metrics_body(metrics_sources sources, format as, gzip_packer* packer) {
    return std::make_unique<metrics_job>(std::move(sources), as, packer);
}

} // namespace replmond::metrics
