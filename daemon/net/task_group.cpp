// Owns the coroutines of the process: they are spawned here, cancelled together, and waited for at the end.

#include "daemon/net/task_group.hpp"

#include "daemon/net/async.hpp"

#include <cassert>
#include <utility>

namespace replmond::net {

namespace asio = boost::asio;

task_group::task_group(asio::any_io_executor executor)
    : executor_(std::move(executor)), all_ended_(executor_, asio::steady_timer::time_point::max()) {}

task_group::~task_group() {
    assert(children_.empty());
}

void task_group::spawn(asio::awaitable<void> work) {
    if (stopping_)
        return;
    const auto child = children_.emplace(children_.end());
    auto on_end = [this, child](const std::exception_ptr& error) { ended(child, error); };
    try {
        asio::co_spawn(executor_, from_next_turn(std::move(work)),
                       asio::bind_cancellation_slot(child->slot(), std::move(on_end)));
    } catch (...) { // out of memory: join() must not wait for what never started
        children_.erase(child);
        throw;
    }
}

void task_group::ended(std::list<asio::cancellation_signal>::iterator child,
                       const std::exception_ptr& error) {
    children_.erase(child);
    if (error && !stopping_) {
        first_error_ = error;
        if (failed_)
            failed_(error);
        stop();
    }
    if (children_.empty())
        all_ended_.cancel();
}

void task_group::stop() {
    if (stopping_)
        return;
    stopping_ = true;
    // A child that ends inside emit() erases itself, so the iterator advances first.
    for (auto child = children_.begin(); child != children_.end();) {
        const auto current = child++;
        current->emit(asio::cancellation_type::terminal);
    }
}

asio::awaitable<void> task_group::join() {
    while (!children_.empty())
        co_await all_ended_.async_wait(nothrow);
    if (first_error_)
        std::rethrow_exception(std::exchange(first_error_, nullptr));
}

std::exception_ptr run_until_done(asio::io_context& loop, task_group& group) {
    std::exception_ptr broken;
    group.on_failure([&](const std::exception_ptr& error) {
        broken = error;
        loop.stop();
    });
    try {
        loop.run();
    } catch (...) {
        broken = std::current_exception();
    }
    group.on_failure(nullptr);
    return broken;
}

} // namespace replmond::net
