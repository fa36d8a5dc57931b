#include "daemon/core/tracking/listing.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

namespace replmond::tracking {
namespace {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""min;
using ::testing::ElementsAre;
using step = listing_progress::step;

// A page from `total | ids`: "2 | a b", "- | a" without a count, "1 | ?" with an id that is unusable.
cloud::instances_page page(const std::string& notation) {
    std::istringstream words(notation);
    std::string total;
    std::string bar;
    words >> total >> bar;
    cloud::instances_page page;
    if (total != "-")
        page.total_count = std::stoull(total);
    for (std::string id; words >> id;) {
        ++page.records;
        if (id == "?")
            ++page.unusable;
        else
            page.instances.push_back({id, "name of " + id, ""});
    }
    return page;
}

// An HTAP list from ids and, by '=', names: "x=orders y".
cloud::htap_list htap(const std::string& notation) {
    std::istringstream words(notation);
    cloud::htap_list list;
    for (std::string word; words >> word;) {
        ++list.records;
        const auto cut = word.find('=');
        list.starrocks.push_back(
            {word.substr(0, cut), cut == std::string::npos ? "" : word.substr(cut + 1), "normal"});
    }
    list.total = list.records;
    return list;
}

std::string name_of(step next) {
    switch (next) {
    case step::read_page:
        return "page";
    case step::ask_htap:
        return "htap";
    case step::done:
        return "done";
    case step::inconsistent:
        return "inconsistent";
    case step::too_many:
        break;
    }
    return "too many";
}

struct outcome {
    std::string asked; // "0 2 a b: done"
    listing_memory memory;
};

// Feeds the pages, then an empty HTAP list for each instance.
outcome pass(const std::vector<std::string>& pages, listing_memory memory = {}) {
    listing_progress progress(std::move(memory));
    std::string asked;
    step next = step::read_page;
    for (std::size_t i = 0; next == step::read_page && i < pages.size(); ++i) {
        asked += fmt::format("{} ", progress.offset());
        next = progress.add(page(pages[i]));
    }
    while (next == step::ask_htap) {
        asked += progress.taurusdb_id() + " ";
        next = progress.add(htap(""));
    }
    return {asked + name_of(next), progress.memory()};
}

TEST(Listing, ReadsPagesAndThenAsksEach) {
    struct row {
        const char* what;
        std::vector<std::string> pages;
        const char* expected;
    };
    const std::vector<row> table{
        {"nothing", {"0 |"}, "0 done"},
        {"one page", {"2 | b a"}, "0 a b done"},
        {"the next offset is what was received", {"3 | a b", "3 | c"}, "0 2 a b c done"},
        {"the same one on two pages", {"3 | a b", "3 | b"}, "0 2 page"},
        {"an absent count ends at an empty page", {"- | a", "- |"}, "0 1 a done"},
        {"an unusable id is received and seen", {"2 | a ?"}, "0 a done"},
        {"another count on a page: read again",
         {"3 | a", "4 | b c", "4 |", "3 | a b c"},
         "0 1 3 0 a b c done"},
    };
    for (const row& r : table)
        EXPECT_EQ(pass(r.pages).asked, r.expected) << r.what;
}

TEST(Listing, PagesThatContradictThemselvesAreReadAgain) {
    EXPECT_EQ(pass({"3 | a", "3 |", "1 | a"}).asked, "0 1 0 a done");
    EXPECT_EQ(pass({"3 | a", "3 |", "3 | a", "3 |", "3 | a", "3 |"}).asked, "0 1 0 1 0 1 inconsistent");
}

TEST(Listing, ACountThatLiesThreeTimesIsIgnored) {
    outcome last = pass({"3 | a", "3 |", "3 | a", "3 |", "3 | a", "3 |"});
    last = pass({"3 | a", "3 |"}, last.memory);
    EXPECT_EQ(last.asked, "0 1 inconsistent"); // one pass is enough now
    listing_progress third(last.memory);
    EXPECT_EQ(third.add(page("3 | a")), step::read_page);
    EXPECT_EQ(third.add(page("3 |")), step::ask_htap);
    EXPECT_EQ(third.add(htap("x")), step::done);
    const listing found = third.take_listing();
    ASSERT_EQ(found.unexpected.size(), 1U);
    EXPECT_EQ(found.unexpected[0].field, "total_count");
    EXPECT_EQ(found.unexpected[0].value, "3");
    EXPECT_TRUE(third.memory().pages.total_ignored);
}

TEST(Listing, GathersTheInstancesOfAll) {
    listing_progress progress({});
    ASSERT_EQ(progress.add(page("2 | a b")), step::ask_htap);
    ASSERT_EQ(progress.add(htap("x=orders y")), step::ask_htap);
    ASSERT_EQ(progress.add(htap("z=clicks")), step::done);
    const listing found = progress.take_listing();
    EXPECT_THAT(found.found, ElementsAre(std::pair<const std::string, std::string>("x", "orders"),
                                         std::pair<const std::string, std::string>("y", ""),
                                         std::pair<const std::string, std::string>("z", "clicks")));
    EXPECT_TRUE(found.proves_absence);
    EXPECT_EQ(found.calls, 3U);
    EXPECT_EQ(progress.memory().last_calls, 3U);
}

TEST(Listing, WhatCannotBeReadProvesNoAbsence) {
    const auto proves = [](const char* instances, cloud::htap_list list) {
        listing_progress progress({});
        EXPECT_EQ(progress.add(page(instances)), step::ask_htap);
        EXPECT_EQ(progress.add(std::move(list)), step::done);
        return progress.take_listing().proves_absence;
    };
    EXPECT_TRUE(proves("1 | a", htap("x")));
    EXPECT_FALSE(proves("2 | a ?", htap("x")));
    cloud::htap_list unusable = htap("x");
    unusable.unusable = 1;
    EXPECT_FALSE(proves("1 | a", unusable));
    cloud::htap_list lying = htap("x");
    lying.total = 2;
    EXPECT_FALSE(proves("1 | a", lying));
}

TEST(Listing, UnexpectedValuesOfAllAnswersAreKept) {
    cloud::instances_page first = page("1 | a");
    first.unexpected.push_back({"", "name", "7"});
    cloud::htap_list second = htap("x");
    second.unexpected.push_back({"", "engine_name", "absent"});
    listing_progress progress({});
    ASSERT_EQ(progress.add(first), step::ask_htap);
    ASSERT_EQ(progress.add(second), step::done);
    const listing found = progress.take_listing();
    ASSERT_EQ(found.unexpected.size(), 2U);
    EXPECT_EQ(found.unexpected[0].field, "name");
    EXPECT_EQ(found.unexpected[1].field, "engine_name");
}

TEST(Listing, WithoutEndIsRefused) {
    listing_progress pages({});
    step next = step::read_page;
    for (std::size_t i = 0; next == step::read_page; ++i) {
        ASSERT_LE(i, max_records);
        cloud::instances_page more;
        for (int n = 0; n < 100; ++n)
            more.instances.push_back({fmt::format("{}-{}", i, n), "", ""});
        more.records = 100;
        next = pages.add(std::move(more));
    }
    EXPECT_EQ(next, step::too_many);

    cloud::htap_list many;
    for (std::size_t i = 0; i <= max_records; ++i)
        many.starrocks.push_back({std::to_string(i), "", ""});
    many.records = many.starrocks.size();
    listing_progress instances({});
    ASSERT_EQ(instances.add(page("1 | a")), step::ask_htap);
    EXPECT_EQ(instances.add(std::move(many)), step::too_many);
}

TEST(Listing, TakesAsManyInstancesAsThereMayBe) {
    cloud::htap_list many;
    for (std::size_t i = 0; i < max_records; ++i)
        many.starrocks.push_back({std::to_string(i), "", ""});
    many.records = many.starrocks.size();
    listing_progress progress({});
    ASSERT_EQ(progress.add(page("1 | a")), step::ask_htap);
    EXPECT_EQ(progress.add(std::move(many)), step::done);
}

TEST(Listing, ExpectsOneMoreCallWhereItNeedsMoreThanTheLastOne) {
    listing_memory memory;
    memory.last_calls = 1;
    listing_progress progress(memory);
    ASSERT_EQ(progress.add(page("2 | a")), step::read_page);
    EXPECT_EQ(progress.calls_left(), 1U);
}

TEST(Listing, KnowsHowManyCallsAreLeft) {
    listing_memory memory;
    EXPECT_EQ(listing_progress(memory).calls_left(), 1U);
    memory.last_calls = 4;
    listing_progress progress(memory);
    EXPECT_EQ(progress.calls_left(), 4U);
    ASSERT_EQ(progress.add(page("2 | a")), step::read_page);
    EXPECT_EQ(progress.calls_left(), 3U);
    ASSERT_EQ(progress.add(page("2 | b")), step::ask_htap);
    EXPECT_EQ(progress.calls_left(), 2U);
    ASSERT_EQ(progress.add(htap("")), step::ask_htap);
    EXPECT_EQ(progress.calls_left(), 1U);
    ASSERT_EQ(progress.add(htap("")), step::done);
    EXPECT_EQ(progress.calls_left(), 0U);
}

TEST(Listing, SpreadsItsCallsOverTheInterval) {
    EXPECT_EQ(gap_between_calls(10min, 0), 0ms); // the first one
    EXPECT_EQ(gap_between_calls(10min, 1), 5min);
    EXPECT_EQ(gap_between_calls(1000ms, 9), 100ms);
    EXPECT_EQ(gap_between_calls(1000ms, 100'000), 0ms);
}

TEST(Listing, AFailedOneEndsARowOfContradictions) {
    listing_memory memory = pass({"3 | a", "3 |", "3 | a", "3 |", "3 | a", "3 |"}).memory;
    memory.last_calls = 7;
    EXPECT_EQ(memory.pages.contradictions, 1);
    memory = after_failed_listing(memory);
    EXPECT_EQ(memory.pages.contradictions, 0);
    EXPECT_EQ(memory.last_calls, 7U);
}

} // namespace
} // namespace replmond::tracking
