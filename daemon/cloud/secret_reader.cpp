// The threads that read secrets, and how the loop waits for them.

#include "daemon/cloud/secret_reader.hpp"

#include <atomic>
#include <exception>
#include <mutex>
#include <pthread.h>
#include <system_error>
#include <thread>
#include <utility>

namespace replmond::cloud {

namespace asio = boost::asio;

namespace {

std::atomic<int> reads_out = 0;

} // namespace

// One read. The mutex guards all of it and is held for short steps only.
struct secret_reader::read_job {
    std::mutex mutex;
    bool done = false;
    std::shared_ptr<asio::steady_timer> wakeup; ///< of the waiting coroutine; null: none waits

    // The waiting coroutine resets `wakeup` before it ends, so the loop of a wakeup found here still exists.
    void end() {
        const std::lock_guard lock(mutex);
        done = true;
        if (wakeup)
            asio::post(wakeup->get_executor(), [signalled = wakeup] { signalled->cancel(); });
    }

    bool is_done() {
        const std::lock_guard lock(mutex);
        return done;
    }
};

bool secret_reader::any_out() {
    return reads_out > 0;
}

asio::awaitable<bool> secret_reader::run_work(std::function<void()> work) {
    if (last_ && !last_->is_done())
        co_return false;
    auto executor = co_await asio::this_coro::executor;
    auto wakeup = std::make_shared<asio::steady_timer>(executor, patience_);
    auto now = std::make_shared<read_job>();
    now->wakeup = wakeup;
    struct leave {
        read_job& of;
        ~leave() {
            const std::lock_guard lock(of.mutex);
            of.wakeup.reset();
        }
    };
    const leave at_the_end{*now};
    try {
        ++reads_out;
        std::thread([now, work = std::move(work)] {
            pthread_setname_np(pthread_self(), "secrets"); // the thread's name in top -H
            try {
                work();
            } catch (const std::exception&) { // out of memory: treated as unreadable
            }
            now->end();
            --reads_out;
        }).detach();
    } catch (const std::system_error&) {
        --reads_out;
        co_return false; // no thread can be started
    }
    last_ = now;
    co_await wakeup->async_wait(net::nothrow);
    const auto caller = co_await asio::this_coro::cancellation_state;
    if (caller.cancelled() != asio::cancellation_type::none)
        net::throw_cancelled();
    co_return now->is_done();
}

} // namespace replmond::cloud
