#include "daemon/net/origin.hpp"

#include "daemon/net/url.hpp"

#include <utility>

namespace replmond::net {

std::string origin::authority() const {
    std::string text = host.find(':') == std::string::npos ? host : '[' + host + ']';
    if (port != (tls ? 443 : 80))
        text += ':' + std::to_string(port);
    return text;
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
