#include "daemon/monitor/traffic.hpp"

#include "daemon/net/async.hpp"

#include <algorithm>
#include <utility>

namespace replmond::monitor {

namespace asio = boost::asio;

namespace {

constexpr int too_many_requests = 429;

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
    plan_.remove(instance);
    for (auto& [asked, who] : waiting_) {
        if (who.poll == instance)
            who.turn->cancel();
    }
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
    if (!running_)
        return;
    if (std::exchange(pumping_, true)) {
        pump_again_ = true;
        return;
    }
    do {
        pump_again_ = false;
        const auto to_do = plan_.next(up());
        act(to_do);
        arm(to_do.wake);
    } while (pump_again_ && running_);
    pumping_ = false;
}

void traffic::act(const schedule::scheduler::actions& to_do) {
    for (const auto& change : to_do.stretched)
        hooks_.stretched(change);
    for (const auto granted : to_do.leave) {
        const auto who = waiting_.find(granted);
        if (who == waiting_.end())
            continue; // it did not have to wait
        who->second.turn->cancel();
        waiting_.erase(who);
    }
    for (const auto instance : to_do.begin)
        hooks_.begin(instance);
}

// Most of what happens moves nothing: then neither does the timer, which would cost a system call each time.
void traffic::arm(std::optional<schedule::uptime> wake) {
    if (wake == armed_)
        return;
    armed_ = wake;
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
}

asio::awaitable<schedule::ticket> traffic::gate::admit() {
    // Nobody would give back the slot of an instance that is gone.
    if (!of_.plan_.knows(project_) || (poll_ && !of_.plan_.knows_instance(*poll_)))
        net::throw_cancelled();
    const auto began = std::chrono::steady_clock::now();
    const auto asked = of_.plan_.ask(project_, what_, poll_, is_retry_, of_.up());
    asio::steady_timer turn(of_.executor_, asio::steady_timer::time_point::max());
    of_.waiting_.emplace(asked, waiter{&turn, project_, poll_});
    of_.pump();
    if (of_.waiting_.contains(asked)) {
        co_await turn.async_wait(net::nothrow);
        // Still there: nobody let us through, we were cancelled or are not wanted any more.
        if (of_.waiting_.erase(asked) > 0) {
            of_.plan_.withdraw(asked);
            of_.pump();
            net::throw_cancelled();
        }
    }
    waited_ += std::chrono::steady_clock::now() - began;
    co_return asked;
}

void traffic::gate::ended(schedule::ticket admitted, bool sent, int status) {
    sent_ += sent ? 1 : 0;
    is_retry_ = is_retry_ && !sent;
    of_.plan_.ended(admitted, sent, status == too_many_requests, of_.up());
    of_.pump();
}

void traffic::gate::step_aside() {
    if (!poll_)
        return;
    of_.plan_.step_aside(*poll_);
    of_.pump();
}

} // namespace replmond::monitor
