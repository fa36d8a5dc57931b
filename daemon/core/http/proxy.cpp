// Chooses the proxy of a connection: the configured one, or the environment's, with NO_PROXY as curl
// interprets it.

#include "daemon/core/http/proxy.hpp"

#include "daemon/core/http/url.hpp"
#include "daemon/core/model/text.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace replmond::http {

namespace {

// An address as 16 bytes. IPv4 is stored as ::ffff:a.b.c.d (RFC 4291 2.5.5.2), so that both notations compare
// equal.
struct address {
    std::array<unsigned char, 16> bytes{};
    bool is_v4 = false;
};

std::optional<address> parse_address(std::string_view text) {
    const std::string literal(text);
    address out;
    if (inet_pton(AF_INET, literal.c_str(), &out.bytes[12]) == 1) {
        out.bytes[10] = out.bytes[11] = 0xff;
        out.is_v4 = true;
        return out;
    }
    in6_addr v6{};
    if (inet_pton(AF_INET6, literal.c_str(), &v6) != 1)
        return std::nullopt;
    std::copy(std::begin(v6.s6_addr), std::end(v6.s6_addr), out.bytes.begin());
    out.is_v4 = IN6_IS_ADDR_V4MAPPED(&v6);
    return out;
}

std::optional<unsigned> parse_number(std::string_view text, unsigned most) {
    unsigned value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (read.ec != std::errc() || read.ptr != text.data() + text.size() || value > most)
        return std::nullopt;
    return value;
}

bool same_bits(const address& a, const address& b, unsigned bits) {
    const std::size_t whole = bits / 8;
    if (!std::equal(a.bytes.begin(), a.bytes.begin() + static_cast<std::ptrdiff_t>(whole), b.bytes.begin()))
        return false;
    if (bits % 8 == 0)
        return true;
    const unsigned mask = 0xffU << (8 - bits % 8) & 0xffU;
    return ((a.bytes[whole] ^ b.bytes[whole]) & mask) == 0;
}

bool is_in_network(std::string_view base_text, std::string_view bits_text, std::string_view host) {
    const auto base = parse_address(base_text);
    const auto at = parse_address(host);
    if (!base || !at || base->is_v4 != at->is_v4)
        return false;
    // The prefix length of an IPv4 network counts from the 97th bit of the mapped address.
    const bool dotted = base_text.find(':') == std::string_view::npos;
    const auto bits = parse_number(bits_text, dotted ? 32 : 128);
    return bits && same_bits(*base, *at, dotted ? *bits + 96 : *bits);
}

bool is_name_or_below(std::string_view name, std::string_view host) {
    if (name.starts_with("*."))
        name.remove_prefix(1);
    if (name.starts_with('.'))
        name.remove_prefix(1);
    if (name.ends_with('.'))
        name.remove_suffix(1);
    if (name.empty() || !host.ends_with(name))
        return false;
    return host.size() == name.size() || host[host.size() - name.size() - 1] == '.';
}

// Removes `:port` from `entry`. False if it is another port than `port`; true if there is none.
bool take_port(std::string_view& entry, std::uint16_t port) {
    const std::size_t colon = entry.rfind(':');
    const bool is_bare_ipv6 = !entry.starts_with('[') && parse_address(entry).has_value();
    const bool is_inside_brackets = entry.ends_with(']');
    if (colon == std::string_view::npos || is_bare_ipv6 || is_inside_brackets)
        return true;
    const auto wanted = parse_number(entry.substr(colon + 1), 65535);
    entry = entry.substr(0, colon);
    return wanted == port;
}

bool matches(std::string_view entry, std::string_view host, std::uint16_t port) {
    if (entry == "*")
        return true;
    if (const std::size_t slash = entry.find('/'); slash != std::string_view::npos)
        return is_in_network(entry.substr(0, slash), entry.substr(slash + 1), host);
    if (!take_port(entry, port))
        return false;
    if (entry.starts_with('[') && entry.ends_with(']'))
        entry = entry.substr(1, entry.size() - 2);

    const auto at = parse_address(host);
    if (!at)
        return is_name_or_below(entry, host);
    const auto named = parse_address(entry);
    return named && named->bytes == at->bytes;
}

} // namespace

