#pragma once

#include "daemon/core/model/time.hpp"

#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>
#include <openssl/ssl.h>

#include <optional>
#include <string>

namespace replmond::client {

/// A TLS context for clients: verifies the server, trusts the system's authorities and those in `ca_file`,
/// and needs TLS 1.2 or newer. Throws std::runtime_error naming `ca_file` when that cannot be read.
boost::asio::ssl::context make_tls_context(const std::optional<std::string>& ca_file);

/// Configures one client handshake to ask for `host` and to accept a certificate for that host only, and
/// keeps what is wrong with a certificate that is refused. Must outlive the handshake, which writes to it
/// through `handle`; so objects are never const.
class certificate_check {
public:
    certificate_check(std::string host, SSL* handle);
    ~certificate_check();
    certificate_check(const certificate_check&) = delete;
    certificate_check& operator=(const certificate_check&) = delete;

    /// False if no certificate can be valid for that name; then a handshake must not be tried.
    bool possible() const { return possible_; }

    /// What is wrong with the certificate, and what to do; empty if nothing is wrong.
    const std::string& complaint() const { return complaint_; }

private:
    static int on_verdict(int good, X509_STORE_CTX* at);
    std::string describe(X509_STORE_CTX* at) const;

    std::string host_;
    SSL* handle_;
    bool possible_ = false;
    std::string complaint_;
};

/// Whose certificate a server has, after a handshake.
struct peer_certificate {
    std::string issuer; ///< its name in one line of visible ASCII
    std::optional<timestamp> expires_at;
};

/// Nothing without a certificate.
std::optional<peer_certificate> certificate_of(const SSL* handle);

/// What a TLS error means that is not about a certificate, and what to do. The text is a clause to append to
/// the error's message; empty if there is no advice.
std::string tls_advice(const boost::system::error_code& error);

} // namespace replmond::client
