#include "daemon/monitor/slots.hpp"

#include "daemon/net/async.hpp"

#include <algorithm>
#include <utility>

namespace replmond::monitor {

namespace asio = boost::asio;

slots::slots(asio::any_io_executor executor, int count) : executor_(std::move(executor)), free_(count) {}

slots::lease::lease(lease&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)) {}

slots::lease& slots::lease::operator=(lease&& other) noexcept {
    std::swap(owner_, other.owner_);
    return *this;
}

slots::lease::~lease() {
    if (owner_ != nullptr)
        owner_->release();
}

asio::awaitable<slots::lease> slots::acquire() {
    if (free_ > 0 && waiting_.empty()) {
        --free_;
        lease immediate(*this);
        co_return immediate;
    }

    asio::steady_timer turn(executor_, asio::steady_timer::time_point::max());
    waiting_.push_back(&turn);
    co_await turn.async_wait(net::nothrow);
    // Still in the queue: nobody handed a slot over, we were cancelled.
    const auto place = std::find(waiting_.begin(), waiting_.end(), &turn);
    if (place != waiting_.end()) {
        waiting_.erase(place);
        net::throw_cancelled();
    }
    lease handed_over(*this);
    co_return handed_over;
}

// The slot goes to whoever waits longest; it is not free in between, so nobody can overtake.
void slots::release() {
    if (waiting_.empty()) {
        ++free_;
        return;
    }
    asio::steady_timer* next = waiting_.front();
    waiting_.pop_front();
    next->cancel();
}

} // namespace replmond::monitor
