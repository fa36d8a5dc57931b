// Preloaded in front of libc's: a bug of the daemon, wherever one may be. While the file $TEST_BROKEN is
// there, what feeds systemd's watchdog throws.
#include <cstdlib>
#include <dlfcn.h>
#include <stdexcept>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>

extern "C" ssize_t sendto(int socket, const void* data, std::size_t size, int flags, const sockaddr* to,
                          socklen_t length) {
    const std::string_view text(static_cast<const char*>(data), size);
    const char* file = std::getenv("TEST_BROKEN");
    if (text == "WATCHDOG=1" && file != nullptr && access(file, F_OK) == 0)
        throw std::logic_error("a bug");
    using real = decltype(&::sendto);
    return reinterpret_cast<real>(dlsym(RTLD_NEXT, "sendto"))(socket, data, size, flags, to, length);
}
