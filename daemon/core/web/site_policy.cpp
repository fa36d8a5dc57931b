// Refuses requests because of their Host (DNS rebinding) or the site that they come from (cross-site request
// forgery).

#include "daemon/core/web/site_policy.hpp"

#include "daemon/core/model/text.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <cstdint>
#include <utility>

namespace replmond::web {

namespace {

struct host_and_port {
    std::string host; ///< lower case, without brackets and without a dot at the end; empty: no host
    bool is_address = false;
    std::optional<std::uint16_t> port;
};

bool is_address(int family, const std::string& text) {
    std::array<unsigned char, 16> bytes{};
    return inet_pton(family, text.c_str(), bytes.data()) == 1;
}

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= 253 && text.front() != '.' && text.find("..") == text.npos &&
           text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-._") == text.npos;
}

bool is_visible_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

std::string without_last_dot(std::string text) {
    if (text.ends_with('.'))
        text.pop_back();
    return text;
}

// Parses `rest`, a colon and a port. It may be empty, or a colon alone, which means no port (RFC 3986 3.2.3).
// False for any other text.
bool read_port(std::string_view rest, std::optional<std::uint16_t>& port) {
    if (rest.empty() || rest == ":")
        return true;
    std::uint16_t number = 0;
    const auto read = std::from_chars(rest.data() + 1, rest.data() + rest.size(), number);
    port = number;
    return rest.front() == ':' && read.ec == std::errc() && read.ptr == rest.data() + rest.size();
}

std::optional<host_and_port> parse_host(std::string_view text) {
    host_and_port out;
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        if (end == text.npos)
            return std::nullopt;
        out.host = to_lower_ascii(text.substr(1, end - 1));
        out.is_address = is_address(AF_INET6, out.host);
        text.remove_prefix(end + 1);
        if (!out.is_address || !read_port(text, out.port))
            return std::nullopt;
        return out;
    }
    const std::size_t colon = std::min(text.find(':'), text.size());
    out.host = without_last_dot(to_lower_ascii(text.substr(0, colon)));
    if (!is_name(out.host) || !read_port(text.substr(colon), out.port))
        return std::nullopt;
    out.is_address = is_address(AF_INET, out.host);
    return out;
}

bool is_one_of(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

bool has_header(const http::http_request& request, std::string_view name) {
    return std::any_of(request.headers.begin(), request.headers.end(),
                       [&](const auto& header) { return to_lower_ascii(header.first) == name; });
}

bool has_unknown_host(const http::http_request& request, const site_policy& policy) {
    return has_header(request, "host") && !is_known_host(http::find_header(request.headers, "Host"), policy);
}

// True if `page`, the value of Origin, is this server. Whether the client uses TLS is not known, since a
// proxy may terminate it. So if Host has no port, the default port of the page's scheme is assumed. If the
// schemes differ, the browser sends `Sec-Fetch-Site: same-site` or `cross-site`, which is refused.
bool is_same_origin(const http::origin& page, const http::http_request& request, const site_policy& policy) {
    if (policy.external_url == page)
        return true;
    const auto here = parse_host(http::find_header(request.headers, "Host"));
    const std::uint16_t usual = page.tls ? 443 : 80;
    return here && here->host == without_last_dot(page.host) && here->port.value_or(usual) == page.port;
}

// Programs such as curl send neither header. Browsers send Origin with every POST, and Sec-Fetch-Site if they
// support it. `none` means that the user started the request.
bool is_from_another_site(const http::http_request& request, const site_policy& policy) {
    if (has_header(request, "origin")) {
        const auto page = http::parse_origin(http::joined_header(request.headers, "Origin"));
        if (!page || !is_same_origin(*page, request, policy))
            return true;
    }
    if (!has_header(request, "sec-fetch-site"))
        return false;
    const std::string site = http::joined_header(request.headers, "Sec-Fetch-Site");
    return site != "same-origin" && site != "none";
}

} // namespace

bool is_known_host(std::string_view host, const site_policy& policy) {
    const auto read = parse_host(host);
    if (!read)
        return false;
    return read->is_address || read->host == "localhost" || is_one_of(policy.own_names, read->host) ||
           is_one_of(policy.allowed_hosts, read->host) ||
           (policy.external_url && without_last_dot(policy.external_url->host) == read->host);
}

std::optional<std::string_view> objection_to_page(const http::http_request& request,
                                                  const site_policy& policy) {
    if (policy.allowed_hosts.empty() || !has_unknown_host(request, policy))
        return std::nullopt;
    return "the name in Host is not one of this server: see --web.allowed-hosts";
}

std::optional<std::string_view> objection_to_reload(const http::http_request& request,
                                                    const site_policy& policy) {
    if (has_unknown_host(request, policy))
        return "the name in Host is not one of this server: ask by address, or see --web.external-url and "
               "--web.allowed-hosts";
    if (is_from_another_site(request, policy))
        return "the request comes from another site: see --web.external-url";
    return std::nullopt;
}

std::optional<std::string> parse_allowed_host(std::string_view text) {
    std::string name = without_last_dot(to_lower_ascii(text));
    if (!is_name(name))
        return std::nullopt;
    return name;
}

std::optional<http::origin> parse_external_url(std::string_view text) {
    const std::size_t begin = text.find("://");
    if (begin == text.npos || text.find_first_of("?#\"<>\\") != text.npos || !is_visible_ascii(text))
        return std::nullopt;
    return http::parse_origin(text.substr(0, text.find('/', begin + 3)));
}

std::vector<std::string> names_of_host(std::string_view name) {
    std::vector<std::string> names;
    const auto whole = parse_allowed_host(name);
    if (!whole)
        return names;
    names.push_back(*whole);
    if (const std::size_t dot = whole->find('.'); dot != std::string::npos && !is_address(AF_INET, *whole))
        names.push_back(whole->substr(0, dot));
    return names;
}

} // namespace replmond::web
