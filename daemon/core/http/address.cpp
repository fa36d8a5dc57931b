// Addresses as values: where to listen, in which order to connect, which addresses count as one peer.

#include "daemon/core/http/address.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <charconv>
#include <cstddef>
#include <iterator>
#include <stdexcept>

namespace replmond::http {

namespace {

bool is_v6(const std::string& address) {
    return address.find(':') != std::string::npos;
}

} // namespace

address_list dial_order(const address_list& given) {
    address_list first_family;
    address_list other_family;
    for (const std::string& address : given) {
        address_list& family = is_v6(address) == is_v6(given.front()) ? first_family : other_family;
        if (std::find(family.begin(), family.end(), address) == family.end())
            family.push_back(address);
    }

    address_list order;
    for (std::size_t i = 0; i < std::max(first_family.size(), other_family.size()); ++i) {
        if (i < first_family.size())
            order.push_back(first_family[i]);
        if (i < other_family.size())
            order.push_back(other_family[i]);
    }
    return order;
}

// An IPv6 address must be in brackets and nothing else may be, because "::1:80" is ambiguous.
listen_address parse_listen_address(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    const bool has_port = colon != std::string_view::npos && !text.ends_with(']');
    std::string_view host = has_port ? text.substr(0, colon) : "";
    const bool bracketed = host.starts_with('[') && host.ends_with(']');
    if (bracketed)
        host = host.substr(1, host.size() - 2);
    const bool is_v6 = host.find(':') != std::string_view::npos;
    if (!has_port || bracketed != is_v6)
        throw std::invalid_argument("expected [HOST]:PORT, got \"" + std::string(text) + '"');

    const std::string_view digits = text.substr(colon + 1);
    listen_address read;
    read.host = host;
    const auto [end, bad] = std::from_chars(digits.data(), digits.data() + digits.size(), read.port);
    if (bad != std::errc{} || end != digits.data() + digits.size())
        throw std::invalid_argument("expected a port from 0 to 65535, got \"" + std::string(digits) + '"');
    return read;
}

std::string peer_group(const std::string& address) {
    in6_addr bytes{};
    // A zone, as in fe80::1%eth0 (RFC 4007 11), is not part of the address.
    if (inet_pton(AF_INET6, address.substr(0, address.find('%')).c_str(), &bytes) != 1)
        return address;
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (IN6_IS_ADDR_V4MAPPED(&bytes)) {
        inet_ntop(AF_INET, &bytes.s6_addr[12], text.data(), text.size());
        return text.data();
    }
    std::fill(bytes.s6_addr + 8, std::end(bytes.s6_addr), std::uint8_t{0});
    inet_ntop(AF_INET6, &bytes, text.data(), text.size());
    return std::string(text.data()) + "/64";
}

} // namespace replmond::http
