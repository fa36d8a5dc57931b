#include "daemon/net/http_client.hpp"

#include "daemon/net/async.hpp"
#include "daemon/net/dial.hpp"
#include "daemon/net/resolver.hpp"

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>

#include <deque>
#include <variant>

namespace replmond::net {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace ssl = asio::ssl;
using asio::ip::tcp;

namespace {

using plain_stream = beast::tcp_stream;
using tls_stream = ssl::stream<beast::tcp_stream>;
using wire_request = http::request<http::string_body>;
using response_parser = http::response_parser<http::string_body>;

// A connection is owned by one exchange at a time and goes back to the pool only after a whole keep-alive
// answer.
struct connection {
    std::variant<plain_stream, tls_stream> stream;
    beast::flat_buffer buffer;
    std::chrono::steady_clock::time_point last_used;
    bool reused = false;

    explicit connection(plain_stream s) : stream(std::move(s)) {}
    explicit connection(tls_stream s) : stream(std::move(s)) {}
};
using connection_ptr = std::unique_ptr<connection>;

constexpr int most_interim_answers = 8;

// Open, and nothing to read: bytes that came without a request would pass for the answer to the next one.
bool is_quiet(connection& kept) {
    auto* plain = std::get_if<plain_stream>(&kept.stream);
    tcp::socket& socket =
        plain != nullptr ? plain->socket() : std::get<tls_stream>(kept.stream).next_layer().socket();
    char byte = 0;
    error_code error;
    socket.non_blocking(true, error);
    socket.receive(asio::buffer(&byte, 1), tcp::socket::message_peek, error);
    return error == asio::error::would_block;
}

// OpenSSL checks the name itself, so that a wrong one is called that, and not just "unspecified".
bool expect_certificate_of(const std::string& host, SSL* handle) {
    error_code not_an_address;
    asio::ip::make_address(host, not_an_address);
    if (!not_an_address)
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(handle), host.c_str()) == 1;
    // SNI carries names only (RFC 6066, section 3).
    return SSL_set_tlsext_host_name(handle, host.c_str()) == 1 && SSL_set1_host(handle, host.c_str()) == 1;
}

// How far an exchange came: for the message when the deadline ends it.
struct progress {
    std::string_view doing = "waiting for a connection";
};

failure failed(poll_result kind, std::string message) {
    failure f;
    f.result = kind;
    f.error_msg = std::move(message);
    return f;
}

failure failed_reading(const error_code& why) {
    if (why == http::error::end_of_stream || why == http::error::partial_message ||
        why == ssl::error::stream_truncated)
        return failed(poll_result::network, "the connection was closed before the whole answer was there");
    if (why == http::error::body_limit)
        return failed(poll_result::protocol, "the answer's body is larger than allowed");
    if (why == http::error::header_limit)
        return failed(poll_result::protocol, "the answer's header is larger than allowed");
    if (why.category() == http::make_error_code(http::error::bad_value).category())
        return failed(poll_result::protocol, fmt::format("the answer is not HTTP: {}", why.message()));
    return failed(poll_result::network, fmt::format("cannot read the answer: {}", why.message()));
}

class pooled_client final : public http_client {
public:
    pooled_client(origin to, client_settings settings)
        : to_(std::move(to)), settings_(std::move(settings)), tls_(ssl::context::tls_client) {
        if (!settings_.names)
            settings_.names = std::make_shared<resolver>();
        if (!to_.tls)
            return;
        tls_.set_verify_mode(ssl::verify_peer);
        tls_.set_default_verify_paths();
        if (settings_.ca_file)
            tls_.load_verify_file(*settings_.ca_file);
        SSL_CTX_set_min_proto_version(tls_.native_handle(), TLS1_2_VERSION);
    }

    asio::awaitable<result<http_response>> exchange(const http_request& request,
                                                    steady_duration deadline) override {
        auto reached = std::make_shared<progress>();
        auto op = attempt(request, reached);
        auto outcome = co_await with_deadline(std::move(op), deadline);
        if (!outcome) {
            const auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(deadline);
            co_return failed(poll_result::timeout,
                             fmt::format("no answer within {} ms: {} {} was not done", limit.count(),
                                         reached->doing, to_.authority()));
        }
        co_return std::move(*outcome);
    }

    void close_idle() override { idle_.clear(); }

private:
    asio::awaitable<result<http_response>> attempt(const http_request& request,
                                                   std::shared_ptr<progress> reached) {
        const wire_request message = to_wire(request);
        connection_ptr kept = take_idle();
        if (kept) {
            reached->doing = "reading the answer from";
            bool stale = false;
            auto answer = co_await send(std::move(kept), message, stale);
            const bool safe_to_repeat = stale && request.method == "GET";
            if (answer || !safe_to_repeat)
                co_return answer;
        }

        auto fresh = co_await connect(*reached);
        if (!fresh)
            co_return fresh.error();
        reached->doing = "reading the answer from";
        bool stale = false;
        auto answer = co_await send(std::move(*fresh), message, stale);
        co_return answer;
    }

