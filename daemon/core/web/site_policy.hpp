#pragma once

#include "daemon/core/http/message.hpp"
#include "daemon/core/http/url.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// By which names the pages may be asked for, and from which sites. A browser that is made to believe that a
/// stranger's name points here sends that name as Host; a page of another site gives itself away by Origin or
/// Sec-Fetch-Site.
namespace replmond::web {

/// Names are in lower case, without a dot at the end.
struct site_policy {
    std::vector<std::string> allowed_hosts; ///< by --web.allowed-hosts; empty: pages and API ask for no name
    std::vector<std::string> own_names;     ///< of this host
    std::optional<http::origin> external_url; ///< by --web.external-url, without its path
};

/// `host`: the value of a Host header, with a port or without. True for an address, `localhost`, and a name
/// that `policy` knows, whether `allowed_hosts` is empty or not.
bool is_known_host(std::string_view host, const site_policy& policy);

/// Why a request for a page or the API is refused; nothing where it may pass. A request without Host
/// (HTTP/1.0) passes: no browser sends one.
std::optional<std::string_view> objection_to_page(const http::http_request& request,
                                                  const site_policy& policy);

/// Why a request to reload is refused, whatever `allowed_hosts` says; nothing where it may pass.
std::optional<std::string_view> objection_to_reload(const http::http_request& request,
                                                    const site_policy& policy);

/// A name as --web.allowed-hosts takes it, in lower case and without a dot at the end; nothing for anything
/// else, such as a URL, a port or a pattern.
std::optional<std::string> parse_allowed_host(std::string_view text);

/// The origin of a value of --web.external-url: `http[s]://host[:port][/path]`; nothing for anything else.
std::optional<http::origin> parse_external_url(std::string_view text);

/// The names of a host that calls itself `name`: that, and its first label.
std::vector<std::string> names_of_host(std::string_view name);

} // namespace replmond::web
