// Connects the reply queues with the event loop.

#include "daemon/service/web_handler.hpp"

#include "daemon/net/async.hpp"
#include "daemon/net/server/handler.hpp"

#include <algorithm>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

namespace replmond::service {

namespace asio = boost::asio;
using http::reply_queue;

namespace {

http::reply_queue_callbacks callbacks(std::function<void(const http::buffer_chain*)> cut_off) {
    http::reply_queue_callbacks callbacks;
    callbacks.now = [] { return std::chrono::steady_clock::now(); };
    callbacks.cut_off = std::move(cut_off);
    return callbacks;
}

http::http_reply failed(const web::routed_reply& reply, reply_queue::failure why) {
    if (why == reply_queue::failure::too_large)
        return web::router::failed(reply, 503,
                                   "the answer is too large: ask for less, with limit and offset");
    auto answer = web::router::failed(reply, 503, "too many answers are being made or read: ask again later");
    answer.headers.emplace_back("Retry-After", "1");
    return answer;
}

} // namespace

// One answer that was asked of a queue. The queue's callback holds a weak pointer, because this object may be
// destroyed first.
class web_handler::waiting_reply final : public server::pending_reply,
                                         public std::enable_shared_from_this<waiting_reply> {
public:
    waiting_reply(web_handler& at, web::routed_reply reply)
        : at_(at), reply_(std::move(reply)), queue_(reply_.is_scrape ? at.scrapes_ : at.pages_),
          done_(at.executor_) {}
    waiting_reply(const waiting_reply&) = delete;
    waiting_reply& operator=(const waiting_reply&) = delete;
    ~waiting_reply() override { leave(); }

    /// True: the answer is complete already.
    bool ask(std::string peer) {
        reply_queue::request what;
        what.key = reply_.key;
        what.peer = std::move(peer);
        what.begin = std::move(reply_.work);
        asked_ = queue_.ask(std::move(what), [me = weak_from_this()](reply_queue::outcome outcome) {
            if (const auto waiting = me.lock()) {
                waiting->outcome_ = std::move(outcome);
                waiting->done_.cancel();
            }
        });
        return outcome_.has_value();
    }

    // The server reports and counts what this throws.
    http::http_reply take() override {
        if (outcome_->thrown)
            std::rethrow_exception(outcome_->thrown);
        http::http_reply answer;
        if (outcome_->made) {
            answer = std::move(reply_.answer);
            answer.shared = std::move(outcome_->made);
        } else {
            answer = failed(reply_, outcome_->why);
        }
        if (!is_abandoned_)
            at_.router_.count(reply_, answer.status);
        return answer;
    }

    asio::awaitable<void> wait() override {
        done_.expires_after(at_.limits_.longest_wait);
        if (!outcome_ && !is_abandoned_)
            co_await done_.async_wait(net::nothrow);
        if (!outcome_ && !is_abandoned_ && done_.expiry() > std::chrono::steady_clock::now())
            net::throw_cancelled();
        if (!outcome_) {
            leave();
            outcome_.emplace();
            outcome_->why = reply_queue::failure::full;
        }
    }

    void abandon() override {
        is_abandoned_ = true;
        done_.cancel();
    }

private:
    void leave() {
        if (!outcome_)
            queue_.leave(asked_);
    }

    web_handler& at_;
    web::routed_reply reply_;
    reply_queue& queue_;
    reply_queue::id asked_ = 0;
    asio::steady_timer done_;
    std::optional<reply_queue::outcome> outcome_;
    bool is_abandoned_ = false;
};

web_handler::web_handler(asio::any_io_executor executor, const web::router& router,
                         std::function<void(const http::buffer_chain*)> cut_off, web_handler_limits limits)
    : executor_(std::move(executor)), router_(router), limits_(limits),
      pages_(limits.pages, callbacks(cut_off)), scrapes_(limits.scrapes, callbacks(cut_off)),
      work_is_due_(executor_) {}

http::http_reply web_handler::answer(const http::http_request& request) {
    auto reply = router_.answer(request);
    if (!reply.work)
        return std::move(reply.answer);
    const auto waiting = std::make_shared<waiting_reply>(*this, std::move(reply));
    const bool is_there = waiting->ask(request.peer);
    work_is_due_.cancel(); // makes run() look at the queues again
    if (is_there)
        return waiting->take();
    http::http_reply later;
    later.later = waiting;
    return later;
}

// Asio runs the handler of an expired timer after all handlers that are ready, so other work runs between two
// slices.
asio::awaitable<void> web_handler::run() {
    for (;;) {
        work_is_due_.expires_at(std::min(scrapes_.next(), pages_.next()));
        co_await work_is_due_.async_wait(net::nothrow);
        scrapes_.work();
        pages_.work();
    }
}

} // namespace replmond::service
