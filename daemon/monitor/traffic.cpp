#include "daemon/monitor/traffic.hpp"

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

traffic::traffic(asio::any_io_executor executor, int slots, hooks to)
    : executor_(executor), hooks_(std::move(to)), plan_(slots), origin_(std::chrono::steady_clock::now()),
      timer_(executor) {}

schedule::uptime traffic::up() const {
    return std::chrono::floor<milliseconds>(std::chrono::steady_clock::now() - origin_);
}

void traffic::start() {
    running_ = true;
    pump();
}

void traffic::stop() {
    running_ = false;
    arm(std::nullopt);
}

void traffic::remove(schedule::instance_key instance) {
    const auto asked = plan_.remove(instance);
    const auto who = asked ? waiting_.find(*asked) : waiting_.end();
    if (who != waiting_.end())
        who->second.turn->cancel();
    pump();
}

void traffic::remove_project(schedule::project_key project) {
    plan_.remove_project(project);
    for (auto& [asked, who] : waiting_) {
        if (who.project == project)
            who.turn->cancel();
    }
    pump();
}

// What is begun may ask, end or change things at once: then the plan is looked at again, not from within.
void traffic::pump() {
    if (!running_ || holds_ > 0)
        return;
    if (pumping_) {
        pump_again_ = true;
        return;
    }
    try {
        pump_now();
    } catch (const std::bad_alloc&) {
        pump_later();
    }
}

void traffic::pump_now() {
    struct flag {
        traffic& of;
        explicit flag(traffic& t) : of(t) { of.pumping_ = true; }
        ~flag() { of.pumping_ = false; }
    };
    const flag pumping(*this);
    do {
        pump_again_ = false;
        const auto to_do = plan_.next(up());
        act(to_do);
        arm(to_do.wake);
    } while (pump_again_ && running_);
}

// Where not even the timer can be set, the end of any request looks again.
void traffic::pump_later() noexcept {
    try {
        arm(up() + until_there_is_memory);
    } catch (const std::exception&) {
        armed_.reset();
    }
}

void traffic::act(const schedule::scheduler::actions& to_do) {
    for (const auto granted : to_do.leave) {
        const auto who = waiting_.find(granted);
        if (who == waiting_.end())
            continue; // it did not have to wait
        who->second.turn->cancel();
        waiting_.erase(who);
    }
    for (const auto& change : to_do.stretched)
        hooks_.stretched(change);
    for (const auto instance : to_do.begin)
        hooks_.begin(instance);
}

// Most of what happens moves nothing: then neither does the timer, which would cost a system call each time.
void traffic::arm(std::optional<schedule::uptime> wake) {
    if (wake == armed_)
        return;
    armed_.reset();
    if (!wake) {
        timer_.cancel();
        return;
    }
    timer_.expires_at(origin_ + *wake);
    // It may have rung already when it is cancelled, and then be heard of after this.
    timer_.async_wait([this, alive = std::weak_ptr(alive_)](const boost::system::error_code& error) {
        if (error || alive.expired())
            return;
        armed_.reset();
        pump();
    });
    armed_ = wake;
}

// A request's place in line. Whoever leaves it without leave to go on gives it up, however that comes: when
// what pump() begins cancels the very coroutine that called it, nobody waits for `turn` any more.
class traffic::place {
public:
    place(traffic& of, schedule::project_key project, schedule::purpose what,
          std::optional<schedule::instance_key> poll, bool is_retry)
        : place(of, of.plan_.ask(project, what, poll, is_retry, of.up())) {
        of_.waiting_.emplace(asked_, waiter{&turn_, project});
    }
    place(const place&) = delete;
    place& operator=(const place&) = delete;
    ~place() {
        if (taken_)
            return;
        of_.waiting_.erase(asked_);
        of_.plan_.withdraw(asked_);
        of_.pump();
    }

    bool waits() const { return of_.waiting_.contains(asked_); }
    asio::steady_timer& turn() { return turn_; }
    schedule::ticket take() {
        taken_ = true;
        return asked_;
    }

private:
    place(traffic& of, schedule::ticket asked)
        : of_(of), asked_(asked), turn_(of.executor_, asio::steady_timer::time_point::max()) {}

    traffic& of_;
    schedule::ticket asked_;
    asio::steady_timer turn_;
    bool taken_ = false;
};

asio::awaitable<schedule::ticket> traffic::gate::admit() {
    // Nobody would give back the slot of an instance that is gone.
    if (!of_.plan_.knows(project_) || (poll_ && !of_.plan_.knows_instance(*poll_)))
        net::throw_cancelled();
    const auto began = std::chrono::steady_clock::now();
    place in_line(of_, project_, what_, poll_, is_retry_);
    of_.pump();
    if (in_line.waits()) {
        co_await in_line.turn().async_wait(net::nothrow);
        // Still there: nobody let us through, we were cancelled or are not wanted any more.
        if (in_line.waits())
            net::throw_cancelled();
    }
    waited_ += std::chrono::steady_clock::now() - began;
    co_return in_line.take();
}

void traffic::gate::ended(schedule::ticket admitted, bool sent, int status) {
    sent_ += sent ? 1 : 0;
    is_retry_ = is_retry_ && !sent;
    // Destructors call this. What there is no memory to write down costs the budget's log one request.
    try {
        of_.plan_.ended(admitted, sent, status == too_many_requests, of_.up());
    } catch (const std::bad_alloc&) {
    }
    of_.pump();
}

void traffic::gate::step_aside() {
    if (!poll_)
        return;
    of_.plan_.step_aside(*poll_);
    of_.pump();
}

} // namespace replmond::monitor
