#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>

#include <utility>

namespace replmond::net {

/// timer.async_wait(), but such that it does not keep run() from returning. A loop has work as long as a
/// timer is waited for, and whoever lets it run dry (a command, the daemon's end) would wait for it. So the
/// wait is taken off the loop's count of work while it lasts, and put back for its handler, which ends it the
/// usual way.
template<class Handler>
void wait_uncounted(boost::asio::steady_timer& timer, Handler handler) {
    using loop_executor = boost::asio::io_context::executor_type;
    const boost::asio::any_io_executor executor = timer.get_executor();
    timer.async_wait([executor, handler = std::move(handler)](const boost::system::error_code& error) {
        if (const auto* counted = executor.target<loop_executor>())
            counted->on_work_started();
        handler(error);
    });
    if (const auto* loop = executor.target<loop_executor>())
        loop->on_work_finished();
}

} // namespace replmond::net
