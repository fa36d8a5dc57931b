#include "daemon/net/connector.hpp"

#include "daemon/net/async.hpp"
#include "daemon/net/network_failure.hpp"
#include "daemon/net/resolve.hpp"
#include "daemon/net/tls_context.hpp"

#include <boost/asio/connect.hpp>
#include <fmt/format.h>

#include <string>
#include <utility>

namespace replmond::net {

namespace asio = boost::asio;
namespace ssl = asio::ssl;
using asio::ip::tcp;

namespace {

failure tls_failure(std::string message) {
    failure f;
    f.result = poll_result::tls;
    f.error_msg = std::move(message);
    return f;
}

} // namespace

connector::connector(const origin& to, const client_settings& settings)
    : to_(to), settings_(settings),
      tls_(to.tls ? make_tls_context(settings.ca_file) : ssl::context(ssl::context::tls_client)) {}

asio::awaitable<result<connection_ptr>> connector::connect(progress& reached) {
    auto stream = co_await reach(reached);
    if (!stream)
        co_return stream.error();
    if (!to_.tls) {
        auto plain = std::make_unique<connection>(std::move(*stream));
        co_return plain;
    }
    reached.doing = fmt::format("the TLS handshake with {}", to_.authority());
    auto secured = co_await secure(std::move(*stream));
    co_return secured;
}

asio::awaitable<result<plain_stream>> connector::reach(progress& reached) {
    reached.doing = fmt::format("resolving {}", to_.authority());
    const auto endpoints = co_await resolve(to_);
    if (!endpoints) {
        failure unresolved = endpoints.error();
        unresolved.error_msg += settings_.unresolved_hint;
        co_return unresolved;
    }

    reached.doing = fmt::format("connecting to {}", to_.authority());
    auto executor = co_await asio::this_coro::executor;
    plain_stream stream(executor);
    const auto [error, endpoint] = co_await asio::async_connect(stream, *endpoints, nothrow);
    if (error)
        co_return cannot_connect(to_.authority(), error);
    error_code ignored; // the peer may have left already: the next step will see
    stream.set_option(tcp::no_delay(true), ignored);
    co_return stream;
}

asio::awaitable<result<connection_ptr>> connector::secure(plain_stream lower) {
    tls_stream stream(std::move(lower), tls_);
    if (!expect_certificate_of(to_.host, stream.native_handle()))
        co_return tls_failure(fmt::format("no certificate can be for the name {}", to_.authority()));
    const auto [error] = co_await stream.async_handshake(ssl::stream_base::client, nothrow);
    if (error)
        co_return tls_failure(fmt::format("TLS handshake with {} failed: {}", to_.authority(),
                                          explain_handshake(stream.native_handle(), error)));
    auto secured = std::make_unique<connection>(std::move(stream));
    co_return secured;
}

} // namespace replmond::net
