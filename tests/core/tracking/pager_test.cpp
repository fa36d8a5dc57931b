#include "daemon/core/tracking/pager.hpp"
#include "tests/support/wire.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace replmond::tracking {
namespace {

using test::make_page;
using ::testing::ElementsAre;

// One pass: the offsets asked for and how it ended, such as "0 2: consistent" or "0 2 3: wants more".
std::string transcript(int limit, const std::vector<std::string>& pages, bool ignore_total = false) {
    pager pass(limit, ignore_total);
    std::string offsets;
    for (std::size_t i = 0; i < pages.size(); ++i) {
        offsets += fmt::format("{}{}", i == 0 ? "" : " ", pass.offset());
        const pager::step step = pass.add(make_page(pages[i]));
        if (step == pager::step::read_on)
            continue;
        std::string outcome = "refused";
        if (step == pager::step::done)
            outcome = pass.consistent() ? "consistent" : "inconsistent";
        if (i + 1 < pages.size())
            outcome += " too early";
        return offsets + ": " + outcome;
    }
    return fmt::format("{}: wants {}", offsets, pass.offset());
}

struct row {
    const char* what;
    int limit;
    std::vector<std::string> pages;
    std::string expected;
};

TEST(Pager, ReadsUpToTheTotal) {
    const std::vector<row> table{
        {"one page", 100, {"2 | a b"}, "0: consistent"},
        {"nothing", 100, {"0 |"}, "0: consistent"},
        {"two pages", 2, {"3 | a b", "3 | c"}, "0 2: consistent"},
        {"the next offset is what was received, not what was asked",
         100,
         {"5 | a b", "5 | c d", "5 | e"},
         "0 2 4: consistent"},
        {"a server with small pages of changing size",
         100,
         {"6 | a", "6 | b c d", "6 | e f"},
         "0 1 4: consistent"},
        {"after a full page one more is read", 2, {"2 | a b", "2 |"}, "0 2: consistent"},
        {"after full pages one more is read", 2, {"4 | a b", "4 | c d", "4 |"}, "0 2 4: consistent"},
        {"pages of one", 1, {"2 | a", "2 | b", "2 |"}, "0 1 2: consistent"},
        {"a full page that is not the last", 3, {"4 | a b c", "4 | d"}, "0 3: consistent"},
        {"more than was asked", 2, {"3 | a b c", "3 |"}, "0 3: consistent"},
        {"not there yet", 2, {"5 | a b", "5 | c d"}, "0 2: wants 4"},
        {"full and there, not sure yet", 2, {"2 | a b"}, "0: wants 2"},
        {"one more than the count says, beyond a full page", 2, {"2 | a b", "2 | c"}, "0 2: inconsistent"},
        {"a task appeared meanwhile", 2, {"3 | a b", "4 | c d", "4 |"}, "0 2 4: inconsistent"},
        {"a task went meanwhile, the rest moved up", 2, {"4 | a b", "3 | d"}, "0 2: inconsistent"},
        {"the total changed although the last one is right", 2, {"2 | a b", "3 | c"}, "0 2: inconsistent"},
        {"a total on the first page only", 2, {"3 | a b", "- | c", "- |"}, "0 2 3: inconsistent"},
        {"a total on the second page only", 2, {"- | a b", "3 | c"}, "0 2: inconsistent"},
    };
    for (const row& r : table) {
        SCOPED_TRACE(r.what);
        EXPECT_EQ(transcript(r.limit, r.pages), r.expected);
    }
}

TEST(Pager, EndsAtAnEmptyPageOrOneWithoutANewName) {
    const std::vector<row> table{
        {"fewer than the total", 2, {"5 | a b", "5 | c", "5 |"}, "0 2 3: inconsistent"},
        {"nothing of what the total says", 100, {"3 |"}, "0: inconsistent"},
        {"a server that ignores the offset", 2, {"4 | a b", "4 | a b"}, "0 2: inconsistent"},
        {"a server that ignores the offset and is done", 2, {"2 | a b", "2 | a b"}, "0 2: consistent"},
        {"an overlap", 2, {"3 | a b", "3 | b c", "3 |"}, "0 2 4: consistent"},
        {"an overlap that hides a task", 3, {"4 | a b c", "4 | c"}, "0 3: inconsistent"},
        {"the same name twice", 100, {"2 | a a"}, "0: inconsistent"},
        {"the same name twice, once too often", 100, {"1 | a a"}, "0: consistent"},
    };
    for (const row& r : table) {
        SCOPED_TRACE(r.what);
        EXPECT_EQ(transcript(r.limit, r.pages), r.expected);
    }
}

// What a pass says of names that came more than once.
std::vector<std::string> came_again(int limit, const std::vector<std::string>& pages) {
    pager pass(limit, false);
    for (const std::string& page : pages)
        pass.add(make_page(page));
    std::vector<std::string> names;
    for (const unexpected_value& value : pass.unexpected()) {
        EXPECT_EQ(value.field, "task_name");
        EXPECT_EQ(value.value, value.task);
        names.push_back(value.task);
    }
    return names;
}

TEST(Pager, ANameThatComesMoreThanOnceIsSaidOnce) {
    EXPECT_THAT(came_again(100, {"2 | a a"}), ElementsAre("a"));
    EXPECT_THAT(came_again(100, {"4 | b a a a"}), ElementsAre("a"));
    EXPECT_THAT(came_again(2, {"3 | a b", "3 | b c", "3 |"}), ElementsAre("b"));
    EXPECT_THAT(came_again(2, {"3 | a b", "3 | b"}), ElementsAre("b")); // another one is owed
    EXPECT_THAT(came_again(2, {"- | b a", "- | a c", "- |"}), ElementsAre("a"));
    EXPECT_THAT(came_again(2, {"4 | a b", "4 | a b"}), ElementsAre("a", "b"));
}

TEST(Pager, ANameThatComesAgainSaysNothingAtTheEndOfAListOrOfAListThatMoves) {
    EXPECT_THAT(came_again(2, {"2 | a b", "2 | a b"}), ElementsAre()); // the offset is ignored
    EXPECT_THAT(came_again(2, {"- | a b", "- | c d", "- | d"}), ElementsAre());
    EXPECT_THAT(came_again(2, {"3 | a b", "4 | b c", "4 |"}), ElementsAre()); // one came in front of them
}

TEST(Pager, OfANameThatComesTwiceTheAbnormalOneCounts) {
    struct twice {
        const char* first;
        const char* second;
        std::optional<status> counts;
    };
    for (const twice& r :
         {twice{"Yes", "No", status::no}, twice{"No", "Yes", status::no}, twice{"No", "", status::no},
          twice{"", "Yes", status::yes}, twice{"Yes", "", std::nullopt}}) {
        pager pass(100, false);
        pass.add(*cloud::decode_page(fmt::format(
            R"({{"total_count": 2, "replications": [{{"task_name": "a", "status": "{}", "stage": "full"}},
                {{"task_name": "a", "status": "{}", "stage": "full"}}]}})",
            r.first, r.second)));
        EXPECT_EQ(pass.tasks().at("a").status, r.counts) << r.first << ", " << r.second;
        EXPECT_EQ(pass.offset(), 2u);
        EXPECT_EQ(pass.tasks().size(), 1u);
    }
}

