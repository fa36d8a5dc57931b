// What takes the place of a standard stream that was closed when the process began.
#include "daemon/cli/standard_streams.hpp"

#include <cerrno>
#include <fcntl.h>
#include <iostream>
#include <unistd.h>

namespace replmond::cli {
namespace {

bool is_closed(int descriptor) {
    return ::fcntl(descriptor, F_GETFD) < 0 && errno == EBADF;
}

} // namespace

void keep_standard_streams() {
    const bool no_stdout = is_closed(STDOUT_FILENO);
    // open() gives the lowest number that is free: those below are there by then.
    for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
        if (is_closed(descriptor))
            (void)!::open("/dev/null", descriptor == STDIN_FILENO ? O_RDONLY : O_WRONLY);
    }
    if (no_stdout)
        std::cerr << "replmond: stdout is closed: what is printed there is lost" << std::endl;
}

} // namespace replmond::cli
