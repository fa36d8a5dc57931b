#include "daemon/export/metrics_reference.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

namespace replmond::exposition {
namespace {

// REPLMOND_UPDATE=1 writes the page anew.
TEST(MetricsReference, DocsAreUpToDate) {
    const std::string path = REPLMOND_SOURCE_DIR "/docs/metrics.md";
    if (std::getenv("REPLMOND_UPDATE") != nullptr)
        std::ofstream(path) << metrics_reference();
    std::ifstream file(path);
    const std::string page(std::istreambuf_iterator<char>(file), {});
    EXPECT_EQ(page, metrics_reference()) << "run this test with REPLMOND_UPDATE=1, then read the difference";
}

} // namespace
} // namespace replmond::exposition
