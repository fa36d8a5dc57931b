#include "daemon/config/duration.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace replmond::config {
namespace {

using namespace std::chrono_literals;

TEST(ConfigDuration, ReadsEveryUnitAlone) {
    EXPECT_EQ(parse_duration("500ms"), 500ms);
    EXPECT_EQ(parse_duration("30s"), 30s);
    EXPECT_EQ(parse_duration("5m"), 5min);
    EXPECT_EQ(parse_duration("2h"), 2h);
    EXPECT_EQ(parse_duration("30d"), 720h);
    EXPECT_EQ(parse_duration("0s"), 0ms);
    EXPECT_EQ(parse_duration("90m"), 90min);
}

TEST(ConfigDuration, ReadsUnitsInDescendingOrder) {
    EXPECT_EQ(parse_duration("1h30m"), 90min);
    EXPECT_EQ(parse_duration("1d2h3m4s5ms"), 26h + 3min + 4s + 5ms);
    EXPECT_EQ(parse_duration("1m5ms"), 1min + 5ms);
}

TEST(ConfigDuration, RefusesAnythingElse) {
    for (const char* bad :
         {"",     "0",    "30",    "s",    "-5s",   "+5s",  "5 s",  " 5s", "5s ", "1.5s", "5S",
          "5sec", "5min", "30m1h", "1h1h", "1ms1s", "1h30", "0x5s", "5s5", "h1",  "1w",   "1us"})
        EXPECT_EQ(parse_duration(bad), std::nullopt) << bad;
}

TEST(ConfigDuration, RefusesWhatDoesNotFit) {
    EXPECT_EQ(parse_duration("9223372036854775807ms"), milliseconds::max());
    EXPECT_EQ(parse_duration("9223372036854775808ms"), std::nullopt);
    EXPECT_EQ(parse_duration("9223372036854775807s"), std::nullopt);
    EXPECT_EQ(parse_duration("106751991167d"), 106751991167 * 24h);
    EXPECT_EQ(parse_duration("106751991168d"), std::nullopt);
    EXPECT_EQ(parse_duration("106751991167d23h"), std::nullopt);
    EXPECT_EQ(parse_duration("99999999999999999999999999d"), std::nullopt);
}

TEST(ConfigDuration, WritesTheLargestUnits) {
    EXPECT_EQ(format_duration(0ms), "0s");
    EXPECT_EQ(format_duration(500ms), "500ms");
    EXPECT_EQ(format_duration(60s), "1m");
    EXPECT_EQ(format_duration(90min), "1h30m");
    EXPECT_EQ(format_duration(720h), "30d");
    EXPECT_EQ(format_duration(1500ms), "1s500ms");
}

TEST(ConfigDuration, ReadsBackWhatItWrites) {
    for (const milliseconds value :
         {0ms, 1ms, 999ms, milliseconds(26h + 3min + 4s + 5ms), milliseconds::max()})
        EXPECT_EQ(parse_duration(format_duration(value)), value);
}

} // namespace
} // namespace replmond::config
