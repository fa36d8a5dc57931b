#include "daemon/config/url.hpp"

#include "daemon/model/text.hpp"
#include "daemon/net/url.hpp"

namespace replmond::config {

std::optional<origin> parse_origin(std::string_view text) {
    const auto parsed = net::parse_server_url(text);
    if (!parsed || parsed->has_user || (parsed->scheme != "https" && parsed->scheme != "http"))
        return std::nullopt;

    origin out;
    out.is_https = parsed->scheme == "https";
    out.is_loopback = parsed->is_loopback();
    out.text = to_lower_ascii(text);
    if (out.text.ends_with('/'))
        out.text.pop_back();
    return out;
}

bool is_proxy_url(std::string_view text) {
    const auto parsed = net::parse_server_url(text);
    return parsed && parsed->scheme == "http";
}

} // namespace replmond::config
