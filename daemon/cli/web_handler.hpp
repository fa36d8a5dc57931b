#pragma once

#include "daemon/export/answer_queue.hpp"
#include "daemon/export/web.hpp"
#include "daemon/net/http.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>

namespace replmond::cli {

struct web_handler_limits {
    exposition::answer_queue_limits pages;
    exposition::answer_queue_limits scrapes = [] {
        exposition::answer_queue_limits limits;
        limits.rest = 1;
        limits.rest_amid = 0; // a scraper has a timeout
        limits.keeps = false;
        return limits;
    }();
    std::chrono::steady_clock::duration longest_wait = std::chrono::seconds(20); ///< for an answer
};

/// Answers requests on the loop, without holding it: what takes work is made by queues, one for scrapes and
/// one for all else, a slice in each turn of the loop. Must outlive the answers that wait.
class web_handler {
public:
    /// `cut_off`: see answer_queue_ports. `web` must outlive this.
    web_handler(boost::asio::any_io_executor executor, const exposition::web& web,
                std::function<void(const net::pieced_text*)> cut_off, web_handler_limits limits = {});

    /// A net::http_handler.
    net::http_answer answer(const net::http_request& request);

    /// Works while there is work, until it is cancelled.
    boost::asio::awaitable<void> run();

private:
    class waiting_answer;

    boost::asio::any_io_executor executor_;
    const exposition::web& web_;
    web_handler_limits limits_;
    exposition::answer_queue pages_;
    exposition::answer_queue scrapes_;
    boost::asio::steady_timer work_is_due_;
};

} // namespace replmond::cli
