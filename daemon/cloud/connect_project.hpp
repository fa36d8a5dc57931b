#pragma once

#include "daemon/cloud/project_api.hpp"
#include "daemon/core/config/secret.hpp"
#include "daemon/core/config/settings.hpp"
#include "daemon/net/client/resolver.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <memory>

namespace replmond::cloud {

struct project_callbacks {
    request_observer request;
    credential_callbacks credential;
    std::shared_ptr<permit_source> permits; ///< of requests for credentials and the project's id
};

/// The cloud as `project` of the configuration sees it: endpoints, clients, and the kind of credential that
/// auth.type names. Sends nothing yet. Throws std::exception with a text for the user where ca_file, an
/// endpoint or the proxy of the environment cannot be used. `names` is shared by all clients of the process.
/// `timeout`: of one request for a token. `most_idle`: connections kept to one endpoint.
/// $REPLMOND_METADATA_ENDPOINT overrides the metadata service's address.
std::unique_ptr<project_api> connect_project(const boost::asio::any_io_executor& executor,
                                             const config::project_settings& project, milliseconds timeout,
                                             const config::lookup& places,
                                             const std::shared_ptr<client::resolver>& names,
                                             project_callbacks callbacks, std::size_t most_idle = 16);

/// The line alone, as above: for a command that does more with it than watch.
std::shared_ptr<authenticated_client>
make_authenticated_client(const boost::asio::any_io_executor& executor,
                          const config::project_settings& project, milliseconds timeout,
                          const config::lookup& places, const std::shared_ptr<client::resolver>& names,
                          project_callbacks callbacks, std::size_t most_idle = 16);

} // namespace replmond::cloud
