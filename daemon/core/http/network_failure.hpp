#pragma once

#include "daemon/core/model/failure.hpp"

#include <boost/system/error_code.hpp>

#include <string>
#include <string_view>

/// Failures with the result `network`. Their messages say what happened and, in a few words, what the user
/// can do.
namespace replmond::http {

/// A failure with this message.
failure network_failure(std::string message);

/// `to`: an authority (`host:port`), or "the proxy " and an authority. `details`: appended to the reason.
failure cannot_connect(std::string_view to, const boost::system::error_code& why,
                       std::string_view details = "");

/// `doing`: what failed, such as "cannot send the request".
failure broken_connection(std::string_view doing, const boost::system::error_code& why);

/// The connection ended before the answer was complete.
failure closed_early();

} // namespace replmond::http
