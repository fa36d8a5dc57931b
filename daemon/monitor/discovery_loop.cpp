// Discovery in one project: lists its instances again and again, as often as the budget allows.

#include "daemon/monitor/discovery_loop.hpp"

#include "daemon/net/async.hpp"
#include "daemon/net/clocks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace replmond::monitor {

namespace asio = boost::asio;

namespace {

using step = tracking::listing_progress::step;

asio::awaitable<result<step>> read_page(cloud::project_api& api, cloud::permit_source& permits,
                                        milliseconds timeout, tracking::listing_progress& progress) {
    cloud::instances_query query;
    query.offset = progress.offset();
    query.limit = tracking::instances_page_size;
    auto page = co_await api.instances(query, permits, timeout);
    if (!page)
        co_return page.error();
    co_return progress.add(std::move(*page));
}

asio::awaitable<result<step>> ask_htap(cloud::project_api& api, cloud::permit_source& permits,
                                       milliseconds timeout, tracking::listing_progress& progress) {
    auto list = co_await api.htap(progress.taurusdb_id(), permits, timeout);
    if (!list)
        co_return list.error();
    co_return progress.add(std::move(*list));
}

} // namespace

asio::awaitable<result<tracking::listing>> discover(cloud::project_api& api, cloud::permit_source& permits,
                                                    milliseconds request_timeout,
                                                    tracking::listing_memory& memory,
                                                    pause_between_calls pause) {
    tracking::listing_progress progress(memory);
    auto next = result<step>(step::read_page);
    for (bool first = true; *next == step::read_page || *next == step::ask_htap; first = false) {
        if (!first)
            co_await pause(progress.calls_left());
        if (*next == step::read_page)
            next = co_await read_page(api, permits, request_timeout, progress);
        else
            next = co_await ask_htap(api, permits, request_timeout, progress);
        if (!next) {
            memory = tracking::after_failed_listing(std::move(memory));
            co_return next.error();
        }
    }
    if (*next == step::too_many) {
        memory = tracking::after_failed_listing(std::move(memory));
        co_return make_failure(poll_result::protocol,
                               fmt::format("the project has more than {} instances, or their list has no end",
                                           tracking::max_records));
    }
    if (*next == step::inconsistent) {
        memory = progress.memory();
        co_return make_failure(
            poll_result::inconsistent,
            "the pages of the list of TaurusDB instances contradict each other or their count");
    }
    tracking::listing complete = progress.take_listing();
    memory = progress.memory();
    co_return complete;
}

namespace {

// After a failed listing the next one starts at the latest after this time.
constexpr milliseconds after_failure = std::chrono::minutes(1);

// Polls start first: a list request decides whether a new credential is accepted, a discovery request does
// not.
constexpr milliseconds head_start_of_polls{100};

} // namespace

discovery_loop::discovery_loop(dispatcher& through, schedule::project_key key, std::string project, terms of,
                               callbacks to)
    : through_(through), key_(key), terms_(std::move(of)), callbacks_(std::move(to)), state_(terms_.settings),
      health_(std::move(project), terms_.repeat_interval), timer_(through.executor()) {}

// When the loop is closed or its project removed, a pending wait is cancelled; that is the regular end and no
// failure.
asio::awaitable<void> discovery_loop::run() {
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

asio::awaitable<void> discovery_loop::list_and_rest() {
    const auto began = through_.up();
    try {
        co_await list();
    } catch (const boost::system::system_error& e) {
        if (e.code() == asio::error::operation_aborted)
            throw;
        failed_internally(e.what());
    } catch (const std::exception& e) {
        failed_internally(e.what());
    }
    milliseconds interval = terms_.settings.interval;
    if (failed_)
        interval = std::min(interval, after_failure);
    co_await pause(std::max(milliseconds(0), began + interval - through_.up()));
}

asio::awaitable<void> discovery_loop::list() {
    dispatcher::permits permits(through_, key_, schedule::purpose::discovery);
    const auto gap = tracking::gap_between_calls(terms_.settings.interval, memory_.last_calls);
    pause_between_calls rest = [this, gap](std::size_t) { return pause(gap); };
    const auto api = terms_.api; // reload may replace it meanwhile
    const auto seen = co_await discover(*api, permits, terms_.request_timeout, memory_, std::move(rest));
    if (closed_)
        co_return;

    failed_ = !seen;
    if (!seen) {
        log_failed(seen.error());
        co_return;
    }
    const auto changes = state_.take(*seen);
    callbacks_.changed(changes);
    callbacks_.listed(true, seen->unexpected);
    if (auto line = health_.succeeded(net::now()))
        callbacks_.log(std::move(*line));
}

void discovery_loop::log_failed(const failure& why) {
    callbacks_.listed(false, {});
    if (auto line = health_.failed(why, terms_.settings.interval, net::now()))
        callbacks_.log(std::move(*line));
}

// An exception ends only this listing.
void discovery_loop::failed_internally(const char* why) {
    failed_ = true;
    memory_ = tracking::after_failed_listing(std::move(memory_));
    if (closed_)
        return;
    try {
        failure broken =
            make_failure(poll_result::protocol,
                         std::string("an error in replmond itself ended the listing of instances: ") + why);
        log_failed(broken);
    } catch (const std::exception&) {
        // No memory to report; the next listing reports its own result.
    }
}

asio::awaitable<void> discovery_loop::pause(milliseconds length) {
    if (closed_)
        net::throw_cancelled();
    timer_.expires_after(length);
    co_await timer_.async_wait(net::nothrow);
    if (closed_)
        net::throw_cancelled();
}

tracking::discovery_changes discovery_loop::change(terms to) {
    const bool same_filter =
        to.settings.include == terms_.settings.include && to.settings.exclude == terms_.settings.exclude;
    health_.set_repeat_interval(to.repeat_interval);
    if (to.settings.interval < terms_.settings.interval)
        timer_.cancel();
    terms_ = std::move(to);
    return same_filter ? tracking::discovery_changes() : state_.set_filter(terms_.settings);
}

void discovery_loop::restore_state(const tracking::discovery_state& before) {
    state_ = before;
    state_.set_filter(terms_.settings);
}

void discovery_loop::close() {
    closed_ = true;
    timer_.cancel();
}

} // namespace replmond::monitor