TEST(Pager, TheNoteOfTheFirstPageThatHasOneCounts) {
    pager pass(1, false);
    pass.add(*cloud::decode_page(R"({"total_count": 2, "replications": [{"task_name": "a"}]})"));
    pass.add(
        *cloud::decode_page(R"({"total_count": 2, "replications": [{"task_name": "b"}], "ext_text": "x"})"));
    pass.add(*cloud::decode_page(R"({"total_count": 2, "replications": [], "ext_text": "y"})"));
    EXPECT_EQ(pass.note(), "x");
}

TEST(Pager, WithoutATotalItReadsToAnEmptyOrAShorterPage) {
    const std::vector<row> table{
        {"nothing", 100, {"- |"}, "0: consistent"},
        {"one page and an empty one", 100, {"- | a b", "- |"}, "0 2: consistent"},
        {"a short page alone proves nothing", 100, {"- | a b"}, "0: wants 2"},
        {"a shorter page with new names proves nothing yet", 100, {"- | a b", "- | c"}, "0 2: wants 3"},
        {"several pages", 2, {"- | a b", "- | c", "- |"}, "0 2 3: consistent"},
        {"the last record over again", 2, {"- | a b", "- | c d", "- | d"}, "0 2 4: consistent"},
        {"the last record over again on the second page", 2, {"- | a b", "- | b"}, "0 2: consistent"},
        {"no shorter than a page before the last one",
         3,
         {"- | a b c", "- | d", "- | e f", "- | f"},
         "0 3 4 6: inconsistent"},
        {"the same page over again", 2, {"- | a b", "- | a b"}, "0 2: inconsistent"},
        {"a page over again that is no shorter than all before it",
         3,
         {"- | a b c", "- | d", "- | c d"},
         "0 3 4: inconsistent"},
        {"a longer page over again", 3, {"- | a b", "- | b a b"}, "0 2: inconsistent"},
    };
    for (const row& r : table) {
        SCOPED_TRACE(r.what);
        EXPECT_EQ(transcript(r.limit, r.pages), r.expected);
    }
}

