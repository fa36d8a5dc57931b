#pragma once

#include "daemon/store/record.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>

namespace replmond::store {

/// A line to print.
struct outgoing {
    event what;
    bool kept = false; ///< false: the line is printed but not stored
};

/// How much may wait for the worker.
struct outbox_limits {
    std::size_t plain = 10'000; ///< lines that are only printed
    std::size_t kept = 100'000; ///< events to store and print
    /// Bytes of all such lines: a few long ones need as much memory as many short ones.
    std::size_t plain_bytes = std::size_t{16} * 1024 * 1024;
    std::size_t kept_bytes = std::size_t{64} * 1024 * 1024;
};

/// What waits for the journal's worker. States coalesce (the newest replaces the older), so only lines can
/// pile up, and they are bounded. Pure.
class outbox {
public:
    explicit outbox(outbox_limits limits = {}) : limits_(limits) {}

    /// Adds states and events. States are never dropped. Beyond a limit the oldest event is dropped, both its
    /// row and its line; that happens only if the worker is blocked while 100,000 events, or 64 MiB of them,
    /// arrive.
    void add(batch what);

    /// Adds a line that is only printed. Drops it if too many wait already.
    void add_plain(event line);

    /// Moves everything out; the outbox is empty afterwards.
    outbox take();

    bool empty() const { return lines_.empty() && unsaved_.empty(); }
    const std::deque<outgoing>& lines() const { return lines_; } ///< in the order of arrival
    batch& unsaved() { return unsaved_; }                        ///< what is to be committed
    std::size_t kept() const { return unsaved_.events.size(); }  ///< events to store
    std::uint64_t dropped_plain() const { return dropped_plain_; }
    std::uint64_t dropped_kept() const { return dropped_kept_; }

private:
    void drop_oldest_kept();

    outbox_limits limits_;
    std::deque<outgoing> lines_;
    batch unsaved_;
    std::size_t plain_ = 0; ///< of the lines
    std::size_t plain_bytes_ = 0;
    std::size_t kept_bytes_ = 0; ///< of the lines; the same events in unsaved_ are not counted again
    std::uint64_t dropped_plain_ = 0;
    std::uint64_t dropped_kept_ = 0;
};

} // namespace replmond::store
