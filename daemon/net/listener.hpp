#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <cstddef>
#include <string_view>

namespace replmond::net {

/// A listening socket. Throws boost::system::system_error where the address is in use or not ours,
/// std::invalid_argument where it is none. `address`: `:port` (all interfaces, IPv6 and IPv4), `host:port`,
/// `[v6]:port`; port 0: any free one. `backlog`: connections that may wait to be accepted: more than a server
/// takes would only wait to be closed.
boost::asio::ip::tcp::acceptor listen_on(const boost::asio::any_io_executor& executor,
                                         std::string_view address, std::size_t backlog);

} // namespace replmond::net