bool is_exempt(std::string_view list, const origin& to) {
    std::string host = to_lower_ascii(to.host);
    if (host.ends_with('.'))
        host.pop_back();
    const std::string entries = to_lower_ascii(list);
    constexpr std::string_view separators = ", \t";
    for (std::size_t at = entries.find_first_not_of(separators); at != std::string::npos;) {
        const std::size_t end = std::min(entries.find_first_of(separators, at), entries.size());
        if (matches(std::string_view(entries).substr(at, end - at), host, to.port))
            return true;
        at = entries.find_first_not_of(separators, end);
    }
    return false;
}

namespace {

// Decodes percent-encoding (RFC 3986 2.1). parse_server_url has ensured that two hex digits follow each '%'.
std::string percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        unsigned char byte = 0;
        std::from_chars(text.data() + i + 1, text.data() + i + 3, byte, 16);
        out += static_cast<char>(byte);
        i += 2;
    }
    return out;
}

std::string base64(std::string_view text) {
    std::vector<unsigned char> out(EVP_ENCODE_LENGTH(text.size()));
    const int size = EVP_EncodeBlock(out.data(), reinterpret_cast<const unsigned char*>(text.data()),
                                     static_cast<int>(text.size()));
    return std::string(out.begin(), out.begin() + size);
}

// Basic authentication (RFC 7617 2). A user without a password gets an empty one, as in curl.
std::string basic_authorization(std::string_view user_info) {
    const std::size_t colon = std::min(user_info.find(':'), user_info.size());
    const std::string user = percent_decoded(user_info.substr(0, colon));
    const std::string password =
        colon == user_info.size() ? "" : percent_decoded(user_info.substr(colon + 1));
    return "Basic " + base64(user + ':' + password);
}

// The first variable that is set and not empty: its name and its value.
std::pair<std::string, std::string> read_variable(const environment_lookup& environment,
                                                  const std::array<const char*, 2>& names) {
    for (const char* name : names) {
        auto value = environment(name);
        if (value && !value->empty())
            return {name, std::move(*value)};
    }
    return {};
}

// The message contains no part of the value, which may have a password. The schemes below are the exception:
// they are fixed texts.
failure unusable(std::string_view where, std::string_view value) {
    failure f;
    f.result = poll_result::network;
    for (const char* scheme :
         {"https://", "socks://", "socks4://", "socks4a://", "socks5://", "socks5h://"}) {
        if (value.starts_with(scheme))
            f.error_msg =
                fmt::format("{}: only http:// proxies are supported, {} cannot be used", where, scheme);
    }
    if (f.error_msg.empty())
        f.error_msg =
            fmt::format("{}: expected http://[user:password@]host[:port], special characters of user "
                        "and password written as %XX (the value is not shown, it may hold a password)",
                        where);
    return f;
}

result<std::optional<proxy>> read(std::string_view where, std::string_view url) {
    std::optional<proxy> found = parse_proxy_url(url);
    if (!found)
        return unusable(where, url);
    found->setting = where;
    return found;
}

} // namespace

std::optional<proxy> parse_proxy_url(std::string_view url) {
    auto parsed = parse_server_url(url);
    if (!parsed || parsed->scheme != "http")
        return std::nullopt;
    proxy found;
    found.at.tls = false;
    found.at.host = std::move(parsed->host);
    found.at.port = parsed->port == 0 ? 80 : parsed->port;
    if (!parsed->user_info.empty())
        found.authorization = basic_authorization(parsed->user_info);
    return found;
}

result<std::optional<proxy>> choose_proxy(const std::optional<std::string>& configured,
                                          const environment_lookup& environment, const origin& to) {
    if (configured)
        return read("proxy_url", *configured);
    if (!to.tls || is_loopback_host(to.host))
        return std::optional<proxy>();

    const auto [name, value] = read_variable(environment, {"HTTPS_PROXY", "https_proxy"});
    const auto exempt = read_variable(environment, {"NO_PROXY", "no_proxy"});
    if (value.empty() || is_exempt(exempt.second, to))
        return std::optional<proxy>();
    if (value.find("://") == std::string::npos)
        return read(name, "http://" + value);
    return read(name, value);
}

} // namespace replmond::http
