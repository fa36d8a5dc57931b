// The requests that change tasks. Each is sent once. Only commands use them, never the daemon.

#include "daemon/cloud/task_commands.hpp"

#include "daemon/core/cloud/endpoints.hpp"

#include <utility>

namespace replmond::cloud {

namespace asio = boost::asio;

asio::awaitable<change_outcome> task_commands::create(std::string instance_id, create_request order,
                                                      permit_source& permits, duration timeout) {
    change what{"create", "POST", std::move(instance_id), "", order.body()};
    return send(std::move(what), permits, timeout);
}

asio::awaitable<change_outcome> task_commands::pause(std::string instance_id, task_name name,
                                                     permit_source& permits, duration timeout) {
    change what{"pause", "POST", std::move(instance_id), "/pause", named_body(name)};
    return send(std::move(what), permits, timeout);
}

asio::awaitable<change_outcome> task_commands::resume(std::string instance_id, task_name name,
                                                      permit_source& permits, duration timeout) {
    change what{"resume", "POST", std::move(instance_id), "/resume", named_body(name)};
    return send(std::move(what), permits, timeout);
}

asio::awaitable<change_outcome> task_commands::remove(std::string instance_id, task_name name,
                                                      permit_source& permits, duration timeout) {
    change what{"delete", "DELETE", std::move(instance_id), "", named_body(name)};
    return send(std::move(what), permits, timeout);
}

asio::awaitable<change_outcome> task_commands::send(change what, permit_source& permits, duration timeout) {
    const auto project = co_await client_->find_project_id(permits, timeout);
    if (!project)
        co_return outcome_without_answer(project.error(), false);
    http::http_request request;
    request.method = what.method;
    request.target = replication_target(*project, what.instance_id, what.step);
    request.body = std::move(what.body);
    bool sent = false;
    const auto answer =
        co_await client_->send_once(what.operation, std::move(request), permits, timeout, sent);
    if (!answer)
        co_return outcome_without_answer(answer.error(), sent);
    co_return outcome_of(*answer, std::chrono::floor<milliseconds>(std::chrono::system_clock::now()));
}

asio::awaitable<result<task_details>> task_commands::details(std::string instance_id, task_name name,
                                                             permit_source& permits, duration timeout) {
    const auto project = co_await client_->find_project_id(permits, timeout);
    if (!project)
        co_return project.error();
    configuration_query query;
    query.instance_id = std::move(instance_id);
    query.task_name = name.text();
    auto target = configuration_target(*project, query);
    const auto answer = co_await client_->get("configuration", std::move(target), permits, timeout);
    if (!answer)
        co_return answer.error();
    auto decoded = decode_task_details(answer->body);
    if (!decoded)
        co_return with_origin(decoded.error(), *answer);
    co_return decoded;
}

} // namespace replmond::cloud
