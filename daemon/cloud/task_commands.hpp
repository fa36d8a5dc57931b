#pragma once

#include "daemon/cloud/authenticated_client.hpp"
#include "daemon/core/cloud/task_change.hpp"
#include "daemon/core/cloud/task_details.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace replmond::cloud {

/// Requests that change tasks, and details that only people ask for. The daemon never uses them: it only
/// reads. Each change is sent once, in at most `timeout`; the caller decides what follows. Throws
/// operation_aborted when the caller is cancelled; the request may then have taken effect.
class task_commands {
public:
    using duration = std::chrono::steady_clock::duration;

    explicit task_commands(std::shared_ptr<authenticated_client> line) : client_(std::move(line)) {}

    /// Starts a task that is defined already (API.md, section 2).
    boost::asio::awaitable<change_outcome> create(std::string instance_id, create_request order,
                                                  permit_source& permits, duration timeout);
    boost::asio::awaitable<change_outcome> pause(std::string instance_id, task_name name,
                                                 permit_source& permits, duration timeout);
    boost::asio::awaitable<change_outcome> resume(std::string instance_id, task_name name,
                                                  permit_source& permits, duration timeout);
    boost::asio::awaitable<change_outcome> remove(std::string instance_id, task_name name,
                                                  permit_source& permits, duration timeout);

    /// Everything that the configuration API reports of a task. Changes nothing.
    boost::asio::awaitable<result<task_details>> details(std::string instance_id, task_name name,
                                                         permit_source& permits, duration timeout);

private:
    struct change {
        std::string_view operation; ///< a literal
        std::string_view method;
        std::string instance_id;
        std::string_view step; ///< "/pause", "/resume" or nothing
        std::string body;
    };
    boost::asio::awaitable<change_outcome> send(change what, permit_source& permits, duration timeout);

    std::shared_ptr<authenticated_client> client_;
};

} // namespace replmond::cloud
