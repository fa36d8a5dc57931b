#pragma once

#include "daemon/core/http/url.hpp"
#include "daemon/core/model/failure.hpp"
#include "daemon/net/client/resolver.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <functional>
#include <string>

namespace replmond::client {

/// How long an attempt may take before the next address is tried too: the Connection Attempt Delay of
/// RFC 8305, section 5.
inline constexpr std::chrono::milliseconds attempt_delay{250};

/// Opens a TCP connection to `to`. Its addresses are tried in dial_order(). The next attempt starts when the
/// previous one has failed, or `head_start` after its start. The first connection that is established wins;
/// the other sockets are closed. Has no deadline of its own. `called`: the name of `to` in messages.
/// `resolved` is called once the addresses are known. Failures are `network`. Throws operation_aborted when
/// the caller is cancelled, which is possible at any time. The references must stay valid until the coroutine
/// ends.
boost::asio::awaitable<result<boost::asio::ip::tcp::socket>>
dial(resolver& names, const http::origin& to, std::string called, std::function<void()> resolved,
     std::chrono::steady_clock::duration head_start = attempt_delay);

} // namespace replmond::client
