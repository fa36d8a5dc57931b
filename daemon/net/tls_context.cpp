#include "daemon/net/tls_context.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/verify_mode.hpp>

namespace replmond::net {

namespace asio = boost::asio;
namespace ssl = asio::ssl;

ssl::context make_tls_context(const std::optional<std::string>& ca_file) {
    ssl::context context(ssl::context::tls_client);
    context.set_verify_mode(ssl::verify_peer);
    context.set_default_verify_paths();
    if (ca_file)
        context.load_verify_file(*ca_file);
    SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
    return context;
}

// OpenSSL checks the name itself, so that a wrong one is called that, and not just "unspecified".
bool expect_certificate_of(const std::string& host, SSL* handle) {
    boost::system::error_code not_an_address;
    asio::ip::make_address(host, not_an_address);
    if (!not_an_address)
        return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(handle), host.c_str()) == 1;
    // SNI carries names only (RFC 6066, section 3).
    return SSL_set_tlsext_host_name(handle, host.c_str()) == 1 && SSL_set1_host(handle, host.c_str()) == 1;
}

std::string explain_handshake(SSL* handle, const boost::system::error_code& error) {
    const long verdict = SSL_get_verify_result(handle);
    return verdict == X509_V_OK ? error.message() : X509_verify_cert_error_string(verdict);
}

} // namespace replmond::net
