#include "daemon/core/model/time.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace replmond {
namespace {

TEST(Time, Rfc3339AndUnixSeconds) {
    struct row {
        std::int64_t ms;
        std::string rfc3339;
        std::string unix_seconds;
    };
    const std::vector<row> table{
        {0, "1970-01-01T00:00:00.000Z", "0"},
        {1, "1970-01-01T00:00:00.001Z", "0.001"},
        {-1, "1969-12-31T23:59:59.999Z", "-0.001"},
        {951'782'399'500, "2000-02-28T23:59:59.500Z", "951782399.5"},
        {951'782'400'000, "2000-02-29T00:00:00.000Z", "951782400"}, // a leap day
        {1'763'774'675'042, "2025-11-22T01:24:35.042Z", "1763774675.042"},
        {4'102'444'799'990, "2099-12-31T23:59:59.990Z", "4102444799.99"},
        {253'402'300'799'999, "9999-12-31T23:59:59.999Z", "253402300799.999"},
    };
    for (const row& r : table) {
        const timestamp at{milliseconds(r.ms)};
        EXPECT_EQ(to_rfc3339(at), r.rfc3339);
        EXPECT_EQ(to_unix_seconds(at), r.unix_seconds);
    }
}

TEST(Time, Seconds) {
    const std::vector<std::pair<std::int64_t, std::string>> table{
        {0, "0"},
        {1, "0.001"},
        {10, "0.01"},
        {100, "0.1"},
        {1000, "1"},
        {1500, "1.5"},
        {90'000, "90"},
        {90'100, "90.1"},
        {100'000, "100"},
        {1'000'000, "1000"},
        {-1, "-0.001"},
        {-1500, "-1.5"},
        {86'400'001, "86400.001"},
    };
    for (const auto& [ms, text] : table)
        EXPECT_EQ(to_seconds(milliseconds(ms)), text);
}

// What a person types. The offsets are in the test of `replmond events --since`.
TEST(Time, Moments) {
    const std::vector<std::pair<std::string, std::optional<std::int64_t>>> table{
        {"2027-01-15T12:00:00Z", 1'800'014'400'000},
        {"2027-01-15T12:00:00.042Z", 1'800'014'400'042},
        {"2027-01-15T20:00:00+08:00", 1'800'014'400'000},
        {"2027-01-15T00:00:00-12:00", 1'800'014'400'000},
        {"1800014400", 1'800'014'400'000},
        {"1800014400.042", 1'800'014'400'042},
        {"0", 0},
        {"253402300799.999", 253'402'300'799'999},
        {"253402300800", std::nullopt}, // the year 10000
        {"18446744073709551616", std::nullopt},
        {"", std::nullopt},
        {"-1", std::nullopt},
        {"1.2345", std::nullopt},
        {"1.", std::nullopt},
        {"1h", std::nullopt},
        {"2027-01-15", std::nullopt},
        {"2027-01-15T12:00:00", std::nullopt},
        {"2027-01-15T12:00:00 08:00", std::nullopt}, // a plus sign that nobody escaped
        {"2027-01-15T12:00:00+24:00", std::nullopt},
        {"2027-01-15T12:00:00+08:60", std::nullopt},
        {"2027-01-15T12:00:00Z+08:00", std::nullopt},
    };
    for (const auto& [text, ms] : table) {
        const auto moment = parse_moment(text);
        EXPECT_EQ(moment ? std::optional(moment->time_since_epoch().count()) : std::nullopt, ms) << text;
    }
}

} // namespace
} // namespace replmond
