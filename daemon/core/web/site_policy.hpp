#pragma once

#include "daemon/core/http/message.hpp"
#include "daemon/core/http/url.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Decides by which names (Host) the pages may be requested and from which sites a reload may be. With DNS
/// rebinding, an attacker's name resolves to this server, and the browser sends that name as Host. With
/// cross-site request forgery, another site's page sends the request, and the browser says so in Origin (RFC
/// 6454 7) or Sec-Fetch-Site (W3C Fetch Metadata).
namespace replmond::web {

/// The names are in lower case, without a dot at the end.
struct site_policy {
    std::vector<std::string> allowed_hosts;   ///< --web.allowed-hosts; empty: pages and API accept every Host
    std::vector<std::string> own_names;       ///< the names of this host
    std::optional<http::origin> external_url; ///< --web.external-url without its path
};

/// `host`: the value of a Host header, with or without a port. True for an IP address, `localhost`, and every
/// name of `policy` (the contract, HTTP).
bool is_known_host(std::string_view host, const site_policy& policy);

/// Why a request for a page or the API is refused; nothing if it is allowed. A request without Host
/// (HTTP/1.0) is allowed, because no browser sends one.
std::optional<std::string_view> objection_to_page(const http::http_request& request,
                                                  const site_policy& policy);

/// Why a request for a reload is refused; nothing if it is allowed. Host is checked even if `allowed_hosts`
/// is empty.
std::optional<std::string_view> objection_to_reload(const http::http_request& request,
                                                    const site_policy& policy);

/// Parses a name of --web.allowed-hosts and returns it in lower case and without a dot at the end. Nothing
/// for any other text, such as a URL, a name with a port or a pattern.
std::optional<std::string> parse_allowed_host(std::string_view text);

/// The origin of a value of --web.external-url, `http[s]://host[:port][/path]`; nothing for any other text.
std::optional<http::origin> parse_external_url(std::string_view text);

/// The names of a host whose host name is `name`: the name itself and its first label. Empty if `name` is not
/// valid.
std::vector<std::string> names_of_host(std::string_view name);

} // namespace replmond::web
