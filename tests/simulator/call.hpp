#pragma once

#include "tests/simulator/clock.hpp"
#include "tests/simulator/routes.hpp"
#include "tests/support/exchange.hpp"

#include <string>

namespace replmond::simulator {

/// One request on its way through the cloud, and what the request log will say of it.
struct call {
    const testing::request& asked;
    route target;
    instant at;
    std::string request_id; // 32 hex digits, different for each

    std::string caller; // once that is proven
    std::string note;   // why it was refused, where the answer does not say
    bool grave = false; // a request that could have done harm
};

} // namespace replmond::simulator
