// The daemon around the scheduler, as a string of bytes: what it promised holds whatever happens.
#include "tests/fuzz/scheduler_play.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    replmond::testing::scheduler_play play(std::span(data, size));
    try {
        play.run();
    } catch (const std::exception& broken) {
        std::fprintf(stderr, "not so: %s\n", broken.what());
        std::abort();
    }
    return 0;
}
