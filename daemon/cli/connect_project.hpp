#pragma once

#include "daemon/cloud/project_api.hpp"
#include "daemon/config/secret.hpp"
#include "daemon/config/settings.hpp"
#include "daemon/net/resolver.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <memory>

namespace replmond::cli {

struct project_hooks {
    cloud::request_observer request;
    cloud::credential_hooks credential;
    std::shared_ptr<cloud::request_gate> gate; ///< of requests for credentials and the project's id
};

/// The cloud as `project` of the configuration sees it: endpoints, clients, and the kind of credential that
/// auth.type names. Sends nothing yet. Throws std::exception with a text for the user where ca_file, an
/// endpoint or the proxy of the environment cannot be used. `names` is shared by all clients of the process.
/// `timeout`: of one request for a token. `most_idle`: connections kept to one endpoint.
/// $REPLMOND_METADATA_ENDPOINT overrides the metadata service's address.
std::unique_ptr<cloud::project_api> connect_project(const boost::asio::any_io_executor& executor,
                                                    const config::project_settings& project,
                                                    milliseconds timeout, const config::lookup& places,
                                                    const std::shared_ptr<net::resolver>& names,
                                                    project_hooks hooks, std::size_t most_idle = 16);

/// The line alone, as above: for a command that does more with it than watch.
std::shared_ptr<cloud::project_line> open_project_line(const boost::asio::any_io_executor& executor,
                                                       const config::project_settings& project,
                                                       milliseconds timeout, const config::lookup& places,
                                                       const std::shared_ptr<net::resolver>& names,
                                                       project_hooks hooks, std::size_t most_idle = 16);

} // namespace replmond::cli
