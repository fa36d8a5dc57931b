#include "daemon/net/no_proxy.hpp"

#include "daemon/model/text.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace replmond::net {
namespace {

// IPv4 as ::ffff:a.b.c.d, so that both ways to write an address are the same.
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

// Takes `:port` off `entry`; false where it is another port than `port`.
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

} // namespace replmond::net
