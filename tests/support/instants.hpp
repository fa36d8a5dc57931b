#pragma once

#include "daemon/core/model/time.hpp"

namespace replmond::test {

/// A moment at which nobody has set the wall clock yet.
inline instant by_both_clocks(timestamp time) {
    return {time, time};
}

} // namespace replmond::test
