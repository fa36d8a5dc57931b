#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace replmond::net {

/// Gives the loop its turn: for a coroutine that goes round, and might find nothing to wait for. Throws
/// operation_aborted when the caller is cancelled.
inline boost::asio::awaitable<void> give_way() {
    auto executor = co_await boost::asio::this_coro::executor;
    co_await boost::asio::post(executor, boost::asio::use_awaitable);
}

} // namespace replmond::net
