// core/schedule/scheduler on a real clock: starts the polls that are due, and wakes the requests that may be
// sent.

#include "daemon/monitor/dispatcher.hpp"

#include "daemon/net/async.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace replmond::monitor {

namespace asio = boost::asio;

namespace {

constexpr int too_many_requests = 429;
constexpr auto until_there_is_memory = std::chrono::seconds(1);

} // namespace

dispatcher::dispatcher(asio::any_io_executor executor, int slots, callbacks to)
    : executor_(executor), callbacks_(std::move(to)), scheduler_(slots),
      origin_(std::chrono::steady_clock::now()), timer_(executor) {}

schedule::uptime dispatcher::up() const {
    return std::chrono::floor<milliseconds>(std::chrono::steady_clock::now() - origin_);
}

void dispatcher::start() {
    running_ = true;
    dispatch();
}

void dispatcher::stop() {
    running_ = false;
    set_timer(std::nullopt);
}

void dispatcher::remove(schedule::instance_key instance) {
    const auto asked = scheduler_.remove(instance);
    const auto who = asked ? waiting_.find(*asked) : waiting_.end();
    if (who != waiting_.end())
        who->second.turn->cancel();
    dispatch();
}

void dispatcher::remove_project(schedule::project_key project) {
    scheduler_.remove_project(project);
    for (auto& [asked, who] : waiting_) {
        if (who.project == project)
            who.turn->cancel();
    }
    dispatch();
}

// A poll that is started here may ask for permits, end or change things at once. It calls dispatch() again,
// which then only makes the running one look at the plan once more.
void dispatcher::dispatch() {
    if (!running_ || open_batches_ > 0)
        return;
    if (dispatching_) {
        dispatch_again_ = true;
        return;
    }
    try {
        dispatch_now();
    } catch (const std::bad_alloc&) {
        dispatch_later();
    }
}

void dispatcher::dispatch_now() {
    struct flag {
        dispatcher& of;
        explicit flag(dispatcher& t) : of(t) { of.dispatching_ = true; }
        ~flag() { of.dispatching_ = false; }
    };
    const flag dispatching(*this);
    do {
        dispatch_again_ = false;
        const auto to_do = scheduler_.next(up());
        perform(to_do);
        set_timer(to_do.wake);
    } while (dispatch_again_ && running_);
}

// If not even the timer can be set, the end of the next request dispatches again.
void dispatcher::dispatch_later() noexcept {
    try {
        set_timer(up() + until_there_is_memory);
    } catch (const std::exception&) {
        timer_set_for_.reset();
    }
}

void dispatcher::perform(const schedule::scheduler::actions& to_do) {
    for (const auto granted : to_do.permits) {
        const auto who = waiting_.find(granted);
        if (who == waiting_.end())
            continue; // this request did not have to wait
        who->second.turn->cancel();
        waiting_.erase(who);
    }
    for (const auto& change : to_do.stretched)
        callbacks_.stretched(change);
    for (const auto instance : to_do.begin)
        callbacks_.begin(instance);
}

// Most events do not change the time of the next wake-up. The timer is then left alone, which saves a system
// call.
void dispatcher::set_timer(std::optional<schedule::uptime> wake) {
    if (wake == timer_set_for_)
        return;
    timer_set_for_.reset();
    if (!wake) {
        timer_.cancel();
        return;
    }
    timer_.expires_at(origin_ + *wake);
    // The handler may already be queued when the timer is cancelled, and then run after the dispatcher's
    // destruction.
    timer_.async_wait([this, alive = std::weak_ptr(alive_)](const boost::system::error_code& error) {
        if (error || alive.expired())
            return;
        timer_set_for_.reset();
        dispatch();
    });
    timer_set_for_ = wake;
}

// A request that waits for its permit. If the wait ends without a permit, the destructor cancels the request.
// That matters also when dispatch() starts something that cancels the very coroutine that called it: `turn`
// is then not waited for.
class dispatcher::queued_request {
public:
    queued_request(dispatcher& of, schedule::project_key project, schedule::purpose what,
                   std::optional<schedule::instance_key> poll, bool is_retry)
        : queued_request(of, of.scheduler_.request_permit(project, what, poll, is_retry, of.up())) {
        of_.waiting_.emplace(asked_, waiter{&turn_, project});
    }
    queued_request(const queued_request&) = delete;
    queued_request& operator=(const queued_request&) = delete;
    ~queued_request() {
        if (taken_)
            return;
        of_.waiting_.erase(asked_);
        of_.scheduler_.cancel_permit(asked_);
        of_.dispatch();
    }

    bool waits() const { return of_.waiting_.contains(asked_); }
    asio::steady_timer& turn() { return turn_; }
    schedule::ticket take() {
        taken_ = true;
        return asked_;
    }

private:
    queued_request(dispatcher& of, schedule::ticket asked)
        : of_(of), asked_(asked), turn_(of.executor_, asio::steady_timer::time_point::max()) {}

    dispatcher& of_;
    schedule::ticket asked_;
    asio::steady_timer turn_;
    bool taken_ = false;
};

asio::awaitable<schedule::ticket> dispatcher::permits::acquire() {
    // No code would release a slot that is given to an instance that is gone.
    if (!of_.scheduler_.knows(project_) || (poll_ && !of_.scheduler_.knows_instance(*poll_)))
        net::throw_cancelled();
    const auto began = std::chrono::steady_clock::now();
    queued_request in_line(of_, project_, what_, poll_, is_retry_);
    of_.dispatch();
    if (in_line.waits()) {
        co_await in_line.turn().async_wait(net::nothrow);
        // Still waiting: not woken by a permit, but cancelled or removed.
        if (in_line.waits())
            net::throw_cancelled();
    }
    waited_ += std::chrono::steady_clock::now() - began;
    co_return in_line.take();
}

void dispatcher::permits::release(schedule::ticket admitted, bool sent, int status) {
    sent_ += sent ? 1 : 0;
    is_retry_ = is_retry_ && !sent;
    // Destructors call this, so it must not throw. If there is no memory to note the end, the budget's log is
    // wrong by one request.
    try {
        of_.scheduler_.release_permit(admitted, sent, status == too_many_requests, of_.up());
    } catch (const std::bad_alloc&) {
    }
    of_.dispatch();
}

void dispatcher::permits::release_slot() {
    if (!poll_)
        return;
    of_.scheduler_.release_slot(*poll_);
    of_.dispatch();
}

} // namespace replmond::monitor
