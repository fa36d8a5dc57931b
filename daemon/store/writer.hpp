#pragma once

#include "daemon/store/database.hpp"
#include "daemon/store/outbox.hpp"
#include "daemon/store/prune.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>

namespace replmond::store {

struct writer_settings {
    milliseconds retention = std::chrono::hours(24 * 30);
    /// After the first failed write; doubles each time up to last_retry.
    milliseconds first_retry = std::chrono::seconds(1);
    milliseconds last_retry = std::chrono::seconds(30);
    milliseconds said_again = std::chrono::hours(1); ///< how often a lasting failure is logged
    std::size_t most_unsaved = 100'000;              ///< events kept in memory while writing fails
    std::size_t most_unsaved_bytes = std::size_t{64} * 1024 * 1024; ///< bytes of all of them
    std::size_t most_unsaved_removals =
        400'000; ///< removals of tasks kept in memory while writing fails; see give_up_oldest()
    milliseconds begun_anew_again = std::chrono::minutes(10); ///< the least time between two files set aside
};

/// How much could not be written.
struct unsaved {
    std::size_t events = 0;
    std::size_t states = 0; ///< instances and tasks

    bool nothing() const { return events + states == 0; }
};

/// The work of the journal's worker, without the thread: commit, print, acknowledge, in that order. While
/// writing fails, lines are still printed, and what is not stored stays in memory. A file that turns out to
/// be damaged is set aside, and a new one is begun.
class writer {
public:
    /// `file`: without one nothing is stored. `print` may block. `write_failed` is called for each failed
    /// write. `begun_anew` is called when a new file has replaced a damaged one; the new one gets only what
    /// is not saved yet.
    writer(
        std::optional<database> file, writer_settings settings, std::function<void(const event&)> print,
        std::function<void()> write_failed, std::function<void()> begun_anew = [] {});

    /// Prints the events that a crash may have kept from being printed, with replayed=true. To be called
    /// once, before anything else.
    void replay(moment now);

    /// Commits the states and events, prints the lines, and acknowledges them.
    void take(outbox what, moment now);

    /// Does what is due: a retry of a failed write, or a pruning step. Returns when to call it again.
    std::chrono::steady_clock::time_point tick(moment now);

    /// Tries a last time to write what is not saved; waits at most 300 ms for another process that writes.
    void finish(moment now);

    /// Like finish(), for a thread that has taken over from one that is blocked in print(): stores `rest`
    /// too, and prints nothing more. Lines that take() has not printed count as not printed.
    void finish_without_printing(batch rest, moment now);

    /// Stored events, newest first; none without a file.
    outcome<std::vector<kept_event>> find(const event_query& query);
    void set_retention(milliseconds retention) { settings_.retention = retention; }

    std::size_t unsaved_events() const { return unsaved_.events.size(); }
    unsaved left() const; ///< what is still to be written; all zero without a file
    std::uint64_t not_stored() const { return not_stored_; } ///< events given up; they were printed

private:
    template<class Operation>
    auto on_file(moment now, Operation operation);
    outcome<bool> begin_anew(const store_error& why, moment now);
    void prune(moment now);
    void print(const event& line);
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
    std::function<void()> begun_anew_;
    std::optional<prune_clock> prune_clock_;
    std::optional<timestamp> prune_noted_;
    bool prints_ = true;
    bool more_to_prune_ = false;

    batch unsaved_;
    std::uint64_t printed_up_to_ = 0;
    std::uint64_t acknowledged_ = 0;
    std::uint64_t not_stored_ = 0;

    std::int64_t failures_ = 0; ///< failed writes in a row
    moment failing_since_;
    std::optional<std::chrono::steady_clock::time_point> said_;
    std::chrono::steady_clock::time_point retry_at_;
    std::chrono::steady_clock::time_point prune_at_;
    std::optional<std::chrono::steady_clock::time_point> begun_anew_at_;
};

} // namespace replmond::store
