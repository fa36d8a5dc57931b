#pragma once

#include "daemon/store/writer.hpp"

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace replmond::store {

/// What the journal asks of the daemon.
struct journal_callbacks {
    std::function<void(const event&)> print;         ///< on the worker; may block: only the worker waits
    std::function<void(std::function<void()>)> post; ///< from the worker: runs its argument on the loop
    std::function<void()> write_failed;              ///< on the loop, once for each failed write
    std::function<timestamp()> now;                  ///< on the worker
    /// On the loop: a new file has taken the place of a damaged one, and holds only what has come since.
    std::function<void()> begun_anew = [] {};
};

struct journal_settings {
    writer_settings writing;
    outbox_limits waiting;
};

/// How much waits, and what was lost.
struct journal_depth {
    std::size_t lines = 0;            ///< not printed yet
    std::size_t unsaved_events = 0;   ///< printed, not stored: writing fails
    std::uint64_t dropped_lines = 0;  ///< that are no events
    std::uint64_t dropped_events = 0; ///< neither stored nor printed: stdout was stuck for 100,000 of them
};

/// What could not be done before the end.
struct journal_leftover {
    unsaved not_stored;
    std::size_t not_printed = 0; ///< lines; those of events that are stored are printed by the next start

    bool nothing() const { return not_stored.nothing() && not_printed == 0; }
};

/// Stores and prints, on a thread of its own, in this order: commit, print, acknowledge. The loop never waits
/// for the disk or for stdout. What comes while the worker is busy goes into one transaction. All calls are
/// for one thread, the loop's.
class journal {
public:
    using found = std::function<void(outcome<std::vector<kept_event>>)>;

    /// `file`: none: nothing is stored, ids begin at 1. What a crash kept from being printed is printed
    /// first. Throws where the last id cannot be read.
    journal(std::optional<database> file, journal_settings settings, journal_callbacks callbacks);

    /// Without a stop() before: stops, and waits however long it takes.
    ~journal();

    journal(const journal&) = delete;
    journal& operator=(const journal&) = delete;

    /// False: there is no file. What is recorded is numbered and printed only.
    bool stores() const { return stores_; }

    /// Numbers the events, stores them with the states in one transaction, prints their lines. Returns the
    /// events with their ids.
    std::vector<kept_event> record(batch what);

    /// Stores events that have their ids and were given to record() before: a new file has none of them.
    void store_again(std::deque<kept_event> events);

    /// Prints a line that is not kept. Dropped, and counted, where too many wait.
    void log(event line);

    /// Newest first; `answer` is called on the loop. Comes late while stdout is stuck. Nothing is found
    /// without a file.
    void find(event_query query, found answer);

    void set_retention(milliseconds retention);
    journal_depth depth() const;

    /// Commits and prints what waits. False: the time was over first, and the worker is left behind, stuck in
    /// the disk or in stdout: leave by _Exit, since it still uses the callbacks. Where it is stuck in stdout,
    /// what waits is committed all the same, in at most 400 ms more.
    bool stop(milliseconds budget);

    /// After stop().
    const journal_leftover& left() const { return left_; }

private:
    struct question {
        event_query query;
        found answer;
    };

    /// Shared with the worker, which may outlive the journal.
    struct worker_state {
        worker_state(std::optional<database> file, const journal_settings& settings, journal_callbacks to);
        void work();
        bool wait_for_work(std::unique_lock<std::mutex>& lock, std::chrono::steady_clock::time_point until);
        void answer(std::vector<question> questions);
        void print(const event& line);
        void end();
        journal_leftover store_instead();
        moment now() const { return {callbacks.now(), std::chrono::steady_clock::now()}; }

        journal_callbacks callbacks;
        const bool stores;
        /// Of `writing`. The worker has it but while it waits or prints.
        std::mutex file_mutex;
        std::optional<writer> writing;

        mutable std::mutex mutex; // of all below; never hold it while waiting for file_mutex
        std::condition_variable changed;
        outbox waiting;
        std::vector<question> questions;
        std::optional<milliseconds> retention;
        journal_depth lost;    ///< with the lines that the worker has in hand
        unsaved in_hand;       ///< what the worker has taken to store it, and has not said the end of
        journal_leftover left; ///< at the worker's end
        bool stopping = false;
        bool done = false;
    };

    std::shared_ptr<worker_state> worker_;
    std::uint64_t last_id_ = 0;
    journal_leftover left_;
    bool stores_;
    std::thread thread_;
};

} // namespace replmond::store
