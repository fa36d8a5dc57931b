#include "daemon/net/http_session.hpp"

#include "daemon/net/peer_group.hpp"
#include "daemon/net/request_head.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <optional>
#include <utility>

namespace replmond::net {

namespace asio = boost::asio;

namespace {

constexpr int body_is_not_taken = 413;
constexpr std::size_t one_read = 4096;
constexpr std::size_t one_write = 1024 * 1024;  // its copying holds the loop for well under a millisecond
constexpr std::size_t small_answer = 16 * 1024; // copied behind its head: one packet rather than two
constexpr std::size_t one_discard = 16 * 1024;
constexpr std::size_t most_discarded = 8 * 1024 * 1024;

connection_use use_of(const request_head& head) {
    if (!head.keep_alive)
        return connection_use::closes;
    return head.is_http_1_1 ? connection_use::keeps : connection_use::keeps_for_http_1_0;
}

} // namespace

http_session::http_session(std::unique_ptr<server_stream> stream, const http_handler& handler,
                           http_door* door, const server_limits& limits, session_ports ports)
    : stream_(std::move(stream)), handler_(handler), door_(door), limits_(limits), ports_(std::move(ports)),
      alarm_(stream_->deadline()) {
    boost::system::error_code gone;
    const auto peer = stream_->socket().remote_endpoint(gone);
    if (!gone)
        peer_ = peer_group(peer.address().to_string());
}

void http_session::close() {
    boost::system::error_code ignored;
    stream_->socket().close(ignored);
    if (pending_)
        pending_->abandon();
}

asio::awaitable<void> http_session::run() {
    alarm_.set(limits_.request_time);
    const auto opened = co_await stream_->open();
    if (opened == server_stream::opening::failed)
        co_return;
    bool more = opened == server_stream::opening::ready;
    if (!more) {
        const refusal plainly{400, "this address speaks HTTPS only"};
        co_await refuse(plainly);
    }
    while (more)
        more = co_await serve_one();
    if (!is_gone_)
        co_await leave();
}

asio::awaitable<bool> http_session::serve_one() {
    const heard what = co_await hear();
    is_gone_ = what == heard::nothing || ports_.stopping();
    if (is_gone_)
        co_return false;
    if (what == heard::refusal) {
        co_await refuse(why_);
        co_return false;
    }

    auto head = parse_request_head(std::string_view(input_).substr(0, head_bytes_));
    std::optional<refusal> bad;
    if (head) {
        head->request.peer = peer_;
        bad = check_framing(head->request.headers, head->is_http_1_1);
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

    ports_.answers();
    alarm_.off();
    auto answer = co_await answer_to(head->request);
    const auto use = use_of(*head);
    const bool sent = co_await send(std::move(answer), use, head->request.method == "HEAD");
    ports_.waits();
    is_gone_ = !sent;
    co_return sent&& use != connection_use::closes;
}

// The time for a request runs from its first byte, that for the first one from the connection on.
asio::awaitable<http_session::heard> http_session::hear() {
    const auto is_late = [this] { return alarm_.rang() && !input_.empty(); };
    head_screen screen(limits_.head);
    bool begun = is_first_ || !input_.empty();
    if (!is_first_)
        alarm_.set(begun ? limits_.request_time : limits_.idle_time);
    is_first_ = false;
    for (;;) {
        const auto now = screen.look(input_);
        if (now == head_screen::state::whole) {
            head_bytes_ = screen.length();
            co_return heard::request;
        }
        if (now == head_screen::state::refused) {
            why_ = screen.why();
            co_return heard::refusal;
        }
        if (is_late()) { // not where it is whole: then we were late ourselves
            why_ = refusal{408, "the request did not arrive in time"};
            co_return heard::refusal;
        }
        const std::size_t had = input_.size();
        input_.resize(had + one_read);
        const auto got = co_await stream_->read(input_.data() + had, one_read);
        input_.resize(had + got.bytes);
        ports_.moved(got.bytes);
        if (!begun && got.bytes > 0)
            alarm_.set(limits_.request_time); // also where the idle time is over just now
        begun = begun || got.bytes > 0;
        if (got.error && !is_late())
            co_return heard::nothing; // closed, cut or silent: nobody is there to be told
    }
}

asio::awaitable<http_answer> http_session::answer_to(const http_request& request) {
    std::optional<http_answer> refused;
    if (door_ != nullptr)
        refused = co_await door_->admit(request);
    http_answer answer;
    if (refused) {
        answer = std::move(*refused);
        ports_.refused(answer.status);
    } else {
        answer = answer_or_500(handler_, request);
    }
    pending_ = std::move(answer.later);
    if (pending_) {
        co_await pending_->wait();
        const http_handler take = [this](const http_request&) { return pending_->take(); };
        answer = answer_or_500(take, request);
        pending_ = nullptr;
    }
    if (door_ != nullptr)
        door_->dress(answer);
    co_return answer;
}

http_answer http_session::answer_or_500(const http_handler& from, const http_request& request) {
    try {
        return from(request);
    } catch (...) {
        const http_failure why = failure_of(std::current_exception(), &request);
        ports_.failed(why);
        return plain_answer(500, "internal error");
    }
}

// A wrong method or path is said first: who asks with a method that takes a body should learn which one to
// use.
asio::awaitable<void> http_session::refuse_body(const http_request& request, refusal why) {
    std::optional<http_answer> answer;
    if (door_ != nullptr)
        answer = co_await door_->admit(request);
    if (answer)
        ports_.refused(answer->status);
    else if (ports_.objects)
        answer = ports_.objects(request);
    if (!answer) {
        co_await refuse(why);
        co_return;
    }
    if (door_ != nullptr)
        door_->dress(*answer);
    const bool sent = co_await send(std::move(*answer), connection_use::closes, false);
    is_gone_ = !sent;
}

asio::awaitable<void> http_session::refuse(refusal why) {
    ports_.refused(why.status);
    auto answer = plain_answer(why.status, why.why);
    if (door_ != nullptr)
        door_->dress(answer);
    const bool sent = co_await send(std::move(answer), connection_use::closes, false);
    is_gone_ = !sent;
}

asio::awaitable<bool> http_session::send(http_answer answer, connection_use use, bool head_only) {
    std::string head = answer_head(answer, use, std::chrono::system_clock::now());
    const bool is_small = answer.size() <= small_answer;
    if (is_small && !head_only)
        head += answer.text();
    if (is_small || head_only)
        answer = http_answer(); // who does not read must not hold it
    unsent_text text;
    text.add(head);
    if (answer.size() > 0) {
        ports_.sends(answer);
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

// Each step has the whole time: who takes something now and then may be slow.
asio::awaitable<bool> http_session::write(unsent_text& text) {
    while (!text.empty()) {
        alarm_.set(limits_.answer_time);
        const auto done = co_await stream_->write(text.next(one_write));
        if (done.error)
            co_return false;
        text.written(done.bytes);
        ports_.moved(done.bytes);
    }
    co_return true;
}

// Closing at once would reset the connection where something unread has arrived, and our last answer would be
// lost on its way.
asio::awaitable<void> http_session::leave() {
    ports_.waits();
    alarm_.set(limits_.leave_time);
    co_await stream_->end();
    std::string unread(one_discard, '\0');
    std::size_t discarded = 0;
    while (!alarm_.rang() && discarded < most_discarded) {
        const auto got = co_await stream_->read(unread.data(), unread.size());
        if (got.error)
            co_return;
        discarded += got.bytes;
    }
}

} // namespace replmond::net
