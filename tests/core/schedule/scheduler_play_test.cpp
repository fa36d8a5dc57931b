#include "tests/fuzz/scheduler_play.hpp"

#include <gtest/gtest.h>

#include <random>

namespace replmond::testing {
namespace {

// What script/fuzz does for long, for a moment at every build.
TEST(SchedulerPlay, EveryPromiseHoldsWhateverHappens) {
    for (unsigned seed = 0; seed < 300; ++seed) {
        std::mt19937 jitter(seed);
        std::vector<std::uint8_t> moves(1500);
        for (std::uint8_t& move : moves)
            move = static_cast<std::uint8_t>(jitter());
        scheduler_play play(moves);
        ASSERT_NO_THROW(play.run()) << "seed " << seed;
    }
}

} // namespace
} // namespace replmond::testing
