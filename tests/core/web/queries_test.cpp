#include "daemon/core/web/queries.hpp"
#include "daemon/core/web/query_string.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace replmond::web {

namespace {

using parameters = std::vector<std::pair<std::string, std::string>>;

TEST(QueryString, IsReadIntoParameters) {
    const std::vector<std::pair<const char*, parameters>> table{
        {"/p", {}},
        {"/p?", {}},
        {"/p?&&", {}},
        {"/p?a=1&b=2", {{"a", "1"}, {"b", "2"}}},
        {"/p?a=1&a=2", {{"a", "1"}, {"a", "2"}}},
        {"/p?a", {{"a", ""}}},
        {"/p?a=", {{"a", ""}}},
        {"/p?=1", {{"", "1"}}},
        {"/p?a=b=c", {{"a", "b=c"}}},
        {"/p?a=b?c", {{"a", "b?c"}}},
        {"/p?a+b=c+d", {{"a b", "c d"}}},
        {"/p?a=%2B%26%3D%25", {{"a", "+&=%"}}},
        {"/p?%61=%E8%AE%A2%e5%8d%95", {{"a", "订单"}}},
        {"/p?a=%00", {{"a", std::string(1, '\0')}}},
    };
    for (const auto& [target, expected] : table)
        EXPECT_EQ(parse_query_string(target), expected) << target;
}

TEST(QueryString, ABrokenEscapeIsRefused) {
    for (const char* target : {"/p?a=%", "/p?a=%2", "/p?a=%zz", "/p?a=%2x", "/p?a=%-1", "/p?a=%+1", "/p?%=1",
                               "/p?a=1&b=%4", "/p?a=% 1"})
        EXPECT_EQ(parse_query_string(target), std::nullopt) << target;
}

TEST(QueryString, ValuesAreEncodedSoThatTheyReadBack) {
    EXPECT_EQ(encode_query_value("a-z_A.Z~09"), "a-z_A.Z~09");
    EXPECT_EQ(encode_query_value("a b&c=d+e%\"'<订"), "a%20b%26c%3Dd%2Be%25%22%27%3C%E8%AE%A2");
    std::string all;
    for (int c = 0; c < 256; ++c)
        all += static_cast<char>(c);
    EXPECT_EQ(parse_query_string("/?x=" + encode_query_value(all)), (parameters{{"x", all}}));
}

TEST(QueryString, PathsWithoutParametersTakeNone) {
    EXPECT_TRUE(std::holds_alternative<no_query>(parse_no_query("/p?")));
    EXPECT_EQ(std::get<std::string>(parse_no_query("/p?x=1")), "unknown parameter \"x\": none is taken here");
}

TEST(QueryString, WhatIsEchoedIsCut) {
    EXPECT_EQ(unknown_parameter(std::string(5000, 'x'), {"a"}),
              "unknown parameter \"" + std::string(60, 'x') + "\": allowed are a");
}

using ::testing::HasSubstr;

constexpr timestamp queried_at{milliseconds(1'800'014'400'000)}; // 2027-01-15T12:00:00Z

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
    EXPECT_EQ(filter.since, queried_at);
    EXPECT_EQ(filter.instance, "orders");
    EXPECT_EQ(filter.task, "a b");
    EXPECT_EQ(filter_of("/?since=1800014400").since, queried_at);
    EXPECT_EQ(filter_of("/?since=2027-01-15T20:00:00%2B08:00").since, queried_at);
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
              "unknown parameter \"tasks\": allowed are limit, since, instance, task, level");
    EXPECT_EQ(mistake_in("/?task=a&task=b"), "task: given twice");
}

TEST(EventFilter, AdmitsWhatFitsAllOfIt) {
    event e;
    e.time = queried_at;
    e.starrocks_instance = "orders";
    e.task = "t";
    e.level = severity::warn;
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
        {"level=info", true},
        {"level=warn", true},
        {"level=error", false},
        {"instance=orders&task=u", false},
    };
    for (const auto& [query, admitted] : table)
        EXPECT_EQ(filter_of("/?" + std::string(query)).admits(e, "the-id"), admitted) << query;
    EXPECT_FALSE(filter_of("/?task=t").admits(event(), "the-id")); // of no task
}

page_query page_of(const std::string& target) {
    const auto read = parse_page_query(target);
    const auto* query = std::get_if<page_query>(&read);
    EXPECT_NE(query, nullptr) << target;
    return query == nullptr ? page_query() : *query;
}

TEST(PageQuery, ShowsWhatNeedsALookFirst) {
    const page_query fresh = page_of("/");
    EXPECT_EQ(fresh.tasks.order, task_order::severity);
    EXPECT_EQ(fresh.tasks.limit, 100U);
    EXPECT_EQ(link_to(fresh), "./");
}

// What a form sends has all fields, and visitors bring parameters of their own.
TEST(PageQuery, IgnoresWhatIsEmptyOrNotItsOwn) {
    EXPECT_EQ(page_of("/?search=&instance=&status=&stage=&needs_repair=&stale=&sort=&utm_source=x"),
              page_query());
    EXPECT_TRUE(std::holds_alternative<std::string>(parse_page_query("/?stage=x")));
    EXPECT_TRUE(std::holds_alternative<std::string>(parse_page_query("/?instances_offset=x")));
    EXPECT_EQ(std::get<std::string>(parse_page_query("/?limit=1001")),
              "limit: expected a whole number from 1 to 1000");
}

TEST(PageQuery, ShowsFromOneTaskTo1000) {
    EXPECT_EQ(page_of("/?limit=1").tasks.limit, 1U);
    EXPECT_EQ(page_of("/?limit=1000").tasks.limit, 1000U);
    EXPECT_EQ(std::get<std::string>(parse_page_query("/?limit=0")),
              "limit: expected a whole number from 1 to 1000");
    EXPECT_EQ(page_of("/?offset=0&instances_offset=0"), page_query());
}

TEST(PageQuery, LinksLeadBackToIt) {
    for (const char* target :
         {"/?search=a%20%26b%3D%22%3C", "/?project=p&instance=i%2Fj", "/?status=no",
          "/?status=unknown&stage=full", "/?needs_repair=true&stale=false", "/?sort=-task",
          "/?sort=-severity", "/?sort=instance", "/?limit=7&offset=14", "/?instances_offset=10",
          "/?offset=100000000", "/?task=t&condition=needs_repair", "/?wrong=true", "/?wrong=false&sort=-lag",
          "/?events=all"}) {
        const page_query query = page_of(target);
        EXPECT_NE(query, page_query()) << target;
        EXPECT_EQ("/" + link_to(query), target);
        EXPECT_EQ(page_of("/" + link_to(query)), query);
    }
}

} // namespace

} // namespace replmond::web
