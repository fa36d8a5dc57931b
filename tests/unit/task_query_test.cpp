#include "daemon/export/task_query.hpp"

#include <gtest/gtest.h>

#include <string>

namespace replmond::exposition {
namespace {

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

TEST(PageQuery, LinksLeadBackToIt) {
    for (const char* target : {"/?search=a%20%26b%3D%22%3C", "/?project=p&instance=i%2Fj", "/?status=no",
                               "/?status=unknown&stage=full", "/?needs_repair=true&stale=false",
                               "/?sort=-task", "/?sort=-severity", "/?sort=instance", "/?limit=7&offset=14",
                               "/?instances_offset=10", "/?offset=100000000"}) {
        const page_query query = page_of(target);
        EXPECT_NE(query, page_query()) << target;
        EXPECT_EQ("/" + link_to(query), target);
        EXPECT_EQ(page_of("/" + link_to(query)), query);
    }
}

} // namespace
} // namespace replmond::exposition
