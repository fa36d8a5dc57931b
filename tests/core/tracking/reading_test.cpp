#include "daemon/core/tracking/reading.hpp"
#include "tests/support/wire.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <vector>

namespace replmond::tracking {
namespace {

using test::make_page;
using ::testing::IsEmpty;

using names = std::set<std::string>;

// Polls one instance over and over, as its poller would, from scripted pages.
class polling {
public:
    explicit polling(int limit = 100) : limit_(limit) {}

    // A poll's transcript: the offsets asked for, then what came out of it, such as
    // "0 2: consistent, saw a b, gone c". The known tasks become what the poll leaves.
    std::string poll(const std::vector<std::string>& pages) {
        list_reading progress(
            memory, [this] { return known; }, limit_);
        std::vector<std::size_t> offsets;
        auto step = list_reading::step::read_on;
        for (const std::string& page : pages) {
            if (step != list_reading::step::read_on)
                return fmt::format("{}: ended too early", fmt::join(offsets, " "));
            offsets.push_back(progress.offset());
            step = progress.add(make_page(page));
        }
        if (step == list_reading::step::read_on)
            return fmt::format("{}: wants {}", fmt::join(offsets, " "), progress.offset());
        if (step == list_reading::step::too_many)
            return fmt::format("{}: refused", fmt::join(offsets, " "));

        memory = progress.memory();
        last = progress.take_reading();
        std::string text =
            fmt::format("{}: {}", fmt::join(offsets, " "), last.consistent ? "consistent" : "inconsistent");
        if (!last.tasks.empty())
            text += ", saw";
        for (const auto& [name, task] : last.tasks) {
            text += " " + name;
            known.insert(name);
        }
        if (!last.gone.empty())
            text += fmt::format(", gone {}", fmt::join(last.gone, " "));
        for (const std::string& name : last.gone)
            known.erase(name);
        if (last.distrusted_total)
            text += fmt::format(", distrusts {}", *last.distrusted_total);
        return text;
    }

