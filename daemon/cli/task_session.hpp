#pragma once

#include "daemon/cli/cloud_session.hpp"
#include "daemon/cli/common_arguments.hpp"
#include "daemon/cli/console.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>

/// What the task commands have in common.
namespace replmond::cli {

using session_work = std::function<boost::asio::awaitable<int>(cloud_session&)>;

/// Loads the configuration, runs `work`, and turns what goes wrong into a line on stderr. `interrupted` says
/// what a signal leaves behind; it may be null. Returns the exit code: that of `work`, 1, or 128 and the
/// signal's number.
int run_session(const common_arguments& arguments, console& out, const session_work& work,
                const std::function<void()>& interrupted = nullptr);

/// One reading for a command that looks once: retries begin within a minute.
inline constexpr milliseconds patience_of_one_reading = std::chrono::minutes(1);

} // namespace replmond::cli
