#pragma once

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace replmond::testing {

/// A proxy that makes a tunnel for every CONNECT, always to the same port of this host whatever is asked for:
/// so names need not exist. On the given loop; closes everything when it is destroyed.
class tunnel_proxy {
public:
    tunnel_proxy(boost::asio::io_context& loop, std::uint16_t leads_to, std::string answer = tunnel_made);
    ~tunnel_proxy();
    tunnel_proxy(const tunnel_proxy&) = delete;
    tunnel_proxy& operator=(const tunnel_proxy&) = delete;

    std::uint16_t port() const;

    /// The header of each request, as it came.
    const std::vector<std::string>& asked() const;

    static constexpr const char* tunnel_made = "HTTP/1.1 200 Connection established\r\n\r\n";

private:
    struct state;
    std::shared_ptr<state> state_;
};

} // namespace replmond::testing
