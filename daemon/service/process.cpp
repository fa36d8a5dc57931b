// Signals by signalfd(2), and standard streams for a process that was started without them. Not by
// Boost.Asio's signal_set: on destruction it restores the default action of a signal, which for SIGHUP ends
// the process.

#include "daemon/service/process.hpp"

#include "daemon/net/async.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <iostream>
#include <sys/signalfd.h>
#include <unistd.h>
#include <utility>

namespace replmond::service {

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
        std::signal(number, SIG_DFL); // the parent process may have ignored it
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
            co_await descriptor_.async_wait(asio::posix::descriptor_base::wait_read, net::nothrow);
        if (error)
            co_return std::nullopt;
    }
}

namespace {

bool is_closed(int descriptor) {
    return ::fcntl(descriptor, F_GETFD) < 0 && errno == EBADF;
}

} // namespace

std::string host_name() {
    std::array<char, 256> name{}; // a name has at most 64 bytes (HOST_NAME_MAX)
    return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

void keep_standard_streams() {
    const bool no_stdout = is_closed(STDOUT_FILENO);
    // open() returns the lowest free number (open(2)), and the lower ones exist by then.
    for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (is_closed(descriptor))
            (void)!::open("/dev/null", descriptor == STDIN_FILENO ? O_RDONLY : O_WRONLY);
    }
    if (no_stdout)
        std::cerr << "replmond: stdout is closed: what is printed there is lost" << std::endl;
}

} // namespace replmond::service
