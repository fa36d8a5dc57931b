#pragma once

#include "daemon/store/database.hpp"
#include "daemon/store/outbox.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>

namespace replmond::store {

struct writer_settings {
    milliseconds retention = std::chrono::hours(24 * 30);
    milliseconds first_retry = std::chrono::seconds(1); ///< after a failed write; doubles up to
    milliseconds last_retry = std::chrono::seconds(30);
    milliseconds said_again = std::chrono::hours(1); ///< that writing fails
    std::size_t most_unsaved = 100'000;              ///< events kept in memory while writing fails
};

/// Both clocks: one is stored, the other one only goes forward.
struct moment {
    timestamp wall{};
    std::chrono::steady_clock::time_point up{};
};

/// What the journal's worker does, without the thread: commits, prints, acknowledges, in that order. While
/// writing fails, lines are printed all the same and what is not saved stays in memory.
class writer {
public:
    /// `file`: none: nothing is stored. `print` may block. `write_failed`: called for each failed write.
    writer(std::optional<database> file, writer_settings settings, std::function<void(const event&)> print,
           std::function<void()> write_failed);

    /// Prints what a crash may have kept from being printed, with replayed=true. Once, first of all.
    void replay(moment now);

    void take(outbox what, moment now);

    /// What is due: another try to write, or a step of pruning. Returns when to call again.
    std::chrono::steady_clock::time_point tick(moment now);

    /// Tries a last time to write what is not saved.
    void finish(moment now);

    outcome<std::vector<kept_event>> find(const event_query& query);
    void set_retention(milliseconds retention) { settings_.retention = retention; }

    std::size_t unsaved_events() const { return unsaved_.events.size(); }
    std::uint64_t not_stored() const { return not_stored_; } ///< events given up, printed all the same

private:
    void save(moment now);
    void acknowledge(moment now);
    void failed(const store_error& why, moment now);
    void recovered(moment now);
    void give_up_oldest();
    bool is_failing() const { return failures_ > 0; }

    std::optional<database> file_;
    writer_settings settings_;
    std::function<void(const event&)> print_;
    std::function<void()> write_failed_;

    batch unsaved_;
    std::uint64_t printed_up_to_ = 0;
    std::uint64_t acknowledged_ = 0;
    std::uint64_t not_stored_ = 0;

    std::int64_t failures_ = 0; ///< writes in a row
    moment failing_since_;
    std::optional<std::chrono::steady_clock::time_point> said_;
    std::chrono::steady_clock::time_point retry_at_;
    std::chrono::steady_clock::time_point prune_at_;
};

} // namespace replmond::store
