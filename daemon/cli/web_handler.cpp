// The queues of answers on the event loop.
#include "daemon/cli/web_handler.hpp"

#include "daemon/net/async.hpp"
#include "daemon/net/pending_answer.hpp"

#include <algorithm>
#include <exception>
#include <memory>
#include <optional>
#include <utility>

namespace replmond::cli {

namespace asio = boost::asio;
using exposition::answer_queue;

namespace {

exposition::answer_queue_ports ports(std::function<void(const net::pieced_text*)> cut_off) {
    exposition::answer_queue_ports ports;
    ports.now = [] { return std::chrono::steady_clock::now(); };
    ports.cut_off = std::move(cut_off);
    return ports;
}

net::http_answer failed(const exposition::web_reply& reply, answer_queue::failure why) {
    if (why == answer_queue::failure::too_large)
        return exposition::web::failed(reply, 503,
                                       "the answer is too large: ask for less, with limit and offset");
    auto answer =
        exposition::web::failed(reply, 503, "too many answers are being made or read: ask again later");
    answer.headers.emplace_back("Retry-After", "1");
    return answer;
}

} // namespace

// What was asked of a queue. The queue's taker holds it weakly: it may go before.
class web_handler::waiting_answer final : public net::pending_answer,
                                          public std::enable_shared_from_this<waiting_answer> {
public:
    waiting_answer(web_handler& at, exposition::web_reply reply)
        : at_(at), reply_(std::move(reply)), queue_(reply_.is_scrape ? at.scrapes_ : at.pages_),
          done_(at.executor_) {}
    waiting_answer(const waiting_answer&) = delete;
    waiting_answer& operator=(const waiting_answer&) = delete;
    ~waiting_answer() override { leave(); }

    /// True: it is there already.
    bool ask(std::string peer) {
        answer_queue::request what;
        what.key = reply_.key;
        what.peer = std::move(peer);
        what.begin = std::move(reply_.work);
        asked_ = queue_.ask(std::move(what), [me = weak_from_this()](answer_queue::outcome outcome) {
            if (const auto waiting = me.lock()) {
                waiting->outcome_ = std::move(outcome);
                waiting->done_.cancel();
            }
        });
        return outcome_.has_value();
    }

    // Who throws is told of, and counted, by the server.
    net::http_answer take() override {
        if (outcome_->thrown)
            std::rethrow_exception(outcome_->thrown);
        net::http_answer answer;
        if (outcome_->made) {
            answer = std::move(reply_.answer);
            answer.shared = std::move(outcome_->made);
        } else {
            answer = failed(reply_, outcome_->why);
        }
        if (!is_abandoned_)
            at_.web_.count(reply_, answer.status);
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
            outcome_->why = answer_queue::failure::full;
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
    exposition::web_reply reply_;
    answer_queue& queue_;
    answer_queue::id asked_ = 0;
    asio::steady_timer done_;
    std::optional<answer_queue::outcome> outcome_;
    bool is_abandoned_ = false;
};

web_handler::web_handler(asio::any_io_executor executor, const exposition::web& web,
                         std::function<void(const net::pieced_text*)> cut_off, web_handler_limits limits)
    : executor_(std::move(executor)), web_(web), limits_(limits), pages_(limits.pages, ports(cut_off)),
      scrapes_(limits.scrapes, ports(cut_off)), work_is_due_(executor_) {}

net::http_answer web_handler::answer(const net::http_request& request) {
    auto reply = web_.answer(request);
    if (!reply.work)
        return std::move(reply.answer);
    const auto waiting = std::make_shared<waiting_answer>(*this, std::move(reply));
    const bool is_there = waiting->ask(request.peer);
    work_is_due_.cancel(); // run() looks again at what is next
    if (is_there)
        return waiting->take();
    net::http_answer later;
    later.later = waiting;
    return later;
}

// A timer that is due already is served behind everything else that is ready: others come between two slices.
asio::awaitable<void> web_handler::run() {
    for (;;) {
        work_is_due_.expires_at(std::min(scrapes_.next(), pages_.next()));
        co_await work_is_due_.async_wait(net::nothrow);
        scrapes_.work();
        pages_.work();
    }
}

} // namespace replmond::cli
