#pragma once

#include "daemon/config/web_settings.hpp"

#include <boost/asio/ssl/context.hpp>

#include <memory>

namespace replmond::access {

/// A server's. Throws std::exception where OpenSSL cannot use what `settings` says.
std::shared_ptr<boost::asio::ssl::context> make_server_tls(const config::web_tls_settings& settings);

} // namespace replmond::access
