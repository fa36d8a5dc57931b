#include "daemon/core/model/failure.hpp"
#include "daemon/core/model/instance.hpp"
#include "daemon/core/model/task.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace replmond {
namespace {

TEST(Stage, WordsAreTheContractsInItsOrder) {
    std::vector<std::string> words;
    for (const stage s : all_stages)
        words.emplace_back(to_string(s));
    EXPECT_EQ(words,
              (std::vector<std::string>{"wait", "full", "incremental", "paused", "cancelled", "unknown"}));
}

TEST(Stage, IsReadInAnyCase) {
    for (const stage s : all_stages)
        EXPECT_EQ(parse_stage(to_string(s)), s);
    EXPECT_EQ(parse_stage("iNCREMENTAL"), stage::incremental);
    EXPECT_EQ(parse_stage("canceled"), stage::unknown);
    EXPECT_EQ(parse_stage("\xC4\xB1ncremental"), stage::unknown); // a dotless i is no i
}

TEST(Status, IsReadInAnyCase) {
    EXPECT_EQ(parse_status("Yes"), status::yes);
    EXPECT_EQ(parse_status("yES"), status::yes);
    EXPECT_EQ(parse_status("NO"), status::no);
    for (const char* other : {"", "Y", "true", "Normal", "Yes ", "Nope"})
        EXPECT_EQ(parse_status(other), std::nullopt) << other;
    EXPECT_EQ(to_string(status::yes), "yes");
    EXPECT_EQ(to_string(status::no), "no");
}

TEST(PollResult, WordsAreTheContractsInItsOrder) {
    std::vector<std::string> words;
    for (const poll_result r : all_poll_results)
        words.emplace_back(to_string(r));
    EXPECT_EQ(words, (std::vector<std::string>{"success", "auth", "throttled", "timeout", "network", "tls",
                                               "http", "protocol", "inconsistent"}));
}

TEST(InstanceId, Is36LettersAndDigits) {
    const std::string text(35, 'a');
    for (const char last : {'0', '9', 'a', 'z', 'A', 'Z'})
        EXPECT_TRUE(is_instance_id(text + last)) << last;
    for (const char beside : {'/', ':', '`', '{', '@', '[', '-', ' ', '\xE4'})
        EXPECT_FALSE(is_instance_id(text + beside)) << beside;
    EXPECT_FALSE(is_instance_id(""));
    EXPECT_FALSE(is_instance_id(text));
    EXPECT_FALSE(is_instance_id(text + "aa"));
}

TEST(Staleness, BeginsWhenStaleAfterIsOver) {
    using std::chrono_literals::operator""s;
    const timestamp since{1000s};
    EXPECT_FALSE(is_stale(std::nullopt, 0s, since));
    EXPECT_FALSE(is_stale(since, 900s, since + milliseconds(899'999)));
    EXPECT_TRUE(is_stale(since, 900s, since + 900s));
    EXPECT_TRUE(is_stale(since, 0s, since)); // 0s: at once
}

} // namespace
} // namespace replmond
