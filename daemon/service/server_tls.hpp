#pragma once

#include "daemon/core/config/settings.hpp"

#include <boost/asio/ssl/context.hpp>

#include <memory>

namespace replmond::service {

/// A server's. Throws std::exception where OpenSSL cannot use what `settings` says.
std::shared_ptr<boost::asio::ssl::context> make_server_tls(const config::web_tls_settings& settings);

} // namespace replmond::service
