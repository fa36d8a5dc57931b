#include "daemon/net/origin.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

namespace replmond::net {

namespace urls = boost::urls;

std::string origin::authority() const {
    std::string text = host.find(':') == std::string::npos ? host : '[' + host + ']';
    if (port != (tls ? 443 : 80))
        text += ':' + std::to_string(port);
    return text;
}

std::optional<origin> parse_origin(std::string_view url) {
    const std::string text(url); // the view below points into it
    const auto parsed = urls::parse_uri(text);
    if (!parsed)
        return std::nullopt;
    const urls::url_view& view = *parsed;
    const bool bare = !view.has_userinfo() && !view.has_query() && !view.has_fragment() &&
                      (view.encoded_path().empty() || view.encoded_path() == "/");
    // An escape in the host would decode to characters that end the Host header or are in no name.
    if (!bare || view.encoded_host().empty() || view.encoded_host().find('%') != std::string_view::npos)
        return std::nullopt;

    origin read;
    if (view.scheme() == "https")
        read.tls = true;
    else if (view.scheme() == "http")
        read.tls = false;
    else
        return std::nullopt;

    read.host = view.host_type() == urls::host_type::ipv6 ? view.host_address() : view.host();
    read.port = read.tls ? 443 : 80;
    if (view.has_port() && !view.port().empty()) {
        if (view.port_number() == 0)
            return std::nullopt;
        read.port = view.port_number();
    }
    return read;
}

} // namespace replmond::net
