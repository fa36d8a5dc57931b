#pragma once

#include "daemon/core/model/failure.hpp"

#include <boost/system/error_code.hpp>

#include <string>
#include <string_view>

/// Messages of the class `network`: what happened and, in a few words, what to do about it.
namespace replmond::http {

failure network_failure(std::string message);

/// `to`: an authority, or "the proxy " and one. `details` follow the reason.
failure cannot_connect(std::string_view to, const boost::system::error_code& why,
                       std::string_view details = "");

/// `doing`: "cannot send the request", say.
failure broken_connection(std::string_view doing, const boost::system::error_code& why);

failure closed_early();

} // namespace replmond::http
