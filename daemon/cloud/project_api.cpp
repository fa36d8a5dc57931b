#include "daemon/cloud/project_api.hpp"

#include "daemon/cloud/answer.hpp"

#include <utility>

namespace replmond::cloud {

namespace asio = boost::asio;

namespace {

class remote_project final : public project_api {
public:
    explicit remote_project(project_access access) : access_(std::move(access)) {}

    asio::awaitable<result<page>> list(list_query query,
                                       std::chrono::steady_clock::duration timeout) override {
        auto target = list_target(access_.project_id, query);
        const auto answer = co_await get("list", std::move(target), timeout);
        if (!answer)
            co_return answer.error();
        auto decoded = decode_page(answer->body);
        if (!decoded)
            co_return with_origin(decoded.error(), *answer);
        co_return decoded;
    }

    asio::awaitable<result<task_configuration>>
    configuration(configuration_query query, std::chrono::steady_clock::duration timeout) override {
        auto target = configuration_target(access_.project_id, query);
        const auto answer = co_await get("configuration", std::move(target), timeout);
        if (!answer)
            co_return answer.error();
        auto decoded = decode_configuration(answer->body);
        if (!decoded)
            co_return with_origin(decoded.error(), *answer);
        co_return decoded;
    }

private:
    // One authenticated request; any status but 200 is a failure.
    asio::awaitable<result<net::http_response>> get(std::string_view operation, std::string target,
                                                    std::chrono::steady_clock::duration timeout) {
        net::http_request request;
        request.target = std::move(target);
        request.headers.emplace_back("X-Language", "en-us");
        access_.auth->authenticate(request,
                                   std::chrono::floor<milliseconds>(std::chrono::system_clock::now()));

        const auto started = std::chrono::steady_clock::now();
        auto answer = co_await access_.client->exchange(request, timeout);
        const auto took = std::chrono::steady_clock::now() - started;
        access_.observer(operation, answer ? std::to_string(answer->status) : "error", took);
        if (!answer)
            co_return answer.error();
        if (const auto refused = failure_of(*answer))
            co_return *refused;
        co_return answer;
    }

    static failure with_origin(failure f, const net::http_response& answer) {
        f.http_status = answer.status;
        f.request_id = net::find_header(answer.headers, "X-Request-Id");
        return f;
    }

    project_access access_;
};

} // namespace

std::unique_ptr<project_api> make_project_api(project_access access) {
    return std::make_unique<remote_project>(std::move(access));
}

} // namespace replmond::cloud
