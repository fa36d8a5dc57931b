#pragma once

#include "daemon/core/http/message.hpp"
#include "daemon/core/http/reply_queue.hpp"
#include "daemon/core/web/router.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>

namespace replmond::service {

/// Limits of the two queues and of waiting for an answer.
struct web_handler_limits {
    http::reply_queue_limits pages;
    http::reply_queue_limits scrapes = [] {
        http::reply_queue_limits limits;
        limits.rest = 1;
        limits.pause_factor_unfinished = 0; // a scraper has a timeout
        limits.keeps = false;
        return limits;
    }();
    std::chrono::steady_clock::duration longest_wait = std::chrono::seconds(20); ///< for one answer
};

/// Answers requests without blocking the loop. Answers that take work are made by two queues, one for scrapes
/// and one for everything else, in slices, one slice in a turn of the loop. Must outlive the pending answers.
class web_handler {
public:
    /// `cut_off`: see reply_queue_callbacks. `router` must outlive this object.
    web_handler(boost::asio::any_io_executor executor, const web::router& router,
                std::function<void(const http::buffer_chain*)> cut_off, web_handler_limits limits = {});

    /// An http::http_handler: returns the answer, or a pending one in `later`.
    http::http_reply answer(const http::http_request& request);

    /// Runs the queues until it is cancelled.
    boost::asio::awaitable<void> run();

private:
    class waiting_reply;

    boost::asio::any_io_executor executor_;
    const web::router& router_;
    web_handler_limits limits_;
    http::reply_queue pages_;
    http::reply_queue scrapes_;
    boost::asio::steady_timer work_is_due_;
};

} // namespace replmond::service
