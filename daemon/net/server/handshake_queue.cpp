// The order in which work that blocks the loop is started: one piece in each turn of the loop, the peers in
// rotation.

#include "daemon/net/server/handshake_queue.hpp"

#include "daemon/net/async.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace replmond::server {

namespace asio = boost::asio;

// One entry in the queue; the destructor removes it, however the wait ends.
struct handshake_queue::place {
    place(std::shared_ptr<line> in, std::string peer)
        : in_(std::move(in)), peer_(std::move(peer)), until(in_->executor, turn::time_point::max()) {
        in_->waiting[peer_].push_back(&until);
    }
    place(const place&) = delete;
    place& operator=(const place&) = delete;
    ~place() {
        const auto found = in_->waiting.find(peer_);
        if (found == in_->waiting.end())
            return;
        std::erase(found->second, &until);
        if (found->second.empty())
            in_->waiting.erase(found);
    }

    bool waits() const {
        const auto found = in_->waiting.find(peer_);
        return found != in_->waiting.end() &&
               std::find(found->second.begin(), found->second.end(), &until) != found->second.end();
    }

private:
    std::shared_ptr<line> in_;
    std::string peer_;

public:
    turn until;
};

asio::awaitable<void> handshake_queue::wait(std::string peer) {
    if (!of_->is_taken) {
        asio::post(of_->executor, [of = of_] { next_turn(of); });
        of_->is_taken = true;
        of_->last = std::move(peer);
        co_return;
    }
    place mine(of_, std::move(peer));
    co_await mine.until.async_wait(net::nothrow);
    if (mine.waits()) // woken by cancellation, not by next_turn()
        net::throw_cancelled();
}

// Wakes one waiter of the next peer after `last`, in the order of the peers' names.
void handshake_queue::next_turn(const std::shared_ptr<line>& of) {
    if (of->waiting.empty()) {
        of->is_taken = false;
        return;
    }
    try {
        asio::post(of->executor, [of] { next_turn(of); });
    } catch (const std::bad_alloc&) { // no memory to post: start all that wait, rather than none
        of->is_taken = false;
        for (const auto& [peer, waiters] : std::exchange(of->waiting, {}))
            std::for_each(waiters.begin(), waiters.end(), [](turn* each) { each->cancel(); });
        return;
    }
    auto next = of->waiting.upper_bound(of->last);
    if (next == of->waiting.end())
        next = of->waiting.begin();
    of->last = next->first;
    turn* const first = next->second.front();
    next->second.pop_front();
    if (next->second.empty())
        of->waiting.erase(next);
    first->cancel();
}

std::size_t handshake_queue::waiting() const {
    std::size_t all = 0;
    for (const auto& [peer, waiters] : of_->waiting)
        all += waiters.size();
    return all;
}

} // namespace replmond::server