    reading_memory memory;
    names known;
    reading last;

private:
    int limit_;
};

struct field_row {
    const char* what;
    int limit;
    names known;
    std::vector<std::string> pages;
    std::string expected;
};

void check(const std::vector<field_row>& table) {
    for (const field_row& r : table) {
        SCOPED_TRACE(r.what);
        polling p(r.limit);
        p.known = r.known;
        EXPECT_EQ(p.poll(r.pages), r.expected);
    }
}

TEST(Reading, AConsistentPassIsEnough) {
    check({
        {"first sight", 100, {}, {"2 | a b"}, "0: consistent, saw a b"},
        {"the same again", 100, {"a", "b"}, {"2 | b a"}, "0: consistent, saw a b"},
        {"one more", 100, {"a"}, {"2 | a b"}, "0: consistent, saw a b"},
        {"several pages", 2, {"a"}, {"3 | a b", "3 | c"}, "0 2: consistent, saw a b c"},
        {"nothing before, nothing now", 100, {}, {"0 |"}, "0: consistent"},
    });
}

TEST(Reading, AnInconsistentPassIsRepeatedAtMostTwice) {
    check({
        {"better at once",
         2,
         {},
         {"3 | a b", "4 | c d", "4 |", "4 | a b", "4 | c d", "4 |"},
         "0 2 4 0 2 4: consistent, saw a b c d"},
        {"better the second time",
         100,
         {},
         {"3 | a", "3 |", "3 | a", "3 |", "1 | a"},
         "0 1 0 1 0: consistent, saw a"},
        {"no better",
         100,
         {},
         {"3 | a", "3 |", "3 | a", "3 |", "3 | b", "3 |"},
         "0 1 0 1 0 1: inconsistent, saw b"},
        {"repeats are over", 100, {}, {"3 | a", "3 |", "3 | a", "3 |", "3 | a"}, "0 1 0 1 0: wants 1"},
    });
}

TEST(Reading, AnInconsistentReadingDeclaresNobodyGone) {
    check({
        {"fewer than the total",
         100,
         {"a", "b", "c"},
         {"3 | a", "3 |", "3 | a", "3 |", "3 | a", "3 |"},
         "0 1 0 1 0 1: inconsistent, saw a"},
        {"nothing at all", 100, {"a"}, {"1 |", "1 |", "1 |"}, "0 0 0: inconsistent"},
    });
}

TEST(Reading, AfterAnInconsistentPollNoneIsRepeated) {
    polling p;
    EXPECT_EQ(p.poll({"3 | a", "3 |", "3 | b", "3 |", "3 | c", "3 |"}), "0 1 0 1 0 1: inconsistent, saw c");
    EXPECT_EQ(p.poll({"3 | a", "3 |"}), "0 1: inconsistent, saw a");
    EXPECT_EQ(p.poll({"3 | b", "3 |"}), "0 1: inconsistent, saw b");
    EXPECT_EQ(p.poll({"1 | b", "1 | b"}), "0 0: consistent, saw b, gone a c");
    EXPECT_EQ(p.poll({"3 | a b c"}), "0: consistent, saw a b c");
    EXPECT_EQ(p.poll({"3 | a", "3 |", "3 | a b c"}), "0 1 0: consistent, saw a b c"); // and repeats are back
}

TEST(Reading, ALossIsConfirmedByASecondLook) {
    check({
        {"one task", 100, {"a", "b"}, {"1 | a", "1 | a"}, "0 0: consistent, saw a, gone b"},
        {"every task", 100, {"a", "b"}, {"0 |", "0 |"}, "0 0: consistent, gone a b"},
        {"it comes back", 100, {"a", "b"}, {"1 | a", "2 | a b"}, "0 0: consistent, saw a b"},
        {"gone is what both lack",
         100,
         {"a", "b", "c"},
         {"1 | a", "1 | b"},
         "0 0: consistent, saw b, gone c"},
        {"lost by the second only", 100, {"a", "b"}, {"1 | a", "1 | b"}, "0 0: consistent, saw b"},
        {"a new task in between", 100, {"a", "b"}, {"1 | a", "2 | a c"}, "0 0: consistent, saw a c, gone b"},
        {"over several pages",
         2,
         {"a", "b", "c", "d"},
         {"3 | a b", "3 | c", "3 | a b", "3 | c"},
         "0 2 0 2: consistent, saw a b c, gone d"},
        {"a first look that is inconsistent does not count",
         100,
         {"a", "b"},
         {"2 | a", "2 |", "1 | a", "1 | a"},
         "0 1 0 0: consistent, saw a, gone b"},
        {"a second look that is inconsistent is repeated",
         100,
         {"a", "b"},
         {"1 | a", "2 | a", "2 |", "1 | a"},
         "0 0 1 0: consistent, saw a, gone b"},
        {"a second look that stays inconsistent proves nothing",
         100,
         {"a", "b"},
         {"1 | a", "2 | a", "2 |", "2 | a", "2 |", "2 | a", "2 |"},
         "0 0 1 0 1 0 1: inconsistent, saw a"},
        {"not confirmed yet", 100, {"a", "b"}, {"1 | a"}, "0: wants 0"},
    });
}

TEST(Reading, AfterAnInconsistentPollALossIsConfirmedToo) {
    polling p;
    p.known = {"a", "b"};
    p.memory.last_inconsistent = true;
    EXPECT_EQ(p.poll({"1 | a", "1 | a"}), "0 0: consistent, saw a, gone b");

    p.known = {"a", "b"};
    p.memory.last_inconsistent = true;
    EXPECT_EQ(p.poll({"1 | a", "2 | a", "2 |"}), "0 0 1: inconsistent, saw a"); // not repeated
}

TEST(Reading, WithAnUnusableNameNobodyIsGone) {
    check({
        {"it may be the lost one", 100, {"a", "b"}, {"2 | a ?"}, "0: consistent, saw a"},
        {"alone", 100, {"a", "b"}, {"1 | ?"}, "0: consistent"},
        {"in the first look: no second", 100, {"a", "b", "c"}, {"2 | a ?"}, "0: consistent, saw a"},
        {"in the second look", 100, {"a", "b"}, {"1 | a", "2 | a ?"}, "0 0: consistent, saw a"},
    });
}

TEST(Reading, WithoutATotalTheEndDecides) {
    check({
        {"an empty page", 100, {}, {"- | a b", "- |"}, "0 2: consistent, saw a b"},
        {"an empty list", 100, {"a"}, {"- |", "- |"}, "0 0: consistent, gone a"},
        {"a loss", 100, {"a", "b"}, {"- | a", "- |", "- | a", "- |"}, "0 1 0 1: consistent, saw a, gone b"},
        {"a server that ignores the offset",
         100,
         {"a", "b", "c"},
         {"- | a b", "- | a b", "- | a b", "- | a b", "- | a b", "- | a b"},
         "0 2 0 2 0 2: inconsistent, saw a b"},
    });
}

TEST(Reading, MoreThan10000RecordsAreRefused) {
    std::string page = "20000 |";
    for (int i = 0; i < 5'001; ++i)
        page += fmt::format(" t{}", i);
    std::string other = "20000 |";
    for (int i = 0; i < 5'000; ++i)
        other += fmt::format(" u{}", i);
    EXPECT_EQ(polling().poll({other, page}), "0 5000: refused");
    EXPECT_EQ(polling().poll({page, page}).substr(0, 8), "0 5001: "); // over again in the first pass
}

const std::vector<std::string> two_of_fifty{"50 | a b", "50 |"};
const std::vector<std::string> two_of_fifty_thrice{"50 | a b", "50 |",     "50 | a b",
                                                   "50 |",     "50 | a b", "50 |"};

TEST(ReadingTotal, IsDistrustedAfterThreePollsThatContradictItAlike) {
    polling p;
    EXPECT_EQ(p.poll(two_of_fifty_thrice), "0 2 0 2 0 2: inconsistent, saw a b");
    EXPECT_EQ(p.poll(two_of_fifty), "0 2: inconsistent, saw a b");
    EXPECT_EQ(p.poll(two_of_fifty), "0 2: consistent, saw a b, distrusts 50"); // it ended at an empty page
    EXPECT_EQ(p.poll(two_of_fifty), "0 2: consistent, saw a b");               // said once
    EXPECT_EQ(p.poll({"50 | a", "50 |", "50 | a", "50 |"}), "0 1 0 1: consistent, saw a, gone b");
}

TEST(ReadingTotal, MayBeTooLow) {
    polling p;
    EXPECT_EQ(p.poll({"1 | a b", "1 | a b", "1 | a b"}), "0 0 0: inconsistent, saw a b");
    EXPECT_EQ(p.poll({"1 | a b"}), "0: inconsistent, saw a b");
    // The rule for an absent one: it ended because of the count, so nothing proves that this is all.
    EXPECT_EQ(p.poll({"1 | a b"}), "0: inconsistent, saw a b, distrusts 1");
    EXPECT_EQ(p.poll({"1 | a b", "1 |"}), "0 2: consistent, saw a b");
}

TEST(ReadingTotal, TheLossesOfTheDistrustingPollAreConfirmedAsWell) {
    polling p;
    p.poll(two_of_fifty_thrice);
    p.poll(two_of_fifty);
    p.known.insert("c");
    EXPECT_EQ(p.poll({"50 | a b", "50 |", "50 | a b", "50 |"}),
              "0 2 0 2: consistent, saw a b, gone c, distrusts 50");
}

TEST(ReadingTotal, IsStillTrustedWhereTheContradictionsDiffer) {
    struct contradiction {
        const char* what;
        std::vector<std::string> second;
    };
    const std::vector<contradiction> table{
        {"other names", {"50 | a c", "50 |"}},
        {"one name more", {"50 | a b c", "50 |"}},
        {"totals that differ between pages", {"50 | a b", "49 |"}},
        {"no record", {"50 |"}},
        {"no total", {"- | a b", "- |"}},
        {"no contradiction", {"2 | a b"}},
    };
    for (const contradiction& c : table) {
        SCOPED_TRACE(c.what);
        polling p;
        p.poll(two_of_fifty_thrice);
        EXPECT_EQ(p.poll(c.second).find("distrusts"), std::string::npos);
        p.known = {"a", "b"};
        p.memory.last_inconsistent = true; // one pass is enough here
        EXPECT_EQ(p.poll(two_of_fifty), "0 2: inconsistent, saw a b");
        EXPECT_EQ(p.poll(two_of_fifty), "0 2: inconsistent, saw a b");
        EXPECT_EQ(p.poll(two_of_fifty), "0 2: consistent, saw a b, distrusts 50");
    }
}

TEST(ReadingTotal, MayDifferBetweenThePolls) {
    polling p;
    p.poll(two_of_fifty_thrice);
    p.poll({"60 | a b", "60 |"});
    EXPECT_EQ(p.poll({"70 | a b", "70 |"}), "0 2: consistent, saw a b, distrusts 70");
}

TEST(ReadingTotal, AFailedPollEndsTheRow) {
    polling p;
    p.poll(two_of_fifty_thrice);
    p.poll(two_of_fifty);
    p.memory = after_failed_poll(p.memory);
    // The poll before this one was not inconsistent: it is repeated again, and the row begins anew.
    EXPECT_EQ(p.poll(two_of_fifty_thrice), "0 2 0 2 0 2: inconsistent, saw a b");
    EXPECT_EQ(p.poll(two_of_fifty), "0 2: inconsistent, saw a b");
    EXPECT_EQ(p.poll(two_of_fifty), "0 2: consistent, saw a b, distrusts 50");

    p.memory = after_failed_poll(p.memory);
    EXPECT_EQ(p.poll(two_of_fifty), "0 2: consistent, saw a b"); // what was learned stays
}

TEST(ReadingTotal, OfThePageIsDistrustedAtOnceWhereItIsProven) {
    polling p(2);
    EXPECT_EQ(p.poll({"2 | a b", "1 | c"}), "0 2: consistent, saw a b c, distrusts 1");
    const std::vector<std::string> pages{"2 | a b", "1 | c", "0 |"};
    EXPECT_EQ(p.poll(pages), "0 2 3: consistent, saw a b c"); // said once
    EXPECT_EQ(p.poll({"2 | a b", "0 |", "2 | a b", "0 |"}), "0 2 0 2: consistent, saw a b, gone c");
}

// One full page, then an empty one that counts 0: the list may have been emptied in between. Not three times.
TEST(ReadingTotal, OfOneFullPageIsDistrustedAfterThreePolls) {
    polling p(2);
    EXPECT_EQ(p.poll({"2 | a b", "0 |", "2 | a b", "0 |", "2 | a b", "0 |"}),
              "0 2 0 2 0 2: inconsistent, saw a b");
    EXPECT_EQ(p.poll({"2 | a b", "0 |"}), "0 2: inconsistent, saw a b");
    EXPECT_EQ(p.poll({"2 | a b", "0 |"}), "0 2: consistent, saw a b, distrusts 0");
}

TEST(ReadingTotal, IsTrustedWhereTheListWasEmptiedMeanwhile) {
    polling p(2);
    p.known = {"a", "b"};
    EXPECT_EQ(p.poll({"2 | a b", "0 |", "0 |", "0 |"}), "0 2 0 0: consistent, gone a b");
}

TEST(Reading, TellsTheUnexpectedValuesOfTheLastPassOnly) {
    polling p;
    p.known = {"lost"};
    EXPECT_EQ(p.poll({"2 | a ?"}), "0: consistent, saw a");
    EXPECT_EQ(p.last.unexpected, (std::vector<unexpected_value>{{"", "task_name", "absent"}}));

    p.poll({"3 | a ?", "3 |", "2 | a ?"}); // repeated: each still counts once
    EXPECT_EQ(p.last.unexpected.size(), 1u);

    p.poll({"1 | a", "1 | a"});
    EXPECT_THAT(p.last.unexpected, IsEmpty());
}

} // namespace
} // namespace replmond::tracking
