#pragma once

#include "daemon/model/failure.hpp"
#include "daemon/net/origin.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <vector>

namespace replmond::net {

using endpoint_list = std::vector<boost::asio::ip::tcp::endpoint>;

/// The addresses of an origin; an address literal needs no lookup. Can be cancelled at any moment although
/// getaddrinfo cannot: a lookup that hangs goes on by itself, and its answer is dropped.
boost::asio::awaitable<result<endpoint_list>> resolve(const origin& of);

} // namespace replmond::net
