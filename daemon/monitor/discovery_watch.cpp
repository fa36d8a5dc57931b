#include "daemon/monitor/discovery_watch.hpp"

#include "daemon/monitor/clocks.hpp"
#include "daemon/monitor/discover.hpp"
#include "daemon/net/async.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace replmond::monitor {

namespace asio = boost::asio;

namespace {

// A listing that failed is tried again sooner than the next one would be due.
constexpr milliseconds after_failure = std::chrono::minutes(1);

// Polls go first: what the list says of a new credential counts for all, what a listing is told does not.
constexpr milliseconds head_start_of_polls{100};

} // namespace

discovery_watch::discovery_watch(traffic& through, schedule::project_key key, std::string project, terms of,
                                 hooks to)
    : through_(through), key_(key), terms_(std::move(of)), hooks_(std::move(to)), book_(terms_.settings),
      health_(std::move(project), terms_.repeat_interval), timer_(through.executor()) {}

// What waits is cancelled where the watch is closed, or its project removed: that is its end, no failure.
asio::awaitable<void> discovery_watch::run() {
    const auto self = shared_from_this();
    try {
        co_await pause(head_start_of_polls);
        for (;;)
            co_await list_and_rest();
    } catch (const boost::system::system_error& e) {
        if (!closed_ || e.code() != asio::error::operation_aborted)
            throw;
    }
}

asio::awaitable<void> discovery_watch::list_and_rest() {
    const auto began = through_.up();
    try {
        co_await list();
    } catch (const boost::system::system_error& e) {
        if (e.code() == asio::error::operation_aborted)
            throw;
        broke_off(e.what());
    } catch (const std::exception& e) {
        broke_off(e.what());
    }
    milliseconds interval = terms_.settings.interval;
    if (failed_)
        interval = std::min(interval, after_failure);
    co_await pause(std::max(milliseconds(0), began + interval - through_.up()));
}

asio::awaitable<void> discovery_watch::list() {
    traffic::gate gate(through_, key_, schedule::purpose::discovery);
    const auto gap = gap_between_calls(terms_.settings.interval, memory_.last_calls);
    pause_between_calls rest = [this, gap](std::size_t) { return pause(gap); };
    const auto api = terms_.api; // it may be replaced meanwhile
    const auto seen = co_await discover(*api, gate, terms_.request_timeout, memory_, std::move(rest));
    if (closed_)
        co_return;

    failed_ = !seen;
    if (!seen) {
        say_failed(seen.error());
        co_return;
    }
    const auto changes = book_.take(*seen);
    hooks_.changed(changes);
    hooks_.listed(true, seen->unexpected);
    if (auto line = health_.succeeded(now()))
        hooks_.say(std::move(*line));
}

void discovery_watch::say_failed(const failure& why) {
    hooks_.listed(false, {});
    if (auto line = health_.failed(why, terms_.settings.interval, now()))
        hooks_.say(std::move(*line));
}

// An exception ends this listing, no more than that.
void discovery_watch::broke_off(const char* why) {
    failed_ = true;
    memory_ = after_failed_listing(std::move(memory_));
    if (closed_)
        return;
    try {
        failure broken;
        broken.result = poll_result::protocol;
        broken.error_msg = std::string("listing the instances broke off in replmond itself: ") + why;
        say_failed(broken);
    } catch (const std::exception&) {
        // No memory to say it: the next listing is the next chance.
    }
}

asio::awaitable<void> discovery_watch::pause(milliseconds length) {
    if (closed_)
        net::throw_cancelled();
    timer_.expires_after(length);
    co_await timer_.async_wait(net::nothrow);
    if (closed_)
        net::throw_cancelled();
}

discovery_changes discovery_watch::change(terms to) {
    const bool same_filter =
        to.settings.include == terms_.settings.include && to.settings.exclude == terms_.settings.exclude;
    health_.set_repeat_interval(to.repeat_interval);
    if (to.settings.interval < terms_.settings.interval)
        timer_.cancel();
    terms_ = std::move(to);
    return same_filter ? discovery_changes() : book_.set_filter(terms_.settings);
}

void discovery_watch::know(const discovery_book& before) {
    book_ = before;
    book_.set_filter(terms_.settings);
}

void discovery_watch::close() {
    closed_ = true;
    timer_.cancel();
}

} // namespace replmond::monitor
