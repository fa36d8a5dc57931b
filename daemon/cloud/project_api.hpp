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

/// Proof that the cloud accepts a project's credential.
struct credential_proof {
    std::string source; ///< description of the credential, for people
    std::string project_id;
    std::optional<timestamp> expires_at;
    std::optional<failure> not_allowed; ///< set: the credential is accepted but not allowed to list instances
};

/// The cloud's API for one project, and all that the monitor uses of the cloud. Every request takes one of
/// the caller's permits; `permits` must stay valid until the coroutine ends, and waiting for a permit is not
/// part of `timeout`. Requests that obtain a credential or the project's id have their own permits.
class project_api {
public:
    virtual ~project_api() = default;

    /// Secrets may have changed, so they are read again before the next request.
    virtual void look_at_secrets() = 0;

    /// The project's id if it is known already; sends nothing.
    virtual std::optional<std::string> known_project_id() const = 0;

    /// One page of the task list, in one request of at most `timeout`. A body equal to `query.known_body` is
    /// not decoded. Throws operation_aborted when the caller is cancelled.
    virtual boost::asio::awaitable<result<page>> list(list_query query, permit_source& permits,
                                                      std::chrono::steady_clock::duration timeout) = 0;

    /// The configuration of one task, with its error text. Otherwise like list().
    virtual boost::asio::awaitable<result<task_configuration>>
    configuration(configuration_query query, permit_source& permits,
                  std::chrono::steady_clock::duration timeout) = 0;

    /// One page of the project's TaurusDB instances. Otherwise like list().
    virtual boost::asio::awaitable<result<instances_page>>
    instances(instances_query query, permit_source& permits, std::chrono::steady_clock::duration timeout) = 0;

    /// The HTAP instances of one TaurusDB instance. Otherwise like list().
    virtual boost::asio::awaitable<result<htap_list>> htap(std::string taurusdb_id, permit_source& permits,
                                                           std::chrono::steady_clock::duration timeout) = 0;

    /// The project's credential; null if there is none (in tests).
    virtual const credentials* keys() const { return nullptr; }

    /// Takes over from the previous client of the same project with the same credential: a refused credential
    /// stays held, and a project id that was learned stays known. To be called before the first request.
    virtual void take_over_from(const project_api&) {}

    /// Proves the credential with one cheap call, which lists one TaurusDB instance. Fails if the credential
    /// is refused or the answer does not tell. Otherwise like list().
    virtual boost::asio::awaitable<result<credential_proof>>
    prove(std::chrono::steady_clock::duration timeout) = 0;
};

/// A project_api over `line`, or over a client made of `access`. Sends nothing yet.
std::unique_ptr<project_api> make_project_api(std::shared_ptr<authenticated_client> line);
std::unique_ptr<project_api> make_project_api(authenticated_client_options access);

} // namespace replmond::cloud
