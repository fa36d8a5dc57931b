#include "daemon/export/event_filter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace replmond::exposition {
namespace {

using ::testing::HasSubstr;

constexpr timestamp noon{milliseconds(1'800'014'400'000)}; // 2027-01-15T12:00:00Z

event_filter filter_of(std::string_view target) {
    const auto read = parse_event_filter(target);
    const auto* filter = std::get_if<event_filter>(&read);
    EXPECT_NE(filter, nullptr) << target;
    return filter == nullptr ? event_filter() : *filter;
}

std::string mistake_in(std::string_view target) {
    const auto read = parse_event_filter(target);
    const auto* mistake = std::get_if<std::string>(&read);
    return mistake == nullptr ? "none" : *mistake;
}

TEST(EventFilter, AdmitsEverythingWithoutParameters) {
    const auto filter = filter_of("/api/v1/events");
    EXPECT_EQ(filter.limit, 100U);
    EXPECT_TRUE(filter.admits(event(), ""));
}

TEST(EventFilter, ReadsItsParameters) {
    const auto filter =
        filter_of("/api/v1/events?limit=7&since=2027-01-15T12:00:00Z&instance=orders&task=a+b");
    EXPECT_EQ(filter.limit, 7U);
    EXPECT_EQ(filter.since, noon);
    EXPECT_EQ(filter.instance, "orders");
    EXPECT_EQ(filter.task, "a b");
    EXPECT_EQ(filter_of("/?since=1800014400").since, noon);
    EXPECT_EQ(filter_of("/?since=2027-01-15T20:00:00%2B08:00").since, noon);
    EXPECT_EQ(filter_of("/?limit=1").limit, 1U);
    EXPECT_EQ(filter_of("/?limit=1000").limit, 1000U);
}

TEST(EventFilter, AnEmptyValueIsNone) {
    const auto filter = filter_of("/api/v1/events?limit=&since=&instance=&task=");
    EXPECT_EQ(filter.limit, 100U);
    EXPECT_FALSE(filter.since);
}

TEST(EventFilter, SaysWhatIsWrong) {
    for (const char* limit : {"0", "1001", "-1", "+1", "1.5", "x", "1x", "99999999999999999999"})
        EXPECT_THAT(mistake_in("/?limit=" + std::string(limit)), HasSubstr("from 1 to 1000")) << limit;
    for (const char* since : {"2h", "yesterday", "2027-01-15", "-1"})
        EXPECT_THAT(mistake_in("/?since=" + std::string(since)), HasSubstr("since: expected")) << since;
    EXPECT_THAT(mistake_in("/?task=%zz"), HasSubstr("escape"));
    EXPECT_EQ(mistake_in("/?task=&task="), "task: given twice");
    EXPECT_EQ(mistake_in("/?tasks=a"),
              "unknown parameter \"tasks\": allowed are limit, since, instance, task");
    EXPECT_EQ(mistake_in("/?task=a&task=b"), "task: given twice");
}

TEST(EventFilter, AdmitsWhatFitsAllOfIt) {
    event e;
    e.time = noon;
    e.starrocks_instance = "orders";
    e.task = "t";
    const std::vector<std::pair<const char*, bool>> table{
        {"since=1800014400", true},
        {"since=1800014400.001", false},
        {"since=1800014399.999", true},
        {"instance=orders", true},
        {"instance=the-id", true},
        {"instance=order", false},
        {"instance=another", false},
        {"task=t", true},
        {"task=T", false},
        {"instance=orders&task=t", true},
        {"instance=another&task=t", false},
        {"instance=orders&task=u", false},
    };
    for (const auto& [query, admitted] : table)
        EXPECT_EQ(filter_of("/?" + std::string(query)).admits(e, "the-id"), admitted) << query;
    EXPECT_FALSE(filter_of("/?task=t").admits(event(), "the-id")); // of no task
}

} // namespace
} // namespace replmond::exposition
