#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <initializer_list>
#include <optional>

/// Signals as something to read. Blocked from the very start they can neither end the process nor interrupt a
/// thread; what comes before anybody reads waits, once for each number.
namespace replmond::service {

/// Blocks them in this thread and in every one that it starts from now on.
void block_signals(std::initializer_list<int> numbers);

/// Gives them their default action back: one that waits, and has not been read, acts at once.
void unblock_signals(std::initializer_list<int> numbers);

/// Reads signals that are blocked.
class signal_queue {
public:
    /// Throws boost::system::system_error where the system has no descriptor left.
    signal_queue(boost::asio::any_io_executor executor, std::initializer_list<int> numbers);

    /// The number of the next one; nothing when cancelled.
    boost::asio::awaitable<std::optional<int>> next();

private:
    boost::asio::posix::stream_descriptor descriptor_;
};

/// Descriptors 0, 1 and 2 are there, whoever started us: those that were closed lead to /dev/null. Otherwise
/// the first file that is opened would become stdout, and the log be written into it. To be called before
/// anything is opened. Says so on stderr where stdout was closed.
void keep_standard_streams();

} // namespace replmond::service
