#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <initializer_list>
#include <optional>
#include <string>

/// Signals as something to read. They are blocked from the start, so they can neither end the process nor
/// interrupt a thread. Signals that arrive before they are read stay pending, each number once (signal(7)).
namespace replmond::service {

/// Blocks the signals in this thread and in every thread that it starts later.
void block_signals(std::initializer_list<int> numbers);

/// Restores the default action and unblocks the signals. A pending one acts at once.
void unblock_signals(std::initializer_list<int> numbers);

/// Reads blocked signals.
class signal_queue {
public:
    /// Throws boost::system::system_error if no descriptor is left.
    signal_queue(boost::asio::any_io_executor executor, std::initializer_list<int> numbers);

    /// Waits for a signal and returns its number; nothing when cancelled.
    boost::asio::awaitable<std::optional<int>> next();

private:
    boost::asio::posix::stream_descriptor descriptor_;
};

/// The host's name (gethostname(2)); empty if the system does not tell it.
std::string host_name();

/// Opens /dev/null for each of the descriptors 0, 1 and 2 that is closed. Otherwise the first file that is
/// opened would become stdout, and the log would be written into it. To be called before anything is opened.
/// Prints a line to stderr if stdout was closed.
void keep_standard_streams();

} // namespace replmond::service
