#pragma once

#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>
#include <openssl/ssl.h>

#include <optional>
#include <string>

namespace replmond::client {

/// A client's: verifies, trusts the system's authorities and those in `ca_file`, TLS 1.2 at least. Throws
/// std::runtime_error that names `ca_file` when it cannot be read.
boost::asio::ssl::context make_tls_context(const std::optional<std::string>& ca_file);

/// Makes one client's handshake ask for a host and accept its certificate alone, and keeps what is wrong with
/// one that is refused. Lives as long as the handshake, which writes to it: never const.
class certificate_check {
public:
    certificate_check(std::string host, SSL* handle);
    ~certificate_check();
    certificate_check(const certificate_check&) = delete;
    certificate_check& operator=(const certificate_check&) = delete;

    /// False where no certificate can be for that name: then there is nothing to shake hands for.
    bool possible() const { return possible_; }

    /// What is wrong with the certificate, and what to do; empty where nothing is.
    const std::string& complaint() const { return complaint_; }

private:
    static int on_verdict(int good, X509_STORE_CTX* at);
    std::string describe(X509_STORE_CTX* at) const;

    std::string host_;
    SSL* handle_;
    bool possible_ = false;
    std::string complaint_;
};

/// What an error of TLS other than a certificate's means and what to do: a clause behind its message, empty
/// where nothing helps.
std::string tls_advice(const boost::system::error_code& error);

} // namespace replmond::client
