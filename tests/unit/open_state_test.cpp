#include "daemon/cli/open_state.hpp"
#include "daemon/cli/record_keeper.hpp"
#include "tests/store/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace replmond::cli {
namespace {

constexpr timestamp noon{milliseconds(1'800'014'400'000)};

// What was in memory before a restart is in memory after it.
TEST(OpenState, BringsBackAsManyEventsAsAreKept) {
    const store::temporary_directory directory;
    const std::string path = directory / "state.db";
    const std::size_t more = record_keeper::most_latest + 7;
    {
        auto file = store::database::open(path, noon);
        ASSERT_TRUE(file) << file.error().text;
        store::batch all;
        for (std::uint64_t id = 1; id <= more; ++id) {
            event e;
            e.name = "task_discovered";
            e.time = noon;
            e.message = "m";
            e.id = id;
            all.events.push_back({e, {}});
        }
        ASSERT_TRUE(file->commit(all));
    }
    const auto state = open_state(path);
    ASSERT_EQ(state.latest.size(), record_keeper::most_latest);
    EXPECT_EQ(state.latest.front().what.id, 8u);
    EXPECT_EQ(state.latest.back().what.id, more);
}

} // namespace
} // namespace replmond::cli
