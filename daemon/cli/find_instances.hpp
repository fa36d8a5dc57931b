#pragma once

#include "daemon/cli/cloud_session.hpp"

#include <boost/asio/awaitable.hpp>

#include <stdexcept>
#include <string>
#include <vector>

namespace replmond::cli {

/// The instances that a command may work on.
struct found_instances {
    std::vector<target_instance> instances; ///< by project and name, named as in the daemon
    std::vector<std::string> trouble;       ///< for the user: projects whose discovery failed
};

/// A name on the command line that nothing is called by. The text is for the user.
class no_such_name : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// The instances that are configured and those that the projects discover. `wanted`: a name or, if no name
/// matches, an id; empty: all. Discovery runs only if no configured instance matches. Throws
/// no_such_name if nothing matches, and operation_aborted when the session ends.
boost::asio::awaitable<found_instances> find_instances(cloud_session& session, std::string wanted);

/// The instance called `wanted`, which must not be empty. Throws no_such_name if there is none, or if it
/// is the id of several, and operation_aborted when the session ends.
boost::asio::awaitable<target_instance> find_instance(cloud_session& session, std::string wanted);

} // namespace replmond::cli
