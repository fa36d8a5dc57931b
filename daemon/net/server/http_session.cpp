// One connection of a client: the handshake, requests one after the other, and the end. Every wait has a
// deadline.

#include "daemon/net/server/http_session.hpp"

#include "daemon/core/http/address.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <limits>
#include <optional>
#include <string>
#include <utility>

namespace replmond::server {

std::optional<request_head> parse_request_head(std::string_view text) {
    boost::beast::http::request_parser<boost::beast::http::empty_body> parser;
    parser.header_limit(std::numeric_limits<std::uint32_t>::max()); // head_validator has its own limit
    parser.body_limit(boost::none);                                 // check_framing() refuses bodies
    boost::system::error_code error;
    parser.put(boost::asio::buffer(text.data(), text.size()), error);
    if (error || !parser.is_header_done())
        return std::nullopt;

    const auto& message = parser.get();
    request_head head;
    head.request.method = std::string(message.method_string());
    head.request.target = std::string(message.target());
    for (const auto& field : message)
        head.request.headers.emplace_back(field.name_string(), field.value());
    head.is_http_1_1 = message.version() == 11;
    head.keep_alive = message.keep_alive();
    return head;
}

namespace asio = boost::asio;

namespace {

constexpr int body_is_not_taken = 413;
constexpr std::size_t one_read = 4096;
// Copying that much holds the loop for well under a millisecond.
constexpr std::size_t one_write = 1024 * 1024;
constexpr std::size_t small_answer = 16 * 1024; // copied behind its head, so that both go out in one packet
constexpr std::size_t one_discard = 16 * 1024;
constexpr std::size_t most_discarded = 8 * 1024 * 1024;

connection_use use_of(const request_head& head) {
    if (!head.keep_alive)
        return connection_use::closes;
    return head.is_http_1_1 ? connection_use::keeps : connection_use::keeps_for_http_1_0;
}

} // namespace

http_session::http_session(std::unique_ptr<server_stream> stream, const http::http_handler& handler,
                           access_filter* filter, const http::server_limits& limits,
                           session_callbacks callbacks)
    : stream_(std::move(stream)), handler_(handler), access_filter_(filter), limits_(limits),
      callbacks_(std::move(callbacks)), deadline_(stream_->deadline()) {
    boost::system::error_code gone;
    const auto peer = stream_->socket().remote_endpoint(gone);
    if (!gone)
        peer_ = http::peer_group(peer.address().to_string());
}

void http_session::close() {
    boost::system::error_code ignored;
    stream_->socket().close(ignored);
    if (pending_)
        pending_->abandon();
}

asio::awaitable<void> http_session::run() {
    deadline_.set(limits_.request_time);
    const auto opened = co_await stream_->open();
    if (opened == server_stream::opening::failed)
        co_return;
    bool more = opened == server_stream::opening::ready;
    if (!more) {
        // Named before co_await: g++ 12 destroys a brace-built temporary twice.
        const http::refusal plainly{400, "this address speaks HTTPS only"};
        co_await refuse(plainly);
    }
    while (more)
        more = co_await serve_one();
    if (!peer_closed_)
        co_await lingering_close();
}

asio::awaitable<bool> http_session::serve_one() {
    const read_result what = co_await read_request();
    peer_closed_ = what == read_result::nothing || callbacks_.stopping();
    if (peer_closed_)
        co_return false;
    if (what == read_result::refusal) {
        co_await refuse(why_);
        co_return false;
    }

    auto head = parse_request_head(std::string_view(input_).substr(0, head_bytes_));
    std::optional<http::refusal> bad;
    if (head) {
        head->request.peer = peer_;
        bad = http::check_framing(head->request.headers, head->is_http_1_1);
    } else {
        bad.emplace();
    }
    if (bad) {
        if (bad->why.empty())
            bad->why = "bad request";
        if (bad->status == body_is_not_taken)
            co_await refuse_body(head->request, *bad);
        else
            co_await refuse(*bad);
        co_return false;
    }
    input_.erase(0, head_bytes_);

    callbacks_.answers();
    deadline_.off();
    auto answer = co_await answer_to(head->request);
    const auto use = use_of(*head);
    const bool sent = co_await send(std::move(answer), use, head->request.method == "HEAD");
    callbacks_.waits();
    peer_closed_ = !sent;
    co_return sent&& use != connection_use::closes;
}

// The first request's deadline is set in run() and counts from the start of the connection. The time of each
// later request counts from its first byte.
asio::awaitable<http_session::read_result> http_session::read_request() {
    const auto is_late = [this] { return deadline_.expired() && !input_.empty(); };
    http::head_validator screen(limits_.head);
    bool begun = is_first_ || !input_.empty();
    if (!is_first_)
        deadline_.set(begun ? limits_.request_time : limits_.idle_time);
    is_first_ = false;
    for (;;) {
        const auto now = screen.look(input_);
        if (now == http::head_validator::state::whole) {
            head_bytes_ = screen.length();
            co_return read_result::request;
        }
        if (now == http::head_validator::state::refused) {
            why_ = screen.why();
            co_return read_result::refusal;
        }
        if (is_late()) { // a request that is complete is served even then: the delay was ours
            why_ = http::refusal{408, "the request did not arrive in time"};
            co_return read_result::refusal;
        }
        const std::size_t had = input_.size();
        input_.resize(had + one_read);
        const auto got = co_await stream_->read(input_.data() + had, one_read);
        input_.resize(had + got.bytes);
        callbacks_.moved(got.bytes);
        if (!begun && got.bytes > 0)
            deadline_.set(limits_.request_time); // even if the idle time has just ended
        begun = begun || got.bytes > 0;
        if (got.error && !is_late())
            co_return read_result::nothing; // closed, cut or silent: the client cannot receive an error
    }
}

asio::awaitable<http::http_reply> http_session::answer_to(const http::http_request& request) {
    std::optional<http::http_reply> refused;
    if (access_filter_ != nullptr)
        refused = co_await access_filter_->authorize(request);
    http::http_reply answer;
    if (refused) {
        answer = std::move(*refused);
        callbacks_.refused(answer.status);
    } else {
        answer = reply_or_500(handler_, request);
    }
    pending_ = std::move(answer.later);
    if (pending_) {
        co_await pending_->wait();
        const http::http_handler take = [this](const http::http_request&) { return pending_->take(); };
        answer = reply_or_500(take, request);
        pending_ = nullptr;
    }
    if (access_filter_ != nullptr)
        access_filter_->add_headers(answer);
    co_return answer;
}

http::http_reply http_session::reply_or_500(const http::http_handler& from,
                                            const http::http_request& request) {
    try {
        return from(request);
    } catch (...) {
        const http::http_failure why = http::failure_of(std::current_exception(), &request);
        callbacks_.failed(why);
        return http::plain_reply(500, "internal error");
    }
}

// A wrong method or path is reported before the body is: a client that uses a method with a body should learn
// which method is right.
asio::awaitable<void> http_session::refuse_body(const http::http_request& request, http::refusal why) {
    std::optional<http::http_reply> answer;
    if (access_filter_ != nullptr)
        answer = co_await access_filter_->authorize(request);
    if (answer)
        callbacks_.refused(answer->status);
    else if (callbacks_.objects)
        answer = callbacks_.objects(request);
    if (!answer) {
        co_await refuse(why);
        co_return;
    }
    if (access_filter_ != nullptr)
        access_filter_->add_headers(*answer);
    const bool sent = co_await send(std::move(*answer), connection_use::closes, false);
    peer_closed_ = !sent;
}

asio::awaitable<void> http_session::refuse(http::refusal why) {
    callbacks_.refused(why.status);
    auto answer = http::plain_reply(why.status, why.why);
    if (access_filter_ != nullptr)
        access_filter_->add_headers(answer);
    const bool sent = co_await send(std::move(answer), connection_use::closes, false);
    peer_closed_ = !sent;
}

asio::awaitable<bool> http_session::send(http::http_reply answer, connection_use use, bool head_only) {
    std::string head = reply_head(answer, use, std::chrono::system_clock::now());
    const bool is_small = answer.size() <= small_answer;
    if (is_small && !head_only)
        head += answer.text();
    if (is_small || head_only)
        answer = http::http_reply(); // a client that does not read must not keep the answer's memory
    http::write_cursor text;
    text.add(head);
    if (answer.size() > 0) {
        callbacks_.sends(answer);
        if (answer.shared) {
            for (const auto& piece : answer.shared->pieces)
                text.add(*piece);
        } else {
            text.add(answer.body);
        }
    }
    sent_ = answer.shared.get();
    const bool sent = co_await write(text);
    sent_ = nullptr;
    co_return sent;
}

// Each write has the whole time: a slow client may go on as long as it takes something each time.
asio::awaitable<bool> http_session::write(http::write_cursor& text) {
    while (!text.empty()) {
        deadline_.set(limits_.answer_time);
        const auto done = co_await stream_->write(text.next(one_write));
        if (done.error)
            co_return false;
        text.written(done.bytes);
        callbacks_.moved(done.bytes);
    }
    co_return true;
}

// Closing at once would reset the connection if unread bytes have arrived, and the client could lose the last
// answer (RFC 9112, section 9.6). So the server closes its sending side, then reads and discards until the
// client closes, for at most `leave_time` and 8 MiB.
asio::awaitable<void> http_session::lingering_close() {
    callbacks_.waits();
    deadline_.set(limits_.leave_time);
    co_await stream_->end();
    std::string unread(one_discard, '\0');
    std::size_t discarded = 0;
    while (!deadline_.expired() && discarded < most_discarded) {
        const auto got = co_await stream_->read(unread.data(), unread.size());
        if (got.error)
            co_return;
        discarded += got.bytes;
    }
}

} // namespace replmond::server
