#include "daemon/core/lag/heartbeat.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace replmond::lag {
namespace {

const timestamp heartbeat_now = parse_rfc3339("2026-11-30T12:00:00Z").value();

std::string shown_heartbeat(const std::string& text) {
    const auto read = parse_heartbeat(text, heartbeat_now);
    return read ? to_rfc3339(*read) : "-";
}

TEST(Heartbeat, NumbersAreReadByTheirMagnitude) {
    const std::string expected = "2026-11-30T11:59:58.000Z";
    EXPECT_EQ(shown_heartbeat("1796039998"), expected);
    EXPECT_EQ(shown_heartbeat("1796039998000"), expected);
    EXPECT_EQ(shown_heartbeat("1796039998000999"), expected);
    EXPECT_EQ(shown_heartbeat(" 1796039998\n"), expected);
    EXPECT_EQ(shown_heartbeat("1796039998123"), "2026-11-30T11:59:58.123Z");
    EXPECT_EQ(shown_heartbeat("1796039998123456"), "2026-11-30T11:59:58.123Z");
}

TEST(Heartbeat, TextsAreUtc) {
    const std::vector<std::pair<std::string, std::string>> table{
        {"2026-11-30 11:59:58", "2026-11-30T11:59:58.000Z"},
        {"2026-11-30T11:59:58", "2026-11-30T11:59:58.000Z"},
        {"2026-11-30T11:59:58.1", "2026-11-30T11:59:58.100Z"},
        {"2026-11-30 11:59:58.123456", "2026-11-30T11:59:58.123Z"},
        {"2000-01-01 00:00:00", "2000-01-01T00:00:00.000Z"},
        {"2026-12-01 12:00:00", "2026-12-01T12:00:00.000Z"}, // a day ahead: clocks may differ
    };
    for (const auto& [text, expected] : table)
        EXPECT_EQ(shown_heartbeat(text), expected) << text;
}

TEST(Heartbeat, EverythingElseIsNone) {
    for (const std::string text : {"",
                                   " ",
                                   "soon",
                                   "-1",
                                   "+1796039998",
                                   "1796039998.5",
                                   "1.796039998e9",
                                   "0x6b0d",
                                   "0",
                                   "946684799",
                                   "946684799999",
                                   "946684799999999",
                                   "1796126401",
                                   "99999999999999999999",
                                   "1999-12-31 23:59:59",
                                   "2026-12-01 12:00:01",
                                   "2026-11-30",
                                   "2026-11-30 11:59",
                                   "2026-11-30 11:59:58Z",
                                   "2026-11-30T11:59:58+08:00",
                                   "2026-11-30 11:59:58.",
                                   "2026-11-30 11:59:58.1234567",
                                   "2026-11-31 11:59:58",
                                   "2026-13-30 11:59:58",
                                   "2026-11-30 24:00:00",
                                   "2026-11-30  11:59:58",
                                   "2026/11/30 11:59:58",
                                   "30-11-2026 11:59:58",
                                   "2026-11-30x11:59:58",
                                   "NULL"})
        EXPECT_EQ(shown_heartbeat(text), "-") << text;
}

} // namespace
} // namespace replmond::lag
