// One exchange within its deadline: over a pooled connection if there is one, else over a new one.

#include "daemon/net/client/http_client.hpp"

#include "daemon/net/async.hpp"
#include "daemon/net/client/connection.hpp"
#include "daemon/net/client/connector.hpp"
#include "daemon/net/client/http_exchange.hpp"
#include "daemon/net/client/resolver.hpp"

#include <fmt/format.h>

#include <utility>

namespace replmond::client {

namespace asio = boost::asio;

namespace {

using clock = std::chrono::steady_clock;

failure not_in_time(net::steady_duration deadline, const progress& reached) {
    const auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(deadline);
    return make_failure(poll_result::timeout,
                        fmt::format("no answer within {} ms: {} was not done{}{}", limit.count(),
                                    reached.doing, reached.advice.empty() ? "" : "; ", reached.advice));
}

progress reading_from(const std::string& server) {
    progress reached;
    reached.at = exchange_step::reading;
    reached.doing = "reading the answer from " + server;
    reached.advice = "the service is slow, or poll.timeout too short";
    reached.sent = true;
    return reached;
}

client_settings with_names(client_settings settings) {
    if (!settings.names)
        settings.names = std::make_shared<resolver>();
    return settings;
}

class pooled_client final : public http_client {
public:
    pooled_client(const http::origin& to, client_settings settings)
        : settings_(with_names(std::move(settings))), server_(to.authority()), connector_(to, settings_),
          pool_(settings_.idle_limit, settings_.most_idle) {
        terms_.host = server_;
        terms_.user_agent = settings_.user_agent;
        terms_.body_limit = settings_.body_limit;
        terms_.header_limit = settings_.header_limit;
    }

    asio::awaitable<result<http::http_response>> exchange(const http::http_request& request,
                                                          net::steady_duration deadline) override {
        return exchange_over_any(request, deadline, nullptr);
    }

    asio::awaitable<result<http::http_response>> exchange_counted(const http::http_request& request,
                                                                  net::steady_duration deadline,
                                                                  bool& unanswered) override {
        return exchange_over_any(request, deadline, &unanswered);
    }

    asio::awaitable<result<http::http_response>>
    exchange_once(const http::http_request& request, net::steady_duration deadline, bool& sent) override {
        auto reached = std::make_shared<progress>();
        auto op = attempt_afresh(request, reached);
        auto outcome = co_await net::with_deadline(std::move(op), deadline);
        sent = reached->sent;
        if (!outcome)
            co_return not_in_time(deadline, *reached);
        co_return std::move(*outcome);
    }

private:
    // `unanswered` null: a GET that a stale connection did not answer is sent again (RFC 9112,
    // section 9.3.1).
    asio::awaitable<result<http::http_response>>
    exchange_over_any(const http::http_request& request, net::steady_duration deadline, bool* unanswered) {
        const auto until = clock::now() + deadline;
        if (connection_ptr kept = pool_.take()) {
            // Most requests go this way. It does not use with_deadline(), which costs more than the exchange:
            // the only thing to wait for is one socket, and the connection's own deadline closes that socket.
            kept->deadline.set(until);
            auto outcome = co_await exchange_over(*kept, request, terms_);
            const bool expired = kept->deadline.expired();
            kept->deadline.off();
            const auto caller = co_await asio::this_coro::cancellation_state;
            if (caller.cancelled() != asio::cancellation_type::none)
                net::throw_cancelled();
            if (expired && !outcome.answer)
                co_return not_in_time(deadline, reading_from(server_));
            if (outcome.reusable)
                pool_.put(std::move(kept));
            const bool safe_to_repeat = outcome.stale && request.method == "GET";
            if (safe_to_repeat && unanswered != nullptr) {
                *unanswered = true;
                pool_.clear(); // the other pooled connections are as old: probably closed too
            }
            if (!safe_to_repeat || unanswered != nullptr)
                co_return std::move(outcome.answer);
        }

        auto reached = std::make_shared<progress>();
        auto op = attempt_afresh(request, reached);
        auto outcome = co_await net::with_deadline(std::move(op), until - clock::now());
        if (!outcome)
            co_return not_in_time(deadline, *reached);
        co_return std::move(*outcome);
    }

    asio::awaitable<result<http::http_response>> attempt_afresh(const http::http_request& request,
                                                                std::shared_ptr<progress> reached) {
        auto fresh = co_await connector_.connect(*reached);
        if (!fresh)
            co_return fresh.error();
        *reached = reading_from(server_);
        auto outcome = co_await exchange_over(**fresh, request, terms_);
        if (outcome.reusable)
            pool_.put(std::move(*fresh));
        co_return std::move(outcome.answer);
    }

    client_settings settings_;
    std::string server_; ///< its name in messages
    connector connector_;
    connection_pool pool_;
    exchange_terms terms_;
};

} // namespace

std::unique_ptr<http_client> make_http_client(http::origin to, client_settings settings) {
    return std::make_unique<pooled_client>(to, std::move(settings));
}

} // namespace replmond::client
