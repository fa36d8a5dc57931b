#pragma once

#include "daemon/cloud/configuration.hpp"
#include "daemon/cloud/htap_answer.hpp"
#include "daemon/cloud/instances_answer.hpp"
#include "daemon/cloud/page.hpp"
#include "daemon/cloud/project_line.hpp"
#include "daemon/cloud/request_gate.hpp"
#include "daemon/cloud/targets.hpp"
#include "daemon/model/failure.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace replmond::cloud {

/// That the cloud accepts a project's credential.
struct credential_proof {
    std::string source; ///< for people
    std::string project_id;
    std::optional<timestamp> expires_at;
    std::optional<failure> not_allowed; ///< the credential is right, but may not list instances
};

/// The cloud as one project sees it. The only thing that the monitor knows of the cloud's network side.
/// Every request passes the caller's gate, which must stay valid; waiting for it does not count as part of
/// `timeout`. Requests that a credential or the project's id need pass a gate of their own.
class project_api {
public:
    virtual ~project_api() = default;

    /// Secrets may have changed: they are read again before the next request.
    virtual void look_at_secrets() = 0;

    /// The project's id once it is known, without asking for it.
    virtual std::optional<std::string> known_project_id() const = 0;

    /// One page of the task list, in one request of at most `timeout`. A body that is the same bytes as
    /// `query.known_body` is not decoded.
    /// Throws operation_aborted when the caller is cancelled.
    virtual boost::asio::awaitable<result<page>> list(list_query query, request_gate& gate,
                                                      std::chrono::steady_clock::duration timeout) = 0;

    /// The configuration of one task, with its error text. As above.
    virtual boost::asio::awaitable<result<task_configuration>>
    configuration(configuration_query query, request_gate& gate,
                  std::chrono::steady_clock::duration timeout) = 0;

    /// One page of the project's TaurusDB instances. As above.
    virtual boost::asio::awaitable<result<instances_page>>
    instances(instances_query query, request_gate& gate, std::chrono::steady_clock::duration timeout) = 0;

    /// The HTAP instances of a TaurusDB instance. As above.
    virtual boost::asio::awaitable<result<htap_list>> htap(std::string taurusdb_id, request_gate& gate,
                                                           std::chrono::steady_clock::duration timeout) = 0;

    /// Its credential; null where there is none to go on from.
    virtual const credentials* keys() const { return nullptr; }

    /// The same project with the same credential, reached in another way from now on: a refused one stays
    /// held, and an id that was learned stays known. Before the first request.
    virtual void go_on_from(const project_api&) {}

    /// Proves the credential with one cheap call (listing one TaurusDB instance); fails where it is refused,
    /// or nobody can tell. As above.
    virtual boost::asio::awaitable<result<credential_proof>>
    prove(std::chrono::steady_clock::duration timeout) = 0;
};

std::unique_ptr<project_api> make_project_api(std::shared_ptr<project_line> line);
std::unique_ptr<project_api> make_project_api(project_access access);

} // namespace replmond::cloud
