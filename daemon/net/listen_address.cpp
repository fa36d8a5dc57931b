#include "daemon/net/listen_address.hpp"

#include <charconv>
#include <cstddef>
#include <stdexcept>

namespace replmond::net {

// Brackets are for IPv6 addresses, and these cannot do without: "::1:80" has two readings.
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

} // namespace replmond::net