    wire_request to_wire(const http_request& request) const {
        wire_request message;
        message.version(11);
        message.method_string(request.method);
        message.target(request.target);
        message.set(http::field::host, to_.authority());
        if (!settings_.user_agent.empty())
            message.set(http::field::user_agent, settings_.user_agent);
        for (const auto& [name, value] : request.headers)
            message.set(name, value);
        message.body() = request.body;
        if (!request.body.empty() || request.method == "POST" || request.method == "PUT")
            message.prepare_payload();
        return message;
    }

    // The most recently used one: the others may be dropped by age.
    connection_ptr take_idle() {
        const auto now = std::chrono::steady_clock::now();
        std::erase_if(idle_,
                      [&](const connection_ptr& c) { return now - c->last_used >= settings_.idle_limit; });
        while (!idle_.empty()) {
            connection_ptr kept = std::move(idle_.back());
            idle_.pop_back();
            if (!is_quiet(*kept))
                continue;
            kept->reused = true;
            return kept;
        }
        return nullptr;
    }

    asio::awaitable<result<connection_ptr>> connect(progress& reached) {
        auto dialed = co_await dial(*settings_.names, to_, reached.doing);
        if (!dialed) {
            failure unconnected = dialed.error();
            if (reached.doing == "resolving")
                unconnected.error_msg += settings_.unresolved_hint;
            co_return unconnected;
        }

        plain_stream stream(std::move(*dialed));
        stream.socket().set_option(tcp::no_delay(true));
        if (!to_.tls) {
            auto plain = std::make_unique<connection>(std::move(stream));
            co_return plain;
        }
        reached.doing = "the TLS handshake with";
        auto secured = co_await handshake(std::move(stream));
        co_return secured;
    }

    asio::awaitable<result<connection_ptr>> handshake(plain_stream lower) {
        tls_stream stream(std::move(lower), tls_);
        if (!expect_certificate_of(to_.host, stream.native_handle()))
            co_return failed(poll_result::tls,
                             fmt::format("no certificate can be for the name {}", to_.authority()));
        const auto [error] = co_await stream.async_handshake(ssl::stream_base::client, nothrow);
        if (error) {
            const long verdict = SSL_get_verify_result(stream.native_handle());
            const std::string why =
                verdict == X509_V_OK ? error.message() : X509_verify_cert_error_string(verdict);
            co_return failed(poll_result::tls,
                             fmt::format("TLS handshake with {} failed: {}", to_.authority(), why));
        }
        auto secured = std::make_unique<connection>(std::move(stream));
        co_return secured;
    }

    asio::awaitable<result<http_response>> send(connection_ptr over, const wire_request& message,
                                                bool& stale) {
        if (auto* plain = std::get_if<plain_stream>(&over->stream)) {
            auto answer = co_await send_on(*plain, over, message, stale);
            co_return answer;
        }
        auto answer = co_await send_on(std::get<tls_stream>(over->stream), over, message, stale);
        co_return answer;
    }

    // `stale`: the connection was a kept one and ended before a byte of an answer.
    template<class Stream>
    asio::awaitable<result<http_response>> send_on(Stream& stream, connection_ptr& over,
                                                   const wire_request& message, bool& stale) {
        const auto [write_error, written] = co_await http::async_write(stream, message, nothrow);
        if (write_error) {
            stale = over->reused;
            co_return failed(poll_result::network,
                             fmt::format("cannot send the request: {}", write_error.message()));
        }

        // Interim answers (1xx) may come before the one that counts (RFC 9110, section 15.2).
        for (int interim = 0; interim <= most_interim_answers; ++interim) {
            response_parser parser;
            parser.body_limit(settings_.body_limit);
            parser.header_limit(static_cast<std::uint32_t>(settings_.header_limit));
            const auto [error, read] = co_await http::async_read(stream, over->buffer, parser, nothrow);
            if (error) {
                stale = over->reused && interim == 0 && !parser.got_some();
                co_return failed_reading(error);
            }
            if (parser.get().result_int() >= 200) {
                const bool reusable = parser.keep_alive() && over->buffer.size() == 0;
                http_response answer = to_value(parser.release());
                if (reusable)
                    keep(std::move(over));
                co_return answer;
            }
        }
        co_return failed(poll_result::protocol, "the server sends interim answers (1xx) without an end");
    }

    void keep(connection_ptr over) {
        over->last_used = std::chrono::steady_clock::now();
        idle_.push_back(std::move(over));
    }

    static http_response to_value(http::response<http::string_body> message) {
        http_response answer;
        answer.status = static_cast<int>(message.result_int());
        for (const auto& field : message)
            answer.headers.emplace_back(field.name_string(), field.value());
        answer.body = std::move(message.body());
        return answer;
    }

    origin to_;
    client_settings settings_;
    ssl::context tls_;
    std::deque<connection_ptr> idle_;
};

} // namespace

std::unique_ptr<http_client> make_http_client(origin to, client_settings settings) {
    return std::make_unique<pooled_client>(std::move(to), std::move(settings));
}

} // namespace replmond::net
