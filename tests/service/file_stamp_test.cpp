#include "daemon/service/file_stamp.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <vector>

namespace replmond::service {
namespace {

file_stamp changed_at(std::int64_t seconds) {
    file_stamp stamp;
    stamp.inode = 1;
    stamp.changed_seconds = seconds;
    stamp.changed_nanoseconds = 500'000'000;
    return stamp;
}

TEST(FileStamp, AFileThatIsLeftAloneHasSettled) {
    using std::chrono::milliseconds;
    const auto at = [](int ms) { return std::chrono::system_clock::time_point(milliseconds(ms)); };
    const std::vector<file_stamp> both{changed_at(10), changed_at(20)};
    EXPECT_TRUE(have_settled(both, {}, at(21'500)));
    EXPECT_FALSE(have_settled(both, {}, at(21'499)));
    EXPECT_FALSE(have_settled(both, {}, at(3'000))) << "the clock went back";
    EXPECT_TRUE(have_settled(both, both, at(3'000))) << "but it has not changed since the look before";
    EXPECT_FALSE(have_settled(both, {changed_at(10), changed_at(19)}, at(21'000)));
    EXPECT_FALSE(have_settled(both, {changed_at(20)}, at(21'000)));

    const std::vector<file_stamp> gone{file_stamp()};
    EXPECT_FALSE(have_settled(gone, {changed_at(10)}, at(90'000)))
        << "another may be about to take its place";
    EXPECT_TRUE(have_settled(gone, gone, at(90'000)));
    EXPECT_TRUE(have_settled({}, {}, at(0)));
}

} // namespace
} // namespace replmond::service
