#include "daemon/monitor/clocks.hpp"

#include "daemon/cloud/wall_clock.hpp"

namespace replmond::monitor {

timestamp wall_clock() {
    return cloud::wall_clock();
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

} // namespace replmond::monitor
