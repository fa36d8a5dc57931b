#include "daemon/net/peer_group.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>

namespace replmond::net {

std::string peer_group(const std::string& address) {
    in6_addr bytes{};
    // A zone, as in fe80::1%eth0, is no part of the address.
    if (inet_pton(AF_INET6, address.substr(0, address.find('%')).c_str(), &bytes) != 1)
        return address;
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (IN6_IS_ADDR_V4MAPPED(&bytes)) {
        inet_ntop(AF_INET, &bytes.s6_addr[12], text.data(), text.size());
        return text.data();
    }
    std::fill(bytes.s6_addr + 8, bytes.s6_addr + 16, std::uint8_t{0});
    inet_ntop(AF_INET6, &bytes, text.data(), text.size());
    return std::string(text.data()) + "/64";
}

} // namespace replmond::net
