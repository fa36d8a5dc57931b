#include "daemon/net/tls_context.hpp"

#include <boost/asio/ssl/verify_mode.hpp>
#include <fmt/format.h>

#include <stdexcept>

namespace replmond::net {

namespace ssl = boost::asio::ssl;

ssl::context make_tls_context(const std::optional<std::string>& ca_file) {
    ssl::context context(ssl::context::tls_client);
    context.set_verify_mode(ssl::verify_peer);
    context.set_default_verify_paths();
    if (ca_file) {
        boost::system::error_code error;
        context.load_verify_file(*ca_file, error);
        if (error)
            throw std::runtime_error(fmt::format("ca_file {}: {}", *ca_file, error.message()));
    }
    SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
    return context;
}

} // namespace replmond::net
