// Waits for the end of a command that follows something.

#include "daemon/cli/command_end.hpp"

#include "daemon/service/process.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <poll.h>
#include <sys/signalfd.h>
#include <system_error>
#include <unistd.h>

namespace replmond::cli {

command_end::command_end() {
    service::block_signals({SIGINT, SIGTERM});
    std::signal(SIGPIPE, SIG_IGN);
    sigset_t both;
    sigemptyset(&both);
    sigaddset(&both, SIGINT);
    sigaddset(&both, SIGTERM);
    signals_ = signalfd(-1, &both, SFD_CLOEXEC);
    if (signals_ < 0)
        throw std::system_error(errno, std::generic_category(), "signalfd");
}

command_end::~command_end() {
    ::close(signals_);
}

// A pipe without a reader is POLLERR even where nothing is asked for (poll(2)), so it is seen before the next
// line.
bool command_end::comes_within(milliseconds time) {
    std::array<pollfd, 2> both{{{signals_, POLLIN, 0}, {STDOUT_FILENO, 0, 0}}};
    const int ready = ::poll(both.data(), both.size(), static_cast<int>(time.count()));
    return ready > 0;
}

} // namespace replmond::cli
