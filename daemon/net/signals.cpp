// Signals by way of signalfd(2): Boost.Asio's signal_set gives a signal its default action back when it is
// destroyed, which for SIGHUP is the end of the process.
#include "daemon/net/signals.hpp"

#include "daemon/net/async.hpp"

#include <cerrno>
#include <csignal>
#include <sys/signalfd.h>
#include <unistd.h>
#include <utility>

namespace replmond::net {

namespace asio = boost::asio;

namespace {

sigset_t set_of(std::initializer_list<int> numbers) {
    sigset_t set;
    sigemptyset(&set);
    for (const int number : numbers)
        sigaddset(&set, number);
    return set;
}

int open_queue(std::initializer_list<int> numbers) {
    const sigset_t set = set_of(numbers);
    const int descriptor = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (descriptor < 0)
        throw boost::system::system_error(errno, boost::system::system_category(), "signalfd");
    return descriptor;
}

} // namespace

void block_signals(std::initializer_list<int> numbers) {
    const sigset_t set = set_of(numbers);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

void unblock_signals(std::initializer_list<int> numbers) {
    for (const int number : numbers)
        std::signal(number, SIG_DFL); // who started us may have had it ignored
    const sigset_t set = set_of(numbers);
    pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

signal_queue::signal_queue(asio::any_io_executor executor, std::initializer_list<int> numbers)
    : descriptor_(std::move(executor), open_queue(numbers)) {}

asio::awaitable<std::optional<int>> signal_queue::next() {
    for (;;) {
        signalfd_siginfo read{};
        if (::read(descriptor_.native_handle(), &read, sizeof(read)) == sizeof(read))
            co_return static_cast<int>(read.ssi_signo);
        const auto [error] =
            co_await descriptor_.async_wait(asio::posix::descriptor_base::wait_read, nothrow);
        if (error)
            co_return std::nullopt;
    }
}

} // namespace replmond::net
