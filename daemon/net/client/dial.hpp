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

/// The head start of an attempt on the next one (RFC 8305, section 5).
inline constexpr std::chrono::milliseconds attempt_delay{250};

/// A TCP connection to `to`: its addresses are tried in dial_order(), the next one when the one before has
/// failed or after `head_start`; the first that is connected wins, the others are closed. Has no deadline of
/// its own. `called`: what `to` is called in messages. `resolved` is called when the addresses are known.
/// Failures are `network`. Throws operation_aborted when the caller is cancelled, which is possible at any
/// moment. The references must stay valid until then.
boost::asio::awaitable<result<boost::asio::ip::tcp::socket>>
dial(resolver& names, const http::origin& to, std::string called, std::function<void()> resolved,
     std::chrono::steady_clock::duration head_start = attempt_delay);

} // namespace replmond::client
