// When the lag of an instance is read, and what is done with it. It has its own connections, threads and
// deadlines, so it never delays a poll.

#include "daemon/core/lag/lag_tracker.hpp"
#include "daemon/core/lag/read_plan.hpp"
#include "daemon/core/schedule/stable_hash.hpp"
#include "daemon/database/instance_read.hpp"
#include "daemon/monitor/fleet.hpp"
#include "daemon/net/async.hpp"
#include "daemon/net/clocks.hpp"

#include <boost/asio/steady_timer.hpp>
#include <fmt/format.h>

#include <exception>
#include <utility>

namespace replmond::monitor {

namespace asio = boost::asio;

// One instance whose lag is read, with one set of settings.
struct fleet::lag_watch {
    asio::steady_timer next_read;
    std::shared_ptr<database::instance_sessions> sessions = std::make_shared<database::instance_sessions>();
    std::shared_ptr<database::instance_read> last; ///< its thread may still run
    lag::lag_tracker tracking;
    database::outlook looks = database::outlook::doubtful; ///< no read has succeeded yet
    bool stopped = false;

    explicit lag_watch(const asio::any_io_executor& executor) : next_read(executor) {}
};

namespace {

// The point in its interval at which an instance is read, so that not all are read at once.
milliseconds phase_of(const instance_identity& of, milliseconds interval) {
    constexpr std::uint64_t steps = 1024;
    const auto step = schedule::stable_hash(of.id) % steps;
    return milliseconds(interval.count() * static_cast<std::int64_t>(step) /
                        static_cast<std::int64_t>(steps));
}

lag::lag_reading not_in_time(milliseconds timeout, bool has_source) {
    lag::lag_reading reading;
    reading.starrocks.failure = lag::lag_failure{
        lag_result::timeout, fmt::format("not read within {} ms{}", timeout.count(),
                                         has_source ? ", StarRocks and TaurusDB together" : "")};
    return reading;
}

bool has_succeeded(const lag::lag_reading& reading) {
    return !reading.starrocks.failure && !reading.source.failure;
}

} // namespace

void fleet::watch_lag(const entry_ptr& of) {
    if (group_ == nullptr || of->removed || of->lag || !of->settings.lag)
        return;
    of->lag = std::make_shared<lag_watch>(executor_);
    try {
        group_->spawn(read_lag_in_turns(of, of->lag));
    } catch (const std::exception&) {
        of->lag.reset(); // out of memory: the next reload tries again
    }
}

void fleet::stop_watching_lag(entry& of) {
    of.state.lag.reset();
    if (!of.lag)
        return;
    of.lag->stopped = true;
    of.lag->next_read.cancel();
    of.lag.reset();
}

asio::awaitable<void> fleet::read_lag_in_turns(entry_ptr of, std::shared_ptr<lag_watch> by) {
    if (by->stopped) // by a reload, before this coroutine began
        co_return;
    const milliseconds interval = of->settings.lag->interval.value_or(of->settings.interval);
    auto due = std::chrono::steady_clock::now() + phase_of(of->state.identity, interval);
    while (!by->stopped) {
        by->next_read.expires_at(due);
        co_await by->next_read.async_wait(net::nothrow);
        if (by->stopped || group_->stopping())
            co_return;
        try {
            co_await read_lag(of, by);
        } catch (const boost::system::system_error&) {
            throw; // cancelled
        } catch (const std::exception&) {
            // No thread or no memory: the next read may have it.
        }
        const auto now = std::chrono::steady_clock::now();
        while (due <= now)
            due += interval;
    }
}

asio::awaitable<void> fleet::read_lag(entry_ptr of, std::shared_ptr<lag_watch> by) {
    const config::lag_settings settings = *of->settings.lag;
    auto plan = lag::plan_read(settings, of->state);
    if (plan.tables.empty() && plan.tasks.empty())
        co_return;
    bool in_time = false;
    const bool still_out = by->last && !databases_.has_ended(*by->last);
    if (!still_out) {
        by->last = std::make_shared<database::instance_read>(settings, settings_.places, plan, by->sessions,
                                                             [] { return net::wall_clock(); });
        std::shared_ptr<database::blocking_work> work = by->last;
        in_time = co_await databases_.run(std::move(work), by->looks, settings.timeout);
    }
    if (by->stopped || of->removed)
        co_return;
    const lag::lag_reading reading =
        in_time ? by->last->reading() : not_in_time(settings.timeout, settings.source.has_value());
    by->looks = in_time && has_succeeded(reading) ? database::outlook::good : database::outlook::doubtful;
    if (!in_time)
        by->sessions = std::make_shared<database::instance_sessions>(); // a late thread keeps the old ones
    auto events =
        by->tracking.take_in(of->state, settings, plan, reading, settings_.repeat_interval, net::now());
    out_.on_lag(of->view(), std::move(events));
}

} // namespace replmond::monitor
