#include "daemon/config/url.hpp"

#include "daemon/model/text.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace replmond::config {
namespace {

namespace urls = boost::urls;

// RFC 3986 allows almost anything in a registered name; a host on the network has these alone.
bool is_host_name(std::string_view host) {
    const auto is_allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
    };
    return !host.empty() && host.size() <= 253 && host.front() != '.' && host.find("..") == host.npos &&
           std::all_of(host.begin(), host.end(), is_allowed);
}

// Not url_view::port_number(): that of Boost 1.81 takes 99999 for a port.
bool is_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), port);
    return read.ec == std::errc() && read.ptr == text.data() + text.size() && port != 0;
}

bool has_usable_authority(const urls::url_view& url) {
    if (!url.has_authority() || url.has_query() || url.has_fragment())
        return false;
    if (!url.encoded_path().empty() && url.encoded_path() != "/")
        return false;
    if (url.has_port() && !is_port(std::string(url.port())))
        return false;

    switch (url.host_type()) {
    case urls::host_type::ipv4:
    case urls::host_type::ipv6:
        return true;
    case urls::host_type::name:
        return is_host_name(to_lower_ascii(std::string(url.encoded_host())));
    default:
        return false;
    }
}

bool is_loopback(const urls::url_view& url) {
    switch (url.host_type()) {
    case urls::host_type::ipv4:
        return url.host_ipv4_address().is_loopback();
    case urls::host_type::ipv6:
        return url.host_ipv6_address().is_loopback();
    default:
        return to_lower_ascii(std::string(url.encoded_host())) == "localhost";
    }
}

} // namespace

std::optional<origin> parse_origin(std::string_view text) {
    const auto parsed = urls::parse_uri(boost::core::string_view(text.data(), text.size()));
    if (!parsed || !has_usable_authority(*parsed) || parsed->has_userinfo())
        return std::nullopt;
    if (parsed->scheme_id() != urls::scheme::https && parsed->scheme_id() != urls::scheme::http)
        return std::nullopt;

    origin out;
    out.is_https = parsed->scheme_id() == urls::scheme::https;
    out.is_loopback = is_loopback(*parsed);
    out.text = to_lower_ascii(text);
    if (out.text.ends_with('/'))
        out.text.pop_back();
    return out;
}

bool is_proxy_url(std::string_view text) {
    const auto parsed = urls::parse_uri(boost::core::string_view(text.data(), text.size()));
    return parsed && parsed->scheme_id() == urls::scheme::http && has_usable_authority(*parsed);
}

} // namespace replmond::config
