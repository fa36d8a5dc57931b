#pragma once

#include "daemon/model/time.hpp"

#include <chrono>

namespace replmond::cloud {

/// The wall clock: what requests are signed with, and what the cloud's times are compared with.
inline timestamp wall_clock() {
    return std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
}

} // namespace replmond::cloud