TEST(Pager, WithATotalThatIsIgnoredItReadsAsWithoutOne) {
    const std::vector<row> table{
        {"too high", 100, {"50 | a b", "50 |"}, "0 2: consistent"},
        {"too low", 100, {"1 | a b", "1 |"}, "0 2: consistent"},
        {"reached, but no proof", 100, {"2 | a b"}, "0: wants 2"},
        {"changing", 2, {"2 | a b", "9 | c", "- |"}, "0 2 3: consistent"},
        {"the same page over again", 2, {"2 | a b", "2 | a b"}, "0 2: inconsistent"},
    };
    for (const row& r : table) {
        SCOPED_TRACE(r.what);
        EXPECT_EQ(transcript(r.limit, r.pages, true), r.expected);
    }
}

TEST(Pager, UnusableNamesCountAsReceivedAndSeen) {
    const std::vector<row> table{
        {"beside others", 100, {"3 | a ? b"}, "0: consistent"},
        {"alone", 100, {"1 | ?"}, "0: consistent"},
        {"in the offset", 2, {"3 | a ?", "3 | b"}, "0 2: consistent"},
        {"not told apart", 100, {"2 | ? ?"}, "0: consistent"},
        {"a page of nothing else has no new name", 2, {"6 | a b", "6 | ? ?"}, "0 2: inconsistent"},
        {"more than the total", 100, {"1 | a ?"}, "0: inconsistent"},
    };
    for (const row& r : table) {
        SCOPED_TRACE(r.what);
        EXPECT_EQ(transcript(r.limit, r.pages), r.expected);
    }
}

// A list of `count` tasks, in pages of 100.
std::vector<cloud::page> long_list(std::size_t count) {
    std::vector<cloud::page> pages;
    for (std::size_t at = 0; at < count; at += 100) {
        cloud::page page;
        page.total_count = count;
        page.records = std::min<std::size_t>(100, count - at);
        for (std::size_t i = 0; i < page.records; ++i) {
            task_reading task;
            task.name = fmt::format("t{}", at + i);
            page.tasks.push_back(std::move(task));
        }
        pages.push_back(std::move(page));
    }
    return pages;
}

