#include "daemon/net/tunnel.hpp"

#include "daemon/net/async.hpp"
#include "daemon/net/network_failure.hpp"

#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <fmt/format.h>

#include <cstdint>
#include <utility>

namespace replmond::net {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

namespace {

constexpr int most_interim_answers = 8;

std::string to_wire(const tunnel_request& request) {
    const std::string target = request.to.host_and_port();
    std::string text = fmt::format("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\n", target);
    if (!request.user_agent.empty())
        text += fmt::format("User-Agent: {}\r\n", request.user_agent);
    if (!request.via.authorization.empty())
        text += fmt::format("Proxy-Authorization: {}\r\n", request.via.authorization);
    return text + "\r\n";
}

failure protocol_failure(std::string message) {
    failure f;
    f.result = poll_result::protocol;
    f.error_msg = std::move(message);
    return f;
}

failure unreadable(const proxy& via, const error_code& why) {
    const std::string name = via.at.authority();
    if (why == http::error::end_of_stream || why == http::error::partial_message)
        return network_failure(fmt::format(
            "the proxy {} closed the connection instead of making a tunnel; is it an HTTP proxy?", name));
    if (why == http::error::header_limit)
        return protocol_failure(fmt::format("the header of the proxy {} is larger than allowed", name));
    if (why.category() == http::make_error_code(http::error::bad_value).category())
        return protocol_failure(fmt::format("the proxy {} does not answer in HTTP: {}", name, why.message()));
    return broken_connection(fmt::format("no answer of the proxy {}", name), why);
}

failure refused(const tunnel_request& request, unsigned status) {
    const proxy& via = request.via;
    const std::string name = via.at.authority();
    const std::string target = request.to.host_and_port();
    switch (status) {
    case 401: // what tinyproxy says to a wrong password
    case 407:
        if (via.authorization.empty())
            return network_failure(
                fmt::format("the proxy {} wants a user and a password ({}): put them into {}, "
                            "http://user:password@host:port",
                            name, status, via.setting));
        return network_failure(
            fmt::format("the proxy {} refuses the user and password in {} ({})", name, via.setting, status));
    case 403:
        return network_failure(fmt::format(
            "the proxy {} does not allow a tunnel to {} (403): have it allowed there", name, target));
    case 500:
    case 502:
    case 503:
    case 504:
        return network_failure(
            fmt::format("the proxy {} cannot reach {} ({}): is the endpoint right, and does "
                        "the proxy resolve it?",
                        name, target, status));
    default:
        return network_failure(
            fmt::format("the proxy {} made no tunnel to {} (status {}): does {} name an HTTP "
                        "proxy that allows CONNECT?",
                        name, target, status, via.setting));
    }
}

} // namespace

asio::awaitable<result<void>> open_tunnel(tcp::socket& through, const tunnel_request& request) {
    const std::string text = to_wire(request);
    const auto [write_error, written] = co_await asio::async_write(through, asio::buffer(text), nothrow);
    if (write_error)
        co_return broken_connection("cannot ask the proxy " + request.via.at.authority(), write_error);

    beast::flat_buffer buffer;
    for (int interim = 0; interim <= most_interim_answers; ++interim) {
        http::response_parser<http::empty_body> parser;
        parser.header_limit(static_cast<std::uint32_t>(request.header_limit));
        const auto [error, read] = co_await http::async_read_header(through, buffer, parser, nothrow);
        if (error)
            co_return unreadable(request.via, error);
        const unsigned status = parser.get().result_int();
        if (status < 200)
            continue;
        if (status >= 300)
            co_return refused(request, status);
        // Whoever speaks in a tunnel before it is used is not the origin's TLS.
        if (buffer.size() != 0)
            co_return protocol_failure(
                fmt::format("the proxy {} sends data before the tunnel is used", request.via.at.authority()));
        co_return result<void>();
    }
    co_return protocol_failure(
        fmt::format("the proxy {} sends interim answers (1xx) without an end", request.via.at.authority()));
}

} // namespace replmond::net
