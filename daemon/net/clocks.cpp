// The clocks of this process. The core never reads a clock: it receives the time as an argument.

#include "daemon/net/clocks.hpp"

#include <chrono>

namespace replmond::net {

timestamp wall_clock() {
    return std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
}

timestamp even_clock() {
    using steady = std::chrono::steady_clock;
    static const timestamp wall_at_start = wall_clock();
    static const steady::time_point start = steady::now();
    return wall_at_start + std::chrono::floor<milliseconds>(steady::now() - start);
}

instant now() {
    return {wall_clock(), even_clock()};
}

} // namespace replmond::net
