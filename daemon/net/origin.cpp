#include "daemon/net/origin.hpp"

#include "daemon/net/url.hpp"

#include <utility>

namespace replmond::net {

namespace {

std::string bracketed(const std::string& host) {
    return host.find(':') == std::string::npos ? host : '[' + host + ']';
}

} // namespace

std::string origin::authority() const {
    return port == (tls ? 443 : 80) ? bracketed(host) : host_and_port();
}

std::string origin::host_and_port() const {
    return bracketed(host) + ':' + std::to_string(port);
}

std::optional<origin> parse_origin(std::string_view url) {
    auto parsed = parse_server_url(url);
    if (!parsed || parsed->has_user || (parsed->scheme != "https" && parsed->scheme != "http"))
        return std::nullopt;

    origin read;
    read.tls = parsed->scheme == "https";
    read.host = std::move(parsed->host);
    read.port = read.tls ? 443 : 80;
    if (parsed->port != 0)
        read.port = parsed->port;
    return read;
}

} // namespace replmond::net
