#include "daemon/config/url.hpp"

#include "daemon/model/text.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>

// By hand rather than by Boost.URL: that of 1.81 takes 99999 for a port and refuses hosts such as
// 10.0.0.1.example.com.
namespace replmond::config {
namespace {

bool is_letter_or_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), port);
    return read.ec == std::errc() && read.ptr == text.data() + text.size() && port != 0;
}

// RFC 3986 allows almost anything in a registered name; a host on the network has these alone.
bool is_host_name(std::string_view host) {
    const auto is_allowed = [](char c) { return is_letter_or_digit(c) || c == '-' || c == '.' || c == '_'; };
    return !host.empty() && host.size() <= 253 && host.front() != '.' && host.find("..") == host.npos &&
           std::all_of(host.begin(), host.end(), is_allowed);
}

// `user:password`, RFC 3986 section 3.2.1.
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

struct server {
    std::string scheme; ///< lower case
    std::string host;   ///< lower case; an IPv6 address without its brackets
    bool is_ipv6 = false;
    bool has_user = false;
};

// Takes the host off `text`, which then holds the port, if any, with its colon.
bool take_host(std::string_view& text, server& out) {
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

// scheme://[user@]host[:port][/]
std::optional<server> parse_server(std::string_view text) {
    server out;
    const std::size_t colon = text.find("://");
    if (colon == std::string_view::npos)
        return std::nullopt;
    out.scheme = to_lower_ascii(text.substr(0, colon));
    text.remove_prefix(colon + 3);
    if (text.ends_with('/'))
        text.remove_suffix(1);

    if (const std::size_t at = text.find('@'); at != std::string_view::npos) {
        out.has_user = true;
        if (!is_user_info(text.substr(0, at)))
            return std::nullopt;
        text.remove_prefix(at + 1);
    }
    if (!take_host(text, out))
        return std::nullopt;
    if (!text.empty() && (text.front() != ':' || !is_port(text.substr(1))))
        return std::nullopt;
    return out;
}

bool is_loopback(const server& at) {
    if (at.is_ipv6) {
        in6_addr address{};
        return inet_pton(AF_INET6, at.host.c_str(), &address) == 1 && IN6_IS_ADDR_LOOPBACK(&address);
    }
    in_addr address{};
    if (inet_pton(AF_INET, at.host.c_str(), &address) == 1)
        return at.host.starts_with("127.");
    return at.host == "localhost";
}

} // namespace

std::optional<origin> parse_origin(std::string_view text) {
    const auto parsed = parse_server(text);
    if (!parsed || parsed->has_user || (parsed->scheme != "https" && parsed->scheme != "http"))
        return std::nullopt;

    origin out;
    out.is_https = parsed->scheme == "https";
    out.is_loopback = is_loopback(*parsed);
    out.text = to_lower_ascii(text);
    if (out.text.ends_with('/'))
        out.text.pop_back();
    return out;
}

bool is_proxy_url(std::string_view text) {
    const auto parsed = parse_server(text);
    return parsed && parsed->scheme == "http";
}

} // namespace replmond::config
