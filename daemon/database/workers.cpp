// The threads that wait for databases, and how the loop waits for them.

#include "daemon/database/workers.hpp"

#include "daemon/net/async.hpp"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <deque>
#include <exception>
#include <list>
#include <mutex>
#include <pthread.h>
#include <system_error>
#include <thread>
#include <utility>

namespace replmond::database {

namespace asio = boost::asio;

// One piece of work. The pool's mutex guards all of it but `work` itself.
struct workers::job {
    enum class phase { queued, running, ended };

    std::shared_ptr<blocking_work> work;
    outlook looks;
    phase at = phase::queued;
    /// Of the waiting coroutine; null: none waits. Cancelled by messages to its loop.
    std::shared_ptr<asio::steady_timer> wakeup;
};

struct workers::pool {
    mutable std::mutex mutex;
    std::condition_variable changed;
    const std::size_t most;
    std::array<std::deque<std::shared_ptr<job>>, 2> queues; ///< by outlook
    std::list<std::shared_ptr<job>> running;
    std::size_t threads = 0;
    std::size_t idle = 0;
    bool over = false;

    explicit pool(std::size_t limit) : most(limit) {}

    std::deque<std::shared_ptr<job>>& queue(outlook looks) { return queues[static_cast<std::size_t>(looks)]; }

    bool may_begin(outlook looks) {
        if (queue(looks).empty())
            return false;
        const auto doubtful = std::count_if(running.begin(), running.end(),
                                            [](const auto& one) { return one->looks == outlook::doubtful; });
        return looks == outlook::good ||
               static_cast<std::size_t>(doubtful) < std::max<std::size_t>(most / 2, 1);
    }

    // Called with the mutex held.
    std::shared_ptr<job> take_next() {
        for (const outlook looks : {outlook::good, outlook::doubtful}) {
            if (!may_begin(looks))
                continue;
            auto next = std::move(queue(looks).front());
            queue(looks).pop_front();
            next->at = job::phase::running;
            running.push_back(next);
            wake(*next);
            return next;
        }
        return nullptr;
    }

    static void wake(const job& of) {
        if (of.wakeup)
            asio::post(of.wakeup->get_executor(), [timer = of.wakeup] { timer->cancel(); });
    }

    static void work(const std::shared_ptr<pool>& self);
    static void start_thread(const std::shared_ptr<pool>& self);
};

void workers::pool::work(const std::shared_ptr<pool>& self) {
    pthread_setname_np(pthread_self(), "lag"); // the thread's name in top -H
    std::unique_lock lock(self->mutex);
    for (;;) {
        std::shared_ptr<job> mine;
        ++self->idle;
        self->changed.wait(lock, [&] { return self->over || (mine = self->take_next()) != nullptr; });
        --self->idle;
        if (mine == nullptr)
            break;
        lock.unlock();
        try {
            mine->work->run();
        } catch (const std::exception&) { // out of memory: as if it had given nothing
        }
        lock.lock();
        mine->at = job::phase::ended;
        self->running.remove(mine);
        wake(*mine);
        self->changed.notify_all(); // one more doubtful one may begin
    }
    --self->threads;
}

// Called with the mutex held. Throws std::system_error if there is no thread at all and none can be started.
void workers::pool::start_thread(const std::shared_ptr<pool>& self) {
    if (self->idle > 0 || self->threads >= self->most)
        return;
    try {
        ++self->threads;
        std::thread([self] { work(self); }).detach();
    } catch (const std::system_error&) {
        if (--self->threads == 0)
            throw;
    }
}

workers::workers(std::size_t most) : pool_(std::make_shared<pool>(most)) {}

workers::~workers() {
    const std::lock_guard lock(pool_->mutex);
    pool_->over = true;
    for (auto& queue : pool_->queues)
        queue.clear();
    pool_->changed.notify_all();
}

asio::awaitable<bool> workers::run(std::shared_ptr<blocking_work> work, outlook looks, milliseconds within) {
    const std::shared_ptr<pool> shared = pool_;
    auto executor = co_await asio::this_coro::executor;
    auto mine = std::make_shared<job>();
    mine->work = std::move(work);
    mine->looks = looks;
    mine->wakeup = std::make_shared<asio::steady_timer>(executor, asio::steady_timer::time_point::max());
    auto wakeup = mine->wakeup;
    // Leaves nothing behind that would reach this coroutine's loop, however it ends: a loop that is destroyed
    // may destroy it after the workers.
    struct leave {
        pool& of;
        job& one;
        ~leave() {
            const std::lock_guard lock(of.mutex);
            one.wakeup.reset();
            std::erase_if(of.queue(one.looks), [&](const auto& queued) { return queued.get() == &one; });
            if (one.at == job::phase::running) {
                one.looks = outlook::doubtful;
                one.work->interrupt();
            }
        }
    };
    const leave at_the_end{*shared, *mine};
    {
        const std::lock_guard lock(shared->mutex);
        shared->queue(looks).push_back(mine);
        pool::start_thread(shared);
        shared->changed.notify_one();
    }
    bool begun = false;
    for (;;) {
        const auto [error] = co_await wakeup->async_wait(net::nothrow);
        const auto caller = co_await asio::this_coro::cancellation_state;
        if (caller.cancelled() != asio::cancellation_type::none)
            net::throw_cancelled();
        const std::lock_guard lock(shared->mutex);
        if (mine->at == job::phase::ended)
            co_return true;
        if (!error) // the timer expired
            co_return false;
        if (mine->at == job::phase::running && !std::exchange(begun, true))
            wakeup->expires_after(within);
    }
}

bool workers::has_ended(const blocking_work& work) const {
    const std::lock_guard lock(pool_->mutex);
    return std::none_of(pool_->running.begin(), pool_->running.end(),
                        [&](const auto& one) { return one->work.get() == &work; });
}

bool workers::is_busy() const {
    const std::lock_guard lock(pool_->mutex);
    return !pool_->running.empty();
}

} // namespace replmond::database
