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

/// What the journal needs from the daemon.
struct journal_callbacks {
    /// Called on the worker; may block, which delays only the worker.
    std::function<void(const event&)> print;
    std::function<void(std::function<void()>)> post; ///< called on the worker; runs its argument on the loop
    std::function<void()> write_failed;              ///< called on the loop, once for each failed write
    std::function<timestamp()> now;                  ///< called on the worker
    /// Called on the loop: a damaged file was replaced by a new one, which holds only what was recorded
    /// since.
    std::function<void()> begun_anew = [] {};
};

struct journal_settings {
    writer_settings writing;
    outbox_limits waiting;
};

/// How much waits, and how much was lost.
struct journal_depth {
    std::size_t lines = 0;            ///< not printed yet
    std::size_t unsaved_events = 0;   ///< printed but not stored: writing fails
    std::uint64_t dropped_lines = 0;  ///< lines that are not events
    std::uint64_t dropped_events = 0; ///< neither stored nor printed: stdout blocked for 100,000 of them
};

/// What was not done when the journal stopped.
struct journal_leftover {
    unsaved not_stored;
    std::size_t not_printed = 0; ///< lines; those of stored events are printed by the next start

    bool nothing() const { return not_stored.nothing() && not_printed == 0; }
};

/// Stores and prints on a thread of its own, in this order: commit, print, acknowledge. The loop never waits
/// for the disk or for stdout. What arrives while the worker is busy is committed in one transaction. All
/// calls must come from one thread, the loop's.
class journal {
public:
    using found = std::function<void(outcome<std::vector<kept_event>>)>;

    /// `file`: without one nothing is stored, and ids begin at 1. First, the events that a crash kept from
    /// being printed are printed. Throws if the last id cannot be read.
    journal(std::optional<database> file, journal_settings settings, journal_callbacks callbacks);

    /// If stop() was not called: stops, and waits without a limit.
    ~journal();

    journal(const journal&) = delete;
    journal& operator=(const journal&) = delete;

    /// False: there is no file; events are only numbered and printed.
    bool stores() const { return stores_; }

    /// Numbers the events, then stores them together with the states in one transaction, then prints their
    /// lines. Returns the numbered events at once; the rest happens on the worker.
    std::vector<kept_event> record(batch what);

    /// Stores events that record() has numbered before, because a new file lacks them. They are not printed
    /// again.
    void store_again(std::deque<kept_event> events);

    /// Prints a line that is not stored. If too many lines wait, the line is dropped and counted.
    void log(event line);

    /// Finds stored events, newest first. `answer` is called on the loop; late if stdout blocks. Without a
    /// file nothing is found.
    void find(event_query query, found answer);

    void set_retention(milliseconds retention);
    journal_depth depth() const;

    /// Commits and prints what waits, for at most `budget`. False: that took too long, and the worker is left
    /// behind, blocked in the disk or in stdout. The process must then leave by _Exit, because the worker
    /// still uses the callbacks. If it is blocked in stdout, what waits is committed nevertheless, within 400
    /// ms more.
    bool stop(milliseconds budget);

    /// What was not done; valid after stop().
    const journal_leftover& left() const { return left_; }

private:
    struct question {
        event_query query;
        found answer;
    };

    /// Shared with the worker thread, which may outlive the journal.
    struct worker_state {
        worker_state(std::optional<database> file, const journal_settings& settings, journal_callbacks to);
        void work();
        bool wait_for_work(std::unique_lock<std::mutex>& lock, std::chrono::steady_clock::time_point until);
        void answer(std::vector<question> questions);
        void print(const event& line);
        void end();
        journal_leftover store_for_blocked_worker();
        moment now() const { return {callbacks.now(), std::chrono::steady_clock::now()}; }

        journal_callbacks callbacks;
        const bool stores;
        /// Guards `writing`. The worker holds it except while it waits or prints.
        std::mutex file_mutex;
        std::optional<writer> writing;

        mutable std::mutex mutex; // guards all below; never held while waiting for file_mutex
        std::condition_variable changed;
        outbox waiting;
        std::vector<question> questions;
        std::optional<milliseconds> retention;
        journal_depth lost;    ///< includes the lines that the worker has taken
        unsaved being_stored;  ///< what the worker has taken to store and not finished
        journal_leftover left; ///< set when the worker ends
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
