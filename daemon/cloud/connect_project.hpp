#pragma once

#include "daemon/cloud/project_api.hpp"
#include "daemon/core/config/secret.hpp"
#include "daemon/core/config/settings.hpp"
#include "daemon/net/client/resolver.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <memory>

namespace replmond::cloud {

/// How a project's client reports to its owner.
struct project_callbacks {
    request_observer request;
    credential_callbacks credential;
    std::shared_ptr<permit_source> permits; ///< for requests that obtain credentials or the project's id
};

/// Makes the client of one configured project: endpoints, HTTP clients, and the kind of credential that
/// auth.type names. Sends nothing yet. Throws std::exception with a text for the user if ca_file, an endpoint
/// or the proxy of the environment cannot be used. `names` is shared by all clients of the process.
/// `timeout`: for one request for a token. `most_idle`: how many idle connections are kept to one endpoint.
/// The environment variable REPLMOND_METADATA_ENDPOINT overrides the metadata service's address.
std::unique_ptr<project_api> connect_project(const boost::asio::any_io_executor& executor,
                                             const config::project_settings& project, milliseconds timeout,
                                             const config::lookup& places,
                                             const std::shared_ptr<client::resolver>& names,
                                             project_callbacks callbacks, std::size_t most_idle = 16);

/// Where a project's service is, and how it is reached.
struct service_route {
    http::origin to;
    client::client_settings client;
};

/// The route that the project's client takes. Throws as connect_project() does.
service_route route_to_service(const config::project_settings& project, const config::lookup& places,
                               const std::shared_ptr<client::resolver>& names, std::size_t most_idle = 16);

/// The same without project_api, for commands that also change tasks.
std::shared_ptr<authenticated_client>
make_authenticated_client(const boost::asio::any_io_executor& executor,
                          const config::project_settings& project, milliseconds timeout,
                          const config::lookup& places, const std::shared_ptr<client::resolver>& names,
                          project_callbacks callbacks, std::size_t most_idle = 16);

} // namespace replmond::cloud
