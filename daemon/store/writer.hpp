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
    milliseconds first_retry = std::chrono::seconds(1); ///< after a failed write; doubles up to
    milliseconds last_retry = std::chrono::seconds(30);
    milliseconds said_again = std::chrono::hours(1); ///< that writing fails
    std::size_t most_unsaved = 100'000;              ///< events kept in memory while writing fails
    std::size_t most_unsaved_bytes = std::size_t{64} * 1024 * 1024; ///< of all of them
    std::size_t most_unsaved_removals =
        400'000; ///< tasks that are only to be removed; as far as can be, see .cpp
    milliseconds begun_anew_again = std::chrono::minutes(10); ///< at least, between two files set aside
};

/// What could not be written.
struct unsaved {
    std::size_t events = 0;
    std::size_t states = 0; ///< instances and tasks

    bool nothing() const { return events + states == 0; }
};

/// What the journal's worker does, without the thread: commits, prints, acknowledges, in that order. While
/// writing fails, lines are printed all the same and what is not saved stays in memory. A file that turns out
/// to be damaged is set aside and a new one begun.
class writer {
public:
    /// `file`: none: nothing is stored. `print` may block. `write_failed`: called for each failed write.
    /// `begun_anew`: called when a new file has taken the place of a damaged one: only what is not saved is
    /// in it.
    writer(
        std::optional<database> file, writer_settings settings, std::function<void(const event&)> print,
        std::function<void()> write_failed, std::function<void()> begun_anew = [] {});

    /// Prints what a crash may have kept from being printed, with replayed=true. Once, first of all.
    void replay(moment now);

    void take(outbox what, moment now);

    /// What is due: another try to write, or a step of pruning. Returns when to call again.
    std::chrono::steady_clock::time_point tick(moment now);

    /// Tries a last time to write what is not saved, with little patience.
    void finish(moment now);

    /// As finish(), for a caller that has waited too long for print(): `rest` is stored too, and nothing is
    /// printed any more. What take() has not printed counts as not printed.
    void finish_without_printing(batch rest, moment now);

    outcome<std::vector<kept_event>> find(const event_query& query);
    void set_retention(milliseconds retention) { settings_.retention = retention; }

    std::size_t unsaved_events() const { return unsaved_.events.size(); }
    unsaved left() const; ///< of what was to be written; all zero without a file
    std::uint64_t not_stored() const { return not_stored_; } ///< events given up, printed all the same

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

    std::int64_t failures_ = 0; ///< writes in a row
    moment failing_since_;
    std::optional<std::chrono::steady_clock::time_point> said_;
    std::chrono::steady_clock::time_point retry_at_;
    std::chrono::steady_clock::time_point prune_at_;
    std::optional<std::chrono::steady_clock::time_point> begun_anew_at_;
};

} // namespace replmond::store
