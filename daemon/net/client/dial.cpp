// Connects to the first of a host's addresses that answers ("Happy Eyeballs", RFC 8305).

#include "daemon/net/client/dial.hpp"

#include "daemon/core/http/address.hpp"
#include "daemon/core/http/network_failure.hpp"
#include "daemon/net/async.hpp"

#include <boost/asio/ip/address.hpp>
#include <fmt/format.h>

#include <cstddef>
#include <list>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace replmond::client {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

// State shared by all attempts of one dial, and by their handlers, which may already be queued when the
// dial has ended.
struct race {
    std::vector<tcp::endpoint> to;
    net::steady_duration head_start;
    std::size_t next = 0;         ///< index of the next address to try
    std::size_t in_flight = 0;    ///< attempts that have not ended
    std::list<tcp::socket> tried; ///< one for each attempt
    asio::steady_timer next_turn; ///< when the next attempt starts although the last one is pending
    asio::steady_timer decided;   ///< never expires; used as a latch: cancelled when the race is over
    std::optional<tcp::socket> winner;
    /// The error and address to report if all attempts fail.
    std::optional<std::pair<net::error_code, tcp::endpoint>> error_to_report;
    bool over = false;

    race(const asio::any_io_executor& executor, std::vector<tcp::endpoint> addresses,
         net::steady_duration each)
        : to(std::move(addresses)), head_start(each), next_turn(executor),
          decided(executor, asio::steady_timer::time_point::max()) {}

    void end() {
        over = true;
        tried.clear(); // closes them; their handlers run with operation_aborted
        next_turn.cancel();
        decided.cancel();
    }
};
using race_ptr = std::shared_ptr<race>;

// Closes all sockets, however the coroutine ends: by return, exception or cancellation.
struct race_end {
    race_ptr of;
    ~race_end() {
        of->end();
        of->winner.reset();
    }
};

bool is_no_route(const net::error_code& error) {
    return error == asio::error::network_unreachable || error == asio::error::host_unreachable;
}

// Such an error often only means that this host has no IPv6. An error from the other address family is more
// useful.
bool says_little(const net::error_code& error) {
    return is_no_route(error) || error == asio::error::address_family_not_supported ||
           error == boost::system::errc::address_not_available;
}

void start_next(const race_ptr& all);

void attempt_ended(const race_ptr& all, std::list<tcp::socket>::iterator attempt,
                   const net::error_code& error) {
    if (all->over)
        return;
    --all->in_flight;
    if (!error) {
        all->winner.emplace(std::move(*attempt));
        all->end();
        return;
    }
    if (!all->error_to_report || !says_little(error) || says_little(all->error_to_report->first))
        all->error_to_report.emplace(
            error, all->to[static_cast<std::size_t>(std::distance(all->tried.begin(), attempt))]);
    net::error_code ignored;
    attempt->close(ignored);
    start_next(all);
}

void start_next(const race_ptr& all) {
    if (all->next == all->to.size()) {
        if (all->in_flight == 0)
            all->end();
        return;
    }
    const tcp::endpoint& to = all->to[all->next++];
    const auto attempt = all->tried.emplace(all->tried.end(), all->decided.get_executor());
    ++all->in_flight;
    attempt->async_connect(
        to, [all, attempt](const net::error_code& error) { attempt_ended(all, attempt, error); });

    if (all->next == all->to.size())
        return;
    all->next_turn.expires_after(all->head_start);
    all->next_turn.async_wait([all](const net::error_code& cancelled) {
        if (!cancelled && !all->over)
            start_next(all);
    });
}

failure all_failed(const std::string& called, const race& lost) {
    const auto& [error, at] = *lost.error_to_report;
    const std::string where = lost.to.size() == 1 ? ""
                                                  : fmt::format(" ({}; {} addresses tried)",
                                                                at.address().to_string(), lost.to.size());
    return http::cannot_connect(called, error, where);
}

} // namespace

asio::awaitable<result<tcp::socket>> dial(resolver& names, const http::origin& to, std::string called,
                                          std::function<void()> resolved, net::steady_duration head_start) {
    const auto addresses = co_await names.addresses_of(to.host);
    if (!addresses)
        co_return addresses.error();

    resolved();
    std::vector<tcp::endpoint> endpoints;
    for (const std::string& address : http::dial_order(*addresses))
        endpoints.emplace_back(asio::ip::make_address(address), to.port);
    auto executor = co_await asio::this_coro::executor;
    const auto all = std::make_shared<race>(executor, std::move(endpoints), head_start);
    const race_end at_last{all};
    start_next(all);
    while (!all->over) {
        co_await all->decided.async_wait(net::nothrow);
        const auto cancelled = co_await asio::this_coro::cancellation_state;
        if (cancelled.cancelled() != asio::cancellation_type::none)
            net::throw_cancelled();
    }

    if (!all->winner)
        co_return all_failed(called, *all);
    tcp::socket connected = std::move(*all->winner);
    co_return connected;
}

} // namespace replmond::client
