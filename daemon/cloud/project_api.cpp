#include "daemon/cloud/project_api.hpp"

#include "daemon/cloud/answer.hpp"

#include <fmt/format.h>

#include <utility>

namespace replmond::cloud {

namespace asio = boost::asio;

namespace {

class remote_project final : public project_api {
public:
    explicit remote_project(project_access access) : access_(std::move(access)) {}

    asio::awaitable<result<page>> list(list_query query,
                                       std::chrono::steady_clock::duration timeout) override {
        net::http_request request;
        request.target = list_target(access_.project_id, query);
        request.headers.emplace_back("X-Language", "en-us");
        access_.auth->authenticate(request,
                                   std::chrono::floor<milliseconds>(std::chrono::system_clock::now()));

        const auto started = std::chrono::steady_clock::now();
        const auto answer = co_await access_.client->exchange(request, timeout);
        access_.observer("list", answer ? std::to_string(answer->status) : "error",
                         std::chrono::steady_clock::now() - started);
        if (!answer)
            co_return answer.error();
        if (const auto refused = failure_of(*answer))
            co_return *refused;
        auto decoded = decode_page(answer->body);
        if (!decoded)
            co_return with_origin(decoded.error(), *answer);
        co_return decoded;
    }

private:
    static failure with_origin(failure f, const net::http_response& answer) {
        f.http_status = answer.status;
        f.request_id = net::find_header(answer.headers, "X-Request-Id");
        return f;
    }

    project_access access_;
};

} // namespace

std::string list_target(std::string_view project_id, const list_query& query) {
    return fmt::format("/v3/{}/instances/{}/starrocks/databases/replication?limit={}&offset={}", project_id,
                       query.instance_id, query.limit, query.offset);
}

std::unique_ptr<project_api> make_project_api(project_access access) {
    return std::make_unique<remote_project>(std::move(access));
}

} // namespace replmond::cloud
