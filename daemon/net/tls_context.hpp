#pragma once

#include <boost/asio/ssl/context.hpp>

#include <optional>
#include <string>

namespace replmond::net {

/// A client's: verifies, trusts the system's authorities and those in `ca_file`, TLS 1.2 at least. Throws
/// std::runtime_error that names `ca_file` when it cannot be read.
boost::asio::ssl::context make_tls_context(const std::optional<std::string>& ca_file);

} // namespace replmond::net
