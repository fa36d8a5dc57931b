#include "daemon/net/connector.hpp"

#include "daemon/net/async.hpp"
#include "daemon/net/certificate_check.hpp"
#include "daemon/net/dial.hpp"
#include "daemon/net/network_failure.hpp"
#include "daemon/net/tls_context.hpp"
#include "daemon/net/tunnel.hpp"

#include <boost/asio/ssl/error.hpp>
#include <fmt/format.h>

#include <functional>
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

// A connection that breaks in the handshake says nothing about TLS.
failure no_handshake(const std::string& with, const std::string& complaint, const error_code& error) {
    const std::string doing = fmt::format("TLS handshake with {} failed", with);
    if (!complaint.empty())
        return tls_failure(fmt::format("{}: {}", doing, complaint));
    if (error == ssl::error::stream_truncated || error == asio::error::eof)
        return network_failure(doing + ": the connection was closed; a firewall on the way may forbid it");
    if (error.category() == asio::error::get_system_category())
        return broken_connection(doing, error);
    return tls_failure(fmt::format("{}: {}{}", doing, error.message(), tls_advice(error)));
}

} // namespace

connector::connector(const origin& to, const client_settings& settings)
    : to_(to), server_(to.authority()), settings_(settings),
      tls_(to.tls ? make_tls_context(settings.ca_file) : ssl::context(ssl::context::tls_client)) {
    if (through_proxy())
        server_ += " through the proxy " + settings.proxy->at.authority();
}

asio::awaitable<result<connection_ptr>> connector::connect(progress& reached) {
    auto stream = co_await reach(reached);
    if (!stream)
        co_return stream.error();
    if (through_proxy()) {
        const auto made = co_await tunnel(*stream, reached);
        if (!made)
            co_return made.error();
    }
    if (!to_.tls) {
        auto plain = std::make_unique<connection>(std::move(*stream));
        co_return plain;
    }
    reached.doing = fmt::format("the TLS handshake with {}", server_);
    reached.advice = "does that port speak TLS?";
    auto secured = co_await secure(std::move(*stream));
    co_return secured;
}

// To the proxy, where there is one: it resolves the origin's name.
asio::awaitable<result<plain_stream>> connector::reach(progress& reached) {
    const origin& next = through_proxy() ? settings_.proxy->at : to_;
    const std::string name = (through_proxy() ? "the proxy " : "") + next.authority();
    reached.doing = fmt::format("resolving {}", name);
    reached.advice = "do this host's name servers answer?";
    bool is_resolved = false;
    std::function<void()> connecting = [&] {
        is_resolved = true;
        reached.doing = fmt::format("connecting to {}", name);
        reached.advice =
            through_proxy()
                ? fmt::format("a firewall may drop the packets; is {} right?", settings_.proxy->setting)
                : "a firewall may drop the packets, or a proxy may be needed (proxy_url)";
    };
    auto stream = co_await dial(*settings_.names, next, name, std::move(connecting));
    if (!stream && !is_resolved)
        co_return unresolved(stream.error());
    if (!stream)
        co_return stream;
    error_code ignored; // the peer may have left already: the next step will see
    stream->set_option(tcp::no_delay(true), ignored);
    co_return stream;
}

failure connector::unresolved(failure why) const {
    if (through_proxy())
        why.error_msg = fmt::format("the proxy of {}: {}", settings_.proxy->setting, why.error_msg);
    else
        why.error_msg += settings_.unresolved_hint;
    return why;
}

asio::awaitable<result<void>> connector::tunnel(plain_stream& through, progress& reached) {
    tunnel_request request;
    request.via = *settings_.proxy;
    request.to = to_;
    request.user_agent = settings_.user_agent;
    request.header_limit = settings_.header_limit;
    reached.doing = fmt::format("asking the proxy {} for a tunnel to {}", request.via.at.authority(),
                                to_.host_and_port());
    reached.advice = "can the proxy reach it?";
    auto made = co_await open_tunnel(through, request);
    co_return made;
}

asio::awaitable<result<connection_ptr>> connector::secure(plain_stream lower) {
    tls_stream stream(std::move(lower), tls_);
    certificate_check check(to_.host, stream.native_handle());
    if (!check.possible())
        co_return tls_failure(fmt::format("no certificate can be for the name {}", to_.authority()));
    const auto [error] = co_await stream.async_handshake(ssl::stream_base::client, nothrow);
    if (error)
        co_return no_handshake(server_, check.complaint(), error);
    auto secured = std::make_unique<connection>(std::move(stream));
    co_return secured;
}

} // namespace replmond::net
