#pragma once

#include "daemon/store/record.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>

namespace replmond::store {

/// A line to print.
struct outgoing {
    event what;
    bool kept = false; ///< false: printed only
};

struct outbox_limits {
    std::size_t plain = 10'000;                              ///< lines that are not kept
    std::size_t kept = 100'000;                              ///< events
    std::size_t plain_bytes = std::size_t{16} * 1024 * 1024; ///< of all of them: few long ones are as bad
    std::size_t kept_bytes = std::size_t{64} * 1024 * 1024;
};

/// What waits for the journal's worker. States coalesce, so that only lines can pile up, and they are
/// bounded. Pure.
class outbox {
public:
    explicit outbox(outbox_limits limits = {}) : limits_(limits) {}

    /// States are never dropped. Beyond a bound the oldest event is, line and all: only a worker that
    /// stands still for 100,000 events, or 64 MiB of them, comes to that.
    void add(batch what);

    /// Drops the line where too many wait already.
    void add_plain(event line);

    /// Takes everything out.
    outbox take();

    bool empty() const { return lines_.empty() && unsaved_.empty(); }
    const std::deque<outgoing>& lines() const { return lines_; } ///< in the order in which they came
    batch& unsaved() { return unsaved_; }                        ///< what is to be committed
    std::size_t kept() const { return unsaved_.events.size(); }  ///< events
    std::uint64_t dropped_plain() const { return dropped_plain_; }
    std::uint64_t dropped_kept() const { return dropped_kept_; }

private:
    void drop_oldest_kept();

    outbox_limits limits_;
    std::deque<outgoing> lines_;
    batch unsaved_;
    std::size_t plain_ = 0; ///< of lines_
    std::size_t plain_bytes_ = 0;
    std::size_t kept_bytes_ = 0; ///< of the lines; the events to store are as many again
    std::uint64_t dropped_plain_ = 0;
    std::uint64_t dropped_kept_ = 0;
};

} // namespace replmond::store
