#pragma once

#include <boost/asio/ssl/context.hpp>

#include <optional>
#include <string>

namespace replmond::net {

/// A client's: verifies, trusts the system's authorities and those in `ca_file`, TLS 1.2 at least. Throws
/// boost::system::system_error when `ca_file` cannot be read.
boost::asio::ssl::context make_tls_context(const std::optional<std::string>& ca_file);

/// Makes the handshake on `handle` ask for `host` and accept its certificate alone. False where no
/// certificate can be for that name.
bool expect_certificate_of(const std::string& host, SSL* handle);

/// Why the handshake failed, where OpenSSL knows better than `error`.
std::string explain_handshake(SSL* handle, const boost::system::error_code& error);

} // namespace replmond::net
