// One request and its answer on an open connection. Only this file reads what an origin sends over HTTP.

#include "daemon/net/client/http_exchange.hpp"

#include "daemon/core/http/network_failure.hpp"
#include "daemon/net/async.hpp"
#include "daemon/net/client/certificate_check.hpp"

#include <boost/asio/ssl/error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/read_size.hpp>
#include <boost/beast/http/parser.hpp>
#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace replmond::client {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace ssl = asio::ssl;

namespace {

using response_parser = beast::http::response_parser<known_body>;

constexpr int status_ok = 200;
constexpr std::size_t read_ahead = 64 * 1024; // in addition to the longest header
constexpr std::size_t usual_request = 1024;
constexpr std::size_t usual_headers = 16;

// A broken connection, or an error of TLS after the handshake.
failure failed_doing(const char* what, const net::error_code& why) {
    if (why.category() == asio::error::get_ssl_category())
        return make_failure(poll_result::tls, fmt::format("{}: {}{}", what, why.message(), tls_advice(why)));
    return http::broken_connection(what, why);
}

failure failed_reading(const net::error_code& why) {
    if (why == beast::http::error::end_of_stream || why == beast::http::error::partial_message ||
        why == ssl::error::stream_truncated)
        return http::closed_early();
    if (why == beast::http::error::body_limit)
        return make_failure(poll_result::protocol, "the answer's body is larger than allowed");
    if (why == beast::http::error::header_limit)
        return make_failure(poll_result::protocol, "the answer's header is larger than allowed");
    if (why == beast::http::error::buffer_overflow)
        return make_failure(poll_result::protocol,
                            "the answer's chunk extensions or trailers are larger than allowed");
    if (why.category() == beast::http::make_error_code(beast::http::error::bad_value).category())
        return make_failure(poll_result::protocol, fmt::format("the answer is not HTTP: {}", why.message()));
    return failed_doing("cannot read the answer", why);
}

// Host, Accept, Accept-Encoding, Content-Length and Connection are set here; all other headers are copied
// from the request. `identity` keeps proxies and gateways from compressing an answer (RFC 9110,
// section 12.5.3; the contract, "What a poll does").
std::string to_wire(const http::http_request& request, const exchange_terms& terms) {
    std::string text;
    text.reserve(usual_request);
    const auto add = [&](std::string_view name, std::string_view value) {
        text.append(name).append(": ").append(value).append("\r\n");
    };
    text.append(request.method).append(" ").append(request.target).append(" HTTP/1.1\r\n");
    add("Host", terms.host);
    if (!terms.user_agent.empty())
        add("User-Agent", terms.user_agent);
    add("Accept", "application/json");
    add("Accept-Encoding", "identity");
    for (const auto& [name, value] : request.headers)
        add(name, value);
    // POST and PUT send a length even without a body (RFC 9110, section 8.6).
    if (!request.body.empty() || request.method == "POST" || request.method == "PUT")
        add("Content-Length", std::to_string(request.body.size()));
    return text.append("\r\n").append(request.body);
}

http::http_response to_value(beast::http::response<known_body> message) {
    http::http_response answer;
    answer.status = static_cast<int>(message.result_int());
    answer.headers.reserve(usual_headers);
    for (const auto& field : message)
        answer.headers.emplace_back(field.name_string(), field.value());
    known_body::value_type& body = message.body();
    if (answer.status != status_ok)
        body.copy_known();
    answer.has_known_body = body.is_known();
    answer.body = std::move(body.text());
    return answer;
}

exchange_outcome ended(failure why, bool stale) {
    exchange_outcome outcome;
    outcome.answer = std::move(why);
    outcome.stale = stale;
    return outcome;
}

exchange_outcome answered(response_parser& parser, bool nothing_behind) {
    exchange_outcome outcome;
    outcome.reusable = parser.keep_alive() && nothing_behind;
    outcome.answer = to_value(parser.release());
    return outcome;
}

// Writes as much as is possible without waiting, which is nearly always everything. Not over TLS: there a
// write may have to wait for the socket in the middle of a record.
std::size_t write_at_once(plain_stream& stream, std::string_view text, net::error_code& error) {
    const std::size_t written = stream.write_some(asio::buffer(text), error);
    if (error == asio::error::would_block)
        error = {};
    return written;
}

std::size_t write_at_once(tls_stream&, std::string_view, net::error_code&) {
    return 0;
}

// Parses the bytes in `unread`. Returns need_more until the answer is complete.
net::error_code parse(response_parser& parser, beast::flat_buffer& unread) {
    net::error_code error;
    while (!error && unread.size() > 0 && !parser.is_done())
        unread.consume(parser.put(unread.cdata(), error));
    if (!error && !parser.is_done())
        return beast::http::error::need_more;
    return error;
}

// The connection has ended or failed with `why`. The end may be the regular end of an answer without a length
// (RFC 9112, section 6.3).
net::error_code parse_end(response_parser& parser, const net::error_code& why) {
    if (why != asio::error::eof)
        return why;
    if (!parser.got_some())
        return beast::http::error::end_of_stream;
    net::error_code error;
    parser.put_eof(error);
    return error;
}

template<class Stream>
asio::awaitable<exchange_outcome> exchange_on(Stream& stream, connection& on, std::string message,
                                              std::shared_ptr<const std::string> known,
                                              const exchange_terms& terms) {
    net::error_code write_error;
    std::size_t written = write_at_once(stream, message, write_error);
    while (!write_error && written < message.size()) {
        const auto rest = asio::buffer(message) + written;
        const auto [error, more] = co_await stream.async_write_some(rest, net::nothrow);
        write_error = error;
        written += more;
    }
    if (write_error)
        co_return ended(failed_doing("cannot send the request", write_error), on.reused);

    // This buffer limit is the only one for chunk extensions and trailers (RFC 9112, section 7.1): the
    // parser's limits do not count them.
    on.unread.max_size(terms.header_limit + read_ahead);
    on.unread.reserve(read_ahead); // read_size() offers the free capacity, at least 512 bytes
    // Interim answers (1xx) may come before the final one (RFC 9110, section 15.2).
    for (int interim = 0; interim <= most_interim_answers; ++interim) {
        response_parser parser;
        parser.eager(true);
        parser.get().body().expect(known);
        parser.body_limit(terms.body_limit);
        parser.header_limit(static_cast<std::uint32_t>(terms.header_limit));
        // beast::http::async_read() does the same, but its layers of handlers cost more than the parsing.
        net::error_code error = parse(parser, on.unread);
        while (error == beast::http::error::need_more) {
            const std::size_t room = beast::read_size(on.unread, read_ahead);
            if (room == 0) {
                error = beast::http::error::buffer_overflow;
                break;
            }
            const auto into = on.unread.prepare(room);
            const auto [failed, read] = co_await stream.async_read_some(into, net::nothrow);
            on.unread.commit(read);
            error = failed ? parse_end(parser, failed) : parse(parser, on.unread);
        }
        if (error)
            co_return ended(failed_reading(error), on.reused && interim == 0 && !parser.got_some());
        if (parser.get().result_int() >= 200)
            co_return answered(parser, on.unread.size() == 0);
    }
    co_return ended(
        make_failure(poll_result::protocol, "the server sends interim answers (1xx) without an end"), false);
}

} // namespace

asio::awaitable<exchange_outcome> exchange_over(connection& on, const http::http_request& request,
                                                const exchange_terms& terms) {
    std::string message = to_wire(request, terms);
    if (auto* plain = std::get_if<plain_stream>(&on.stream))
        return exchange_on(*plain, on, std::move(message), request.known_body, terms);
    return exchange_on(std::get<tls_stream>(on.stream), on, std::move(message), request.known_body, terms);
}

} // namespace replmond::client
