#pragma once

#include "daemon/core/config/settings.hpp"

#include <boost/asio/ssl/context.hpp>

#include <memory>

namespace replmond::service {

/// A TLS context for the server. Throws std::exception if OpenSSL cannot use the settings.
std::shared_ptr<boost::asio::ssl::context> make_server_tls(const config::web_tls_settings& settings);

} // namespace replmond::service
