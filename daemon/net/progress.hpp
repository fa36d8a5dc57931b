#pragma once

#include <string>

namespace replmond::net {

/// How far an exchange came: for the message when the deadline ends it.
struct progress {
    std::string doing = "waiting for a connection"; ///< "connecting to gaussdb.example"
    std::string advice;                             ///< what to do where this takes too long; may be empty
    bool sent = false;                              ///< some of the request may have gone out
};

} // namespace replmond::net
