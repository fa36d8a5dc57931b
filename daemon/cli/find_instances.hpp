#pragma once

#include "daemon/cli/cloud_session.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>
#include <vector>

namespace replmond::cli {

struct found_instances {
    std::vector<steered_instance> instances; ///< by project and name, as the daemon names them
    std::vector<std::string> trouble;        ///< for the user: projects whose discovery failed
};

/// The instances that the configuration names and its projects discover; with `wanted` (a name, else an id)
/// only that one: a project is asked for its instances only where no configured one is it. Throws
/// std::runtime_error where there is no such instance.
boost::asio::awaitable<found_instances> find_instances(cloud_session& session, std::string wanted);

/// The one that is called `wanted`, which must not be empty. Throws std::runtime_error where there is none,
/// or where it is the id of several.
boost::asio::awaitable<steered_instance> find_instance(cloud_session& session, std::string wanted);

} // namespace replmond::cli
