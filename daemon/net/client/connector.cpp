// Makes a connection that is ready for a request: resolve, dial, CONNECT through a proxy, TLS handshake.

#include "daemon/net/client/connector.hpp"

#include "daemon/core/http/network_failure.hpp"
#include "daemon/net/async.hpp"
#include "daemon/net/client/certificate_check.hpp"
#include "daemon/net/client/dial.hpp"

#include <boost/asio/ssl/error.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <fmt/format.h>

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

namespace replmond::client {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;

namespace {

std::string to_wire(const tunnel_request& request) {
    const std::string target = request.to.host_and_port();
    std::string text = fmt::format("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\n", target);
    if (!request.user_agent.empty())
        text += fmt::format("User-Agent: {}\r\n", request.user_agent);
    if (!request.via.authorization.empty())
        text += fmt::format("Proxy-Authorization: {}\r\n", request.via.authorization);
    return text + "\r\n";
}

failure unreadable(const http::proxy& via, const net::error_code& why) {
    const std::string name = via.at.authority();
    if (why == beast::http::error::end_of_stream || why == beast::http::error::partial_message)
        return http::network_failure(fmt::format(
            "the proxy {} closed the connection instead of making a tunnel; is it an HTTP proxy?", name));
    if (why == beast::http::error::header_limit)
        return make_failure(poll_result::protocol,
                            fmt::format("the header of the proxy {} is larger than allowed", name));
    if (why.category() == beast::http::make_error_code(beast::http::error::bad_value).category())
        return make_failure(poll_result::protocol,
                            fmt::format("the proxy {} does not answer in HTTP: {}", name, why.message()));
    return http::broken_connection(fmt::format("no answer of the proxy {}", name), why);
}

failure refused(const tunnel_request& request, unsigned status) {
    const http::proxy& via = request.via;
    const std::string name = via.at.authority();
    const std::string target = request.to.host_and_port();
    switch (status) {
    case 401: // tinyproxy's answer to a wrong password; 407 is the standard one (RFC 9110, section 15.5.8)
    case 407:
        if (via.authorization.empty())
            return http::network_failure(
                fmt::format("the proxy {} wants a user and a password ({}): put them into {}, "
                            "http://user:password@host:port",
                            name, status, via.setting));
        return http::network_failure(
            fmt::format("the proxy {} refuses the user and password in {} ({})", name, via.setting, status));
    case 403:
        return http::network_failure(fmt::format(
            "the proxy {} does not allow a tunnel to {} (403): have it allowed there", name, target));
    case 500:
    case 502:
    case 503:
    case 504:
        return http::network_failure(
            fmt::format("the proxy {} cannot reach {} ({}): is the endpoint right, and does "
                        "the proxy resolve it?",
                        name, target, status));
    default:
        return http::network_failure(
            fmt::format("the proxy {} made no tunnel to {} (status {}): does {} name an HTTP "
                        "proxy that allows CONNECT?",
                        name, target, status, via.setting));
    }
}

} // namespace

asio::awaitable<result<void>> open_tunnel(tcp::socket& through, const tunnel_request& request) {
    const std::string text = to_wire(request);
    const auto [write_error, written] = co_await asio::async_write(through, asio::buffer(text), net::nothrow);
    if (write_error)
        co_return http::broken_connection("cannot ask the proxy " + request.via.at.authority(), write_error);

    beast::flat_buffer buffer;
    for (int interim = 0; interim <= most_interim_answers; ++interim) {
        beast::http::response_parser<beast::http::empty_body> parser;
        parser.header_limit(static_cast<std::uint32_t>(request.header_limit));
        const auto [error, read] =
            co_await beast::http::async_read_header(through, buffer, parser, net::nothrow);
        if (error)
            co_return unreadable(request.via, error);
        const unsigned status = parser.get().result_int();
        if (status < 200)
            continue;
        if (status >= 300)
            co_return refused(request, status);
        // TLS servers never speak first, so data that arrives before the tunnel is used is not the origin's.
        if (buffer.size() != 0)
            co_return make_failure(
                poll_result::protocol,
                fmt::format("the proxy {} sends data before the tunnel is used", request.via.at.authority()));
        co_return result<void>();
    }
    co_return make_failure(
        poll_result::protocol,
        fmt::format("the proxy {} sends interim answers (1xx) without an end", request.via.at.authority()));
}

namespace ssl = asio::ssl;

namespace {

// A connection that breaks during the handshake is a `network` failure: it says nothing about TLS.
failure no_handshake(const std::string& with, const std::string& complaint, const net::error_code& error) {
    const std::string doing = fmt::format("TLS handshake with {} failed", with);
    if (!complaint.empty())
        return make_failure(poll_result::tls, fmt::format("{}: {}", doing, complaint));
    if (error == ssl::error::stream_truncated || error == asio::error::eof)
        return http::network_failure(doing +
                                     ": the connection was closed; a firewall on the way may forbid it");
    if (error.category() == asio::error::get_system_category())
        return http::broken_connection(doing, error);
    return make_failure(poll_result::tls, fmt::format("{}: {}{}", doing, error.message(), tls_advice(error)));
}

} // namespace

connector::connector(const http::origin& to, const client_settings& settings)
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
    reached.at = exchange_step::handshake;
    reached.doing = fmt::format("the TLS handshake with {}", server_);
    reached.advice = "does that port speak TLS?";
    auto secured = co_await secure(std::move(*stream));
    co_return secured;
}

// With a proxy this connects to the proxy, and the proxy resolves the origin's name.
asio::awaitable<result<plain_stream>> connector::reach(progress& reached) {
    const http::origin& next = through_proxy() ? settings_.proxy->at : to_;
    const std::string name = (through_proxy() ? "the proxy " : "") + next.authority();
    reached.at = exchange_step::resolving;
    reached.doing = fmt::format("resolving {}", name);
    reached.advice = "do this host's name servers answer?";
    bool is_resolved = false;
    std::function<void()> connecting = [&] {
        is_resolved = true;
        reached.at = exchange_step::connecting;
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
    net::error_code ignored; // the peer may have closed already; the next step reports that
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
    reached.at = exchange_step::asking_proxy;
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
        co_return make_failure(poll_result::tls,
                               fmt::format("no certificate can be for the name {}", to_.authority()));
    const auto [error] = co_await stream.async_handshake(ssl::stream_base::client, net::nothrow);
    if (error)
        co_return no_handshake(server_, check.complaint(), error);
    auto secured = std::make_unique<connection>(std::move(stream));
    co_return secured;
}

} // namespace replmond::client
