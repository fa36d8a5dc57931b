#include "daemon/net/wire_exchange.hpp"

#include "daemon/net/async.hpp"
#include "daemon/net/certificate_check.hpp"
#include "daemon/net/network_failure.hpp"

#include <boost/asio/ssl/error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <variant>

namespace replmond::net {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace ssl = asio::ssl;

namespace {

using wire_request = http::request<http::string_body>;
using response_parser = http::response_parser<http::string_body>;

constexpr int most_interim_answers = 8;
constexpr std::size_t read_ahead = 64 * 1024; // beside the longest header

failure failed(poll_result kind, std::string message) {
    failure f;
    f.result = kind;
    f.error_msg = std::move(message);
    return f;
}

// Reset, or no TLS any more.
failure failed_doing(const char* what, const error_code& why) {
    if (why.category() == asio::error::get_ssl_category())
        return failed(poll_result::tls, fmt::format("{}: {}{}", what, why.message(), tls_advice(why)));
    return broken_connection(what, why);
}

failure failed_reading(const error_code& why) {
    if (why == http::error::end_of_stream || why == http::error::partial_message ||
        why == ssl::error::stream_truncated)
        return closed_early();
    if (why == http::error::body_limit)
        return failed(poll_result::protocol, "the answer's body is larger than allowed");
    if (why == http::error::header_limit)
        return failed(poll_result::protocol, "the answer's header is larger than allowed");
    if (why == http::error::buffer_overflow)
        return failed(poll_result::protocol, "what stands beside the answer's chunks is larger than allowed");
    if (why.category() == http::make_error_code(http::error::bad_value).category())
        return failed(poll_result::protocol, fmt::format("the answer is not HTTP: {}", why.message()));
    return failed_doing("cannot read the answer", why);
}

wire_request to_wire(const http_request& request, const exchange_terms& terms) {
    wire_request message;
    message.version(11);
    message.method_string(request.method);
    message.target(request.target);
    message.set(http::field::host, terms.host);
    if (!terms.user_agent.empty())
        message.set(http::field::user_agent, terms.user_agent);
    for (const auto& [name, value] : request.headers)
        message.set(name, value);
    message.body() = request.body;
    if (!request.body.empty() || request.method == "POST" || request.method == "PUT")
        message.prepare_payload();
    return message;
}

http_response to_value(http::response<http::string_body> message) {
    http_response answer;
    answer.status = static_cast<int>(message.result_int());
    for (const auto& field : message)
        answer.headers.emplace_back(field.name_string(), field.value());
    answer.body = std::move(message.body());
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

template<class Stream>
asio::awaitable<exchange_outcome> exchange_on(Stream& stream, const wire_request& message,
                                              const exchange_terms& terms, bool reused) {
    const auto [write_error, written] = co_await http::async_write(stream, message, nothrow);
    if (write_error)
        co_return ended(failed_doing("cannot send the request", write_error), reused);

    // Its bound is the only one for a chunk's extension and for trailers: the parser's limits know neither.
    beast::flat_buffer buffer(terms.header_limit + read_ahead);
    buffer.reserve(read_ahead); // Beast reads as much as there is room for, else 512 bytes at a time
    // Interim answers (1xx) may come before the one that counts (RFC 9110, section 15.2).
    for (int interim = 0; interim <= most_interim_answers; ++interim) {
        response_parser parser;
        parser.body_limit(terms.body_limit);
        parser.header_limit(static_cast<std::uint32_t>(terms.header_limit));
        const auto [error, read] = co_await http::async_read(stream, buffer, parser, nothrow);
        if (error)
            co_return ended(failed_reading(error), reused && interim == 0 && !parser.got_some());
        if (parser.get().result_int() >= 200)
            co_return answered(parser, buffer.size() == 0);
    }
    co_return ended(failed(poll_result::protocol, "the server sends interim answers (1xx) without an end"),
                    false);
}

} // namespace

asio::awaitable<exchange_outcome> exchange_over(connection& on, const http_request& request,
                                                const exchange_terms& terms) {
    const wire_request message = to_wire(request, terms);
    if (auto* plain = std::get_if<plain_stream>(&on.stream)) {
        auto outcome = co_await exchange_on(*plain, message, terms, on.reused);
        co_return outcome;
    }
    auto outcome = co_await exchange_on(std::get<tls_stream>(on.stream), message, terms, on.reused);
    co_return outcome;
}

} // namespace replmond::net
