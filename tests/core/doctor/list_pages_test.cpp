// What the pages of a list tell about paging.

#include "daemon/core/doctor/list_pages.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace replmond::doctor {
namespace {

cloud::page page_of(const std::vector<std::string>& names, std::optional<std::uint64_t> total) {
    cloud::page page;
    page.total_count = total;
    page.records = names.size();
    for (const std::string& name : names) {
        task_reading task;
        task.name = name;
        page.tasks.push_back(task);
    }
    return page;
}

list_pass pass_of(int limit, const std::vector<cloud::page>& pages, bool failed = false) {
    pass_reader reader(limit);
    for (const cloud::page& page : pages)
        reader.take(page);
    if (failed)
        reader.fail();
    return reader.pass();
}

list_form form_of(std::vector<list_pass> passes) {
    list_form form;
    form.passes = std::move(passes);
    return form;
}

TEST(pass_reader, reads_until_a_page_has_nothing_new) {
    pass_reader reader(2);
    EXPECT_TRUE(reader.take(page_of({"a", "b"}, 3)));
    EXPECT_EQ(reader.offset(), 2U);
    EXPECT_TRUE(reader.take(page_of({"c"}, 3)));
    EXPECT_EQ(reader.offset(), 3U);
    EXPECT_FALSE(reader.take(page_of({}, 3)));
    EXPECT_EQ(reader.pass().records(), 3U);
    EXPECT_EQ(reader.names().size(), 3U);
    pass_reader same(2);
    EXPECT_TRUE(same.take(page_of({"a", "b"}, 3)));
    EXPECT_FALSE(same.take(page_of({"a", "b"}, 3)));
}

TEST(list_pages, total_count_of_all_pages) {
    const auto one = pass_of(100, {page_of({"a", "b"}, 2), page_of({}, 2)});
    EXPECT_EQ(total_counts(form_of({one})), "unknown");
    EXPECT_EQ(limit_of_second_pass(one), 1);
    const auto two = pass_of(1, {page_of({"a"}, 2), page_of({"b"}, 2), page_of({}, 2)});
    EXPECT_EQ(total_counts(form_of({one, two})), "all");
    EXPECT_EQ(limit_of_second_pass(two), std::nullopt);
}

TEST(list_pages, total_count_of_the_page) {
    const auto pass = pass_of(1, {page_of({"a"}, 1), page_of({"b"}, 1), page_of({}, 0)});
    EXPECT_EQ(total_counts(form_of({pass})), "page");
}

TEST(list_pages, a_second_pass_goes_by_names_not_by_records) {
    const auto repeated = pass_of(100, {page_of({"a", "b", "c"}, 3), page_of({"a", "b", "c"}, 3)});
    EXPECT_EQ(limit_of_second_pass(repeated), 1);
    EXPECT_EQ(total_counts(form_of({repeated})), "unknown");
    const auto second =
        pass_of(1, {page_of({"a"}, 1), page_of({"b"}, 1), page_of({"c"}, 1), page_of({"c"}, 1)});
    EXPECT_EQ(total_counts(form_of({repeated, second})), "page");
    EXPECT_EQ(limit_of_second_pass(pass_of(100, {page_of({"a"}, 1), page_of({"a"}, 1)})), std::nullopt);
    EXPECT_EQ(limit_of_second_pass(pass_of(100, {page_of({"a", "b"}, 2)}, true)), std::nullopt);
}

TEST(list_pages, the_page_size_needed_is_the_shortest_page_that_more_followed) {
    const auto needed = [](const list_pass& pass) { return page_size_needed(form_of({pass})); };
    const cloud::page end = page_of({}, 0);
    EXPECT_EQ(
        needed(pass_of(100, {page_of({"a", "b", "c"}, 3), page_of({"d", "e"}, 2), page_of({"f"}, 1), end})),
        2u);
    EXPECT_EQ(needed(pass_of(100, {page_of({"a", "b"}, 2), page_of({"c"}, 1), page_of({"c"}, 1)})), 2u);
    EXPECT_EQ(needed(pass_of(2, {page_of({"a", "b"}, 2), page_of({"c"}, 1), page_of({"d"}, 1), end})),
              std::nullopt)
        << "the first page is full";
    EXPECT_EQ(needed(pass_of(100, {page_of({"a", "b"}, 3), page_of({"c"}, 3), page_of({}, 3)})), std::nullopt)
        << "total_count counts all";
    EXPECT_EQ(needed(pass_of(100, {page_of({"a", "b"}, 2), end})), std::nullopt) << "one page";
    EXPECT_EQ(page_size_needed(form_of({})), std::nullopt);
}

TEST(list_pages, total_count_of_neither_or_none) {
    EXPECT_EQ(total_counts(form_of({pass_of(1, {page_of({"a"}, 9), page_of({"b"}, 9)})})), "other");
    EXPECT_EQ(total_counts(form_of({pass_of(100, {page_of({"a"}, 9), page_of({}, 9)})})), "other");
    EXPECT_EQ(total_counts(form_of({pass_of(1, {page_of({"a"}, {}), page_of({"b"}, {})})})), "absent");
    cloud::page unreadable = page_of({"a"}, {});
    unreadable.unexpected.push_back({"", "total_count", "many"});
    EXPECT_EQ(total_counts(form_of({pass_of(100, {unreadable})})), "unreadable");
    EXPECT_EQ(total_counts(form_of({})), "unknown");
    EXPECT_EQ(total_counts(form_of({pass_of(100, {}, true)})), "unknown");
}

TEST(list_pages, a_pass_that_broke_off_proves_nothing_of_the_total) {
    EXPECT_EQ(total_counts(form_of({pass_of(1, {page_of({"a"}, 2)}, true)})), "unknown");
}

TEST(list_pages, short_pages_are_those_that_more_followed) {
    EXPECT_EQ(has_short_pages(form_of({pass_of(100, {page_of({"a"}, 1), page_of({}, 1)})})), std::nullopt);
    EXPECT_EQ(has_short_pages(form_of({pass_of(2, {page_of({"a"}, 2), page_of({"b"}, 2)})})), true);
    EXPECT_EQ(has_short_pages(form_of({pass_of(1, {page_of({"a"}, 2), page_of({"b"}, 2)})})), false);
}

TEST(list_pages, beyond_the_end) {
    EXPECT_EQ(beyond_the_end(form_of({pass_of(2, {page_of({"a"}, 1), page_of({}, 1)})})), "empty");
    EXPECT_EQ(beyond_the_end(form_of({pass_of(2, {page_of({"a"}, 1), page_of({"a"}, 1)})})), "repeats");
    EXPECT_EQ(beyond_the_end(form_of({pass_of(2, {page_of({"a"}, 1)}, true)})), "error");
    EXPECT_EQ(beyond_the_end(form_of({pass_of(2, {page_of({}, 0)})})), "");
}

TEST(list_pages, counts_words_as_they_were_sent) {
    list_form form;
    count_words(R"({"replications":[{"stage":"Full","status":"Yes"},{"stage":" Full ","status":null},
                    {"stage":"secret"},{"stage":7},9]})",
                form);
    EXPECT_EQ(form.stages, (counts{{"Full", 2}, {"other", 2}}));
    EXPECT_EQ(form.statuses, (counts{{"Yes", 1}, {"absent", 3}}));
    count_words("no JSON", form);
    EXPECT_EQ(form.stages.size(), 2U);
}

} // namespace
} // namespace replmond::doctor
