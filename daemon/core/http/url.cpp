// Parses and writes the URLs of servers (RFC 3986).

#include "daemon/core/http/url.hpp"

#include "daemon/core/model/text.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <cstddef>
#include <utility>

// Boost.URL is not used, because that of Boost 1.81 accepts 99999 as a port and refuses hosts such as
// 10.0.0.1.example.com.

namespace replmond::http {

namespace {

bool is_letter_or_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), port);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size() || port == 0)
        return std::nullopt;
    return port;
}

// RFC 3986 3.2.2 allows almost any character in a registered name; names in the DNS have only these, and at
// most 253 characters (RFC 1035 2.3.4). `_` is accepted because private names use it.
bool is_host_name(std::string_view host) {
    const auto is_allowed = [](char c) { return is_letter_or_digit(c) || c == '-' || c == '.' || c == '_'; };
    return !host.empty() && host.size() <= 253 && host.front() != '.' && host.find("..") == host.npos &&
           std::all_of(host.begin(), host.end(), is_allowed);
}

// `user:password` (RFC 3986 3.2.1).
bool is_user_info(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool is_escape = text[i] == '%' && i + 2 < text.size() &&
                               text.substr(i + 1, 2).find_first_not_of("0123456789abcdefABCDEF") == text.npos;
        if (!is_escape && !is_letter_or_digit(text[i]) &&
            std::string_view("-._~!$&'()*+,;=:").find(text[i]) == std::string_view::npos)
            return false;
    }
    return true;
}

// Removes the host from `text`; the port with its colon, if there is one, remains.
bool take_host(std::string_view& text, server_url& out) {
    out.is_ipv6 = text.starts_with('[');
    const std::size_t end = std::min(text.find(out.is_ipv6 ? ']' : ':'), text.size());
    out.host = to_lower_ascii(text.substr(out.is_ipv6 ? 1 : 0, end - (out.is_ipv6 ? 1 : 0)));
    text.remove_prefix(end);
    if (!out.is_ipv6)
        return is_host_name(out.host);

    std::array<unsigned char, 16> address;
    if (text.empty() || inet_pton(AF_INET6, out.host.c_str(), address.data()) != 1)
        return false;
    text.remove_prefix(1);
    return true;
}

} // namespace

std::optional<server_url> parse_server_url(std::string_view text) {
    server_url out;
    const std::size_t colon = text.find("://");
    if (colon == std::string_view::npos)
        return std::nullopt;
    out.scheme = to_lower_ascii(text.substr(0, colon));
    text.remove_prefix(colon + 3);
    if (text.ends_with('/'))
        text.remove_suffix(1);

    if (const std::size_t at = text.find('@'); at != std::string_view::npos) {
        out.has_user = true;
        out.user_info = text.substr(0, at);
        if (!is_user_info(out.user_info))
            return std::nullopt;
        text.remove_prefix(at + 1);
    }
    if (!take_host(text, out))
        return std::nullopt;
    if (text.empty())
        return out;
    const auto port = text.front() == ':' ? parse_port(text.substr(1)) : std::nullopt;
    if (!port)
        return std::nullopt;
    out.port = *port;
    return out;
}

bool is_host(const std::string& text) {
    in6_addr v6{};
    return is_host_name(text) || inet_pton(AF_INET6, text.c_str(), &v6) == 1;
}

bool is_loopback_host(const std::string& host) {
    in6_addr v6{};
    if (inet_pton(AF_INET6, host.c_str(), &v6) == 1)
        return IN6_IS_ADDR_LOOPBACK(&v6);
    in_addr v4{};
    if (inet_pton(AF_INET, host.c_str(), &v4) == 1)
        return host.starts_with("127.");
    return host == "localhost";
}

namespace {

bool is_within(std::uint32_t address, std::uint32_t network, int bits) {
    return (address ^ network) >> (32 - bits) == 0;
}

} // namespace

bool is_private_host(const std::string& host) {
    if (is_loopback_host(host))
        return true;
    in6_addr v6{};
    if (inet_pton(AF_INET6, host.c_str(), &v6) == 1)
        return IN6_IS_ADDR_LINKLOCAL(&v6) || (v6.s6_addr[0] & 0xfe) == 0xfc;
    in_addr v4{};
    if (inet_pton(AF_INET, host.c_str(), &v4) != 1)
        return false;
    const std::uint32_t address = ntohl(v4.s_addr);
    return is_within(address, 0xa9fe0000, 16) || is_within(address, 0x0a000000, 8) ||
           is_within(address, 0xac100000, 12) || is_within(address, 0xc0a80000, 16) ||
           is_within(address, 0x64400000, 10);
}

bool server_url::is_loopback() const {
    return is_loopback_host(host);
}

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

} // namespace replmond::http
