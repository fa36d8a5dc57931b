#pragma once

#include "daemon/cloud/authenticator.hpp"
#include "daemon/cloud/configuration.hpp"
#include "daemon/cloud/page.hpp"
#include "daemon/cloud/targets.hpp"
#include "daemon/model/failure.hpp"
#include "daemon/net/http_client.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace replmond::cloud {

/// Told of every request that was sent: `operation` as in replmond_api_requests_total, `code` the HTTP status
/// or `error`, and how long it took.
using request_observer = std::function<void(std::string_view operation, std::string_view code,
                                            std::chrono::duration<double> took)>;

/// The cloud as one project sees it. The only thing that the monitor knows of the cloud's network side.
class project_api {
public:
    virtual ~project_api() = default;

    /// One page of the task list, in one request of at most `timeout`.
    /// Throws operation_aborted when the caller is cancelled.
    virtual boost::asio::awaitable<result<page>> list(list_query query,
                                                      std::chrono::steady_clock::duration timeout) = 0;

    /// The configuration of one task, with its error text. As above.
    virtual boost::asio::awaitable<result<task_configuration>>
    configuration(configuration_query query, std::chrono::steady_clock::duration timeout) = 0;
};

struct project_access {
    std::string project_id;
    std::unique_ptr<net::http_client> client;
    std::unique_ptr<authenticator> auth;
    request_observer observer;
};

std::unique_ptr<project_api> make_project_api(project_access access);

} // namespace replmond::cloud