TEST(Pager, Takes10000Records) {
    pager pass(100, false);
    for (cloud::page& page : long_list(10'000))
        ASSERT_EQ(pass.add(std::move(page)), pager::step::read_on);
    EXPECT_EQ(pass.offset(), 10'000u);
    EXPECT_EQ(pass.add(make_page("10000 |")), pager::step::done);
    EXPECT_TRUE(pass.consistent());
}

TEST(Pager, RefusesMoreThan10000Records) {
    pager pass(100, false);
    auto pages = long_list(10'001);
    for (std::size_t i = 0; i + 1 < pages.size(); ++i)
        ASSERT_EQ(pass.add(std::move(pages[i])), pager::step::read_on);
    EXPECT_EQ(pass.add(std::move(pages.back())), pager::step::too_many);
}

TEST(Pager, RefusesAListWithoutAnEnd) {
    pager pass(1, false);
    auto step = pager::step::read_on;
    int pages = 0;
    for (; step == pager::step::read_on && pages < 20'000; ++pages)
        step = pass.add(make_page(fmt::format("{} | t{}", pages + 2, pages)));
    EXPECT_EQ(step, pager::step::too_many);
    EXPECT_EQ(pages, 10'001);
}

TEST(Pager, KeepsTheLaterRecordOfANameAndEveryUnexpectedValue) {
    pager pass(2, false);
    cloud::page first = make_page("3 | a ?");
    first.tasks[0].percentage = 1;
    first.unexpected.push_back({"a", "status", "first"});
    cloud::page second = make_page("3 | b a");
    second.tasks[1].percentage = 2;
    second.unexpected.push_back({"a", "status", "second"});
    pass.add(std::move(first));
    pass.add(std::move(second));

    EXPECT_EQ(pass.tasks().at("a").percentage, 2);
    EXPECT_THAT(pass.names(), ElementsAre("a", "b"));
    EXPECT_TRUE(pass.saw_unusable_names());
    EXPECT_THAT(pass.unexpected(), ElementsAre(unexpected_value{"", "task_name", "absent"},
                                               unexpected_value{"a", "status", "first"},
                                               unexpected_value{"a", "status", "second"}));
}

// The names t1 t2 … from `first` on, as make_page wants them.
std::string many(int count, int first = 1) {
    std::string names;
    for (int i = first; i < first + count; ++i)
        names += fmt::format(" t{}", i);
    return names;
}

TEST(Pager, KnowsATotalThatCountsThePage) {
    struct list {
        const char* what;
        int limit;
        std::vector<std::string> pages;
        bool proven;
        bool contradicts;
    };
    const std::vector<list> table{
        {"full pages, the last one short", 2, {"2 | a b", "2 | c d", "1 | e"}, true, true},
        {"full pages only", 2, {"2 | a b", "2 | c d", "0 |"}, true, true},
        {"one full page, or a list that was emptied after it", 2, {"2 | a b", "0 |"}, false, true},
        {"the same total on all pages", 2, {"2 | a b", "2 | c d", "2 |"}, false, true},
        {"beyond the end the last ones again", 2, {"2 | a b", "2 | c d", "1 | d"}, false, true},
        {"pages shorter than asked for: the first one ends it", 100, {"10 |" + many(10)}, false, false},
        {"a total of all", 2, {"3 | a b", "3 | c"}, false, false},
        {"a total of all, and one record came meanwhile", 2, {"2 | a b", "3 | c"}, false, false},
        {"a server that ignores the offset, and another task",
         2,
         {"2 | a b", "2 | a c", "1 | a"},
         false,
         true},
        {"no record", 2, {"0 |"}, false, false},
    };
    for (const list& each : table) {
        pager pass(each.limit, false);
        for (const std::string& page : each.pages)
            pass.add(make_page(page));
        EXPECT_EQ(pass.proves_total_of_page(), each.proven) << each.what;
        EXPECT_EQ(pass.contradicts_its_total(), each.contradicts) << each.what;
    }
}

TEST(Pager, Takes10000RecordsWhereTheServerRepeatsTheLastOnesBeyondTheEnd) {
    pager pass(100, false);
    auto pages = long_list(10'000);
    const cloud::page last = pages.back();
    for (cloud::page& page : pages)
        ASSERT_EQ(pass.add(std::move(page)), pager::step::read_on);
    EXPECT_EQ(pass.add(last), pager::step::done);
    EXPECT_TRUE(pass.consistent());
}

TEST(Pager, ContradictsItsTotalWithOneTotalAndARecord) {
    struct contradiction {
        const char* what;
        std::vector<std::string> pages;
        bool expected;
    };
    const std::vector<contradiction> table{
        {"too many", {"1 | a b"}, true},         {"too few", {"3 | a b", "3 |"}, true},
        {"as it says", {"2 | a b"}, false},      {"totals that differ", {"3 | a b", "4 |"}, false},
        {"no total", {"- | a b", "- |"}, false}, {"no record", {"3 |"}, false},
    };
    for (const contradiction& c : table) {
        SCOPED_TRACE(c.what);
        pager pass(100, false);
        for (const std::string& page : c.pages)
            pass.add(make_page(page));
        EXPECT_EQ(pass.contradicts_its_total(), c.expected);
    }
}

} // namespace
} // namespace replmond::tracking
