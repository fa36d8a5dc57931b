#include "daemon/core/cloud/clock_skew.hpp"
#include "daemon/core/cloud/signer.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace replmond::cloud {
namespace {

const timestamp now = parse_rfc3339("2026-01-02T03:24:05.500Z").value();

std::string read(std::optional<timestamp> time) {
    return time ? to_rfc3339(*time) : "";
}

TEST(ClockSkew, ReadsTheFormOfSignatures) {
    const std::vector<std::pair<std::string, std::string>> table{
        {"20260102T030405Z", "2026-01-02T03:04:05.000Z"},
        {"20240229T235960Z", "2024-03-01T00:00:00.000Z"},
        {"00000101T000000Z", "0000-01-01T00:00:00.000Z"},
        {"99991231T235959Z", "9999-12-31T23:59:59.000Z"},
        {"20260229T030405Z", ""},
        {"20261302T030405Z", ""},
        {"20260102T240405Z", ""},
        {"20260102T036005Z", ""},
        {"20260102T030461Z", ""},
        {"20260102T030405", ""},
        {"20260102T030405z", ""},
        {"20260102T030405Z ", ""},
        {"-0260102T030405Z", ""},
        {"2026 102T030405Z", ""},
        {"????????T??????Z", ""},
        {std::string("2026\0"
                     "102T030405Z",
                     16),
         ""},
        {"", ""},
    };
    for (const auto& [text, expected] : table)
        EXPECT_EQ(read(parse_sdk_date(text)), expected) << text;
    EXPECT_EQ(parse_sdk_date(to_sdk_date(now)), now - milliseconds(500));
}

TEST(ClockSkew, ReadsTheFormOfDate) {
    const std::vector<std::pair<std::string, std::string>> table{
        {"Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06T08:49:37.000Z"},
        {"Thu, 29 Feb 2024 23:59:60 GMT", "2024-03-01T00:00:00.000Z"},
        {"Mon, 01 Jan 2026 00:00:00 GMT", "2026-01-01T00:00:00.000Z"}, // a Thursday
        {"Wed, 31 Dec 2025 23:59:59 GMT", "2025-12-31T23:59:59.000Z"},
        {"Sun, 30 Feb 2025 08:49:37 GMT", ""},
        {"Sun, 00 Nov 1994 08:49:37 GMT", ""},
        {"Sun, 06 Nov 1994 24:49:37 GMT", ""},
        {"Sun, 06 nov 1994 08:49:37 GMT", ""},
        {"Sun, 06 Foo 1994 08:49:37 GMT", ""},
        {"Xyz, 06 Nov 1994 08:49:37 GMT", ""},
        {"Sun, 06 Nov 1994 08:49:37 UTC", ""},
        {"Sun, 06 Nov 1994 08:49:37 GMT ", ""},
        {"Sun, 06 Nov 1994 08:49:37", ""},
        {"Sun, 6 Nov 1994 08:49:37 GMT", ""},
        {"Sun,  6 Nov 1994 08:49:37 GMT", ""},
        {"Sunday, 06-Nov-94 08:49:37 GMT", ""},
        {"Sun Nov  6 08:49:37 1994", ""},
        {"???, ?? ??? ???? ??:??:?? GMT", ""},
        {std::string(100'000, '9'), ""},
        {"", ""},
    };
    for (const auto& [text, expected] : table)
        EXPECT_EQ(read(parse_imf_fixdate(text)), expected) << text;
}

TEST(ClockSkew, IsOurClockLessTheClouds) {
    const std::string date_ahead = "Fri, 02 Jan 2026 03:23:05 GMT";
    const auto body = [](const std::string& message) {
        return R"({"error_code": "APIGW.0301", "error_msg": "Incorrect IAM authentication information: )" +
               message + "\"}";
    };
    struct row {
        std::string date;
        std::string body;
        std::optional<std::int64_t> ms;
    };
    const std::vector<row> table{
        {"", body("signature expired, signature time:20260102T032405Z, server time:20260102T030405Z"),
         1'200'500},
        {"", body("signature expired, signature time:20260102T030405Z, server time:20260102T034405Z"),
         -1'199'500},
        {"", body("signature expired,signature time:20260102T032405Z,server time:20260102T030405Z"),
         1'200'500},
        {"", body("signature expired, signature time: 20260102T032405Z, server time: 20260102T030405Z"),
         1'200'500},
        {"", body("Signature Expired, Server Time:20260102T030405Z"), 1'200'500},
        {"", "signature expired, signature time:1, server time:20260102T030405Z", 1'200'500}, // no JSON
        {date_ahead, body("signature expired, server time:20260102T030405Z"), 1'200'500},     // the text wins
        // what is no text of that kind, or no time in it: the header
        {date_ahead, body("verify aksk signature fail"), 60'500},
        {date_ahead, body("server time:20260102T030405Z, signature expired"), 60'500},
        {date_ahead, body("signature expired, server time:"), 60'500},
        {date_ahead, body("signature expired, server time:soon"), 60'500},
        {date_ahead, body("signature expired, server time:20261302T030405Z"), 60'500},
        {date_ahead, "", 60'500},
        {date_ahead, std::string(100'000, '{'), 60'500},
        // neither
        {"yesterday", body("signature expired, server time:20260102T0304"), std::nullopt},
        {"", body("\\u0000\\ud83d\\udd11"), std::nullopt},
        {"", "\xFF\xFE", std::nullopt},
        {"", "", std::nullopt},
    };
    for (const row& r : table) {
        http::http_response answer{401, {}, r.body};
        if (!r.date.empty())
            answer.headers.emplace_back("date", r.date);
        const auto found = clock_difference(answer, now);
        EXPECT_EQ(found ? std::optional(std::int64_t{found->count()}) : std::nullopt, r.ms)
            << r.date << r.body;
    }
}

TEST(ClockSkew, IsSaidFromAMinuteOn) {
    const std::vector<std::pair<int, std::string>> table{
        {0, ""},
        {59'999, ""},
        {-59'999, ""},
        {60'000, " (this host's clock is 60 s ahead of the cloud's)"},
        {-60'000, " (this host's clock is 60 s behind the cloud's)"},
        {1'200'500, " (this host's clock is 1200 s ahead of the cloud's)"},
    };
    for (const auto& [ahead, text] : table)
        EXPECT_EQ(describe_clock_difference(milliseconds(ahead)), text) << ahead;
}

} // namespace
} // namespace replmond::cloud
