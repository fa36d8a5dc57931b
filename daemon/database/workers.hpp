#pragma once

#include "daemon/core/model/time.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <memory>

namespace replmond::database {

/// Something that blocks. It is kept until its thread has ended, so it owns what the thread uses.
class blocking_work {
public:
    virtual ~blocking_work() = default;
    /// Called on a thread. An exception ends the work as if it had returned.
    virtual void run() = 0;
    /// Makes run() end soon, as far as that is possible. Called from the loop while run() runs; must not
    /// block.
    virtual void interrupt() = 0;
};

/// Whether a piece of work is likely to take its whole time: the last one for this host did, or there was
/// none. It holds at most half of the threads then.
enum class outlook { good, doubtful };

/// Threads for work that blocks, named `lag`. They are started when they are needed, and at most
/// `most_threads` are there. For one loop only. A coroutine in run() may be destroyed after the workers, but
/// not resumed.
class workers {
public:
    static constexpr std::size_t most_threads = 16;

    explicit workers(std::size_t most = most_threads);
    workers(const workers&) = delete;
    workers& operator=(const workers&) = delete;
    /// Does not wait for work that runs: its thread ends by itself later.
    ~workers();

    /// Runs the work on a thread and waits for it, at most `within` from the moment when the thread begins.
    /// Returns true if it has ended. Else it was interrupted, may go on for a while, and must not be looked
    /// at. Throws operation_aborted when the caller is cancelled; the work is then dropped or interrupted.
    boost::asio::awaitable<bool> run(std::shared_ptr<blocking_work> work, outlook looks, milliseconds within);

    /// Whether the thread of this work has ended, or never began.
    bool has_ended(const blocking_work& work) const;

    /// Whether any work runs. The process must then leave by _Exit, without destroying what a thread may use.
    bool is_busy() const;

private:
    struct pool;
    struct job;
    std::shared_ptr<pool> pool_; ///< shared with the threads, which may outlive this object
};

} // namespace replmond::database
