#include "daemon/net/resolve.hpp"

#include "daemon/net/async.hpp"

#include <boost/asio/ip/address.hpp>
#include <fmt/format.h>

#include <memory>

namespace replmond::net {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

// Shared with the lookup's handler, which may come long after nobody waits any more.
struct lookup {
    tcp::resolver resolver;
    asio::steady_timer answered; ///< never expires; cancelled when the answer is there
    error_code error;
    tcp::resolver::results_type found;
    bool done = false;

    explicit lookup(const asio::any_io_executor& executor)
        : resolver(executor), answered(executor, asio::steady_timer::time_point::max()) {}
};

failure cannot_resolve(const std::string& host, const error_code& why) {
    failure f;
    f.result = poll_result::network;
    f.error_msg = fmt::format("cannot resolve {}: {}", host, why.message());
    return f;
}

} // namespace

asio::awaitable<result<endpoint_list>> resolve(const origin& of) {
    error_code not_an_address;
    const auto address = asio::ip::make_address(of.host, not_an_address);
    if (!not_an_address) {
        endpoint_list literal(1, tcp::endpoint(address, of.port));
        co_return literal;
    }

    auto executor = co_await asio::this_coro::executor;
    auto state = std::make_shared<lookup>(executor);
    state->resolver.async_resolve(of.host, std::to_string(of.port),
                                  [state](error_code error, tcp::resolver::results_type found) {
                                      state->error = error;
                                      state->found = std::move(found);
                                      state->done = true;
                                      state->answered.cancel();
                                  });
    while (!state->done) {
        const auto [woken] = co_await state->answered.async_wait(nothrow);
        if (woken != asio::error::operation_aborted)
            break; // cannot happen: it never expires
        const auto cancelled = co_await asio::this_coro::cancellation_state;
        if (!state->done && cancelled.cancelled() != asio::cancellation_type::none)
            throw_cancelled();
    }
    if (state->error)
        co_return cannot_resolve(of.host, state->error);

    endpoint_list endpoints;
    for (const auto& entry : state->found)
        endpoints.push_back(entry.endpoint());
    co_return endpoints;
}

} // namespace replmond::net
