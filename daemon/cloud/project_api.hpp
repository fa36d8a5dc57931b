#pragma once

#include "daemon/cloud/authenticated_client.hpp"
#include "daemon/cloud/permit_source.hpp"
#include "daemon/core/cloud/endpoints.hpp"
#include "daemon/core/cloud/inventory.hpp"
#include "daemon/core/cloud/task_details.hpp"
#include "daemon/core/cloud/task_page.hpp"
#include "daemon/core/model/failure.hpp"

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
/// Every request takes one of the caller's permits, which must stay valid; waiting for it does not count as
/// part of `timeout`. Requests that a credential or the project's id need have permits of their own.
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
    virtual boost::asio::awaitable<result<page>> list(list_query query, permit_source& permits,
                                                      std::chrono::steady_clock::duration timeout) = 0;

    /// The configuration of one task, with its error text. As above.
    virtual boost::asio::awaitable<result<task_configuration>>
    configuration(configuration_query query, permit_source& permits,
                  std::chrono::steady_clock::duration timeout) = 0;

    /// One page of the project's TaurusDB instances. As above.
    virtual boost::asio::awaitable<result<instances_page>>
    instances(instances_query query, permit_source& permits, std::chrono::steady_clock::duration timeout) = 0;

    /// The HTAP instances of a TaurusDB instance. As above.
    virtual boost::asio::awaitable<result<htap_list>> htap(std::string taurusdb_id, permit_source& permits,
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

std::unique_ptr<project_api> make_project_api(std::shared_ptr<authenticated_client> line);
std::unique_ptr<project_api> make_project_api(authenticated_client_options access);

} // namespace replmond::cloud
