#include "daemon/store/writer.hpp"
#include "tests/store/samples.hpp"
#include "tests/store/temporary_directory.hpp"

#include <gmock/gmock.h>

namespace replmond::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using std::string_literals::operator""s;

struct Writer : ::testing::Test {
    temporary_directory at;
    std::string path = at / "state.db";
    std::vector<event> printed;
    int write_errors = 0;
    moment now{noon, std::chrono::steady_clock::time_point(std::chrono::hours(1))};
    writer_settings settings;

    writer made(std::optional<database> file) {
        return {std::move(file), settings, [this](const event& e) { printed.push_back(e); },
                [this] { ++write_errors; }};
    }
    writer on_file() { return made(database::open(path, noon).value()); }

    void pass(milliseconds time) {
        now.wall += time;
        now.up += time;
    }

    // A write fails as long as there is a trigger that says so.
    void break_writes() {
        const auto done =
            connection::open(path, access::read_write)
                .value()
                .run("CREATE TRIGGER no BEFORE INSERT ON events BEGIN SELECT RAISE(FAIL, 'broken'); END");
        ASSERT_TRUE(done) << done.error().text;
    }
    void mend_writes() {
        ASSERT_TRUE(connection::open(path, access::read_write).value().run("DROP TRIGGER no"));
    }

    static outbox events(std::uint64_t first, std::uint64_t last) {
        outbox box;
        batch what;
        for (std::uint64_t id = first; id <= last; ++id)
            what.events.push_back(sample_event(id));
        box.add(std::move(what));
        return box;
    }

    std::vector<std::string> words() {
        std::vector<std::string> said;
        for (const event& e : std::exchange(printed, {}))
            said.push_back(e.id ? std::to_string(*e.id) + (e.find("replayed") != nullptr ? " again" : "")
                                : e.name);
        return said;
    }

    std::vector<std::uint64_t> stored() {
        std::vector<std::uint64_t> ids;
        connection file = open_for_reading(path).value();
        auto query = file.prepare("SELECT id FROM events ORDER BY id").value();
        while (query.step().value())
            ids.push_back(static_cast<std::uint64_t>(*query.integer(0)));
        return ids;
    }
};

TEST_F(Writer, CommitsBeforeItPrintsAndAcknowledgesAfter) {
    auto file = database::open(path, noon);
    std::vector<std::int64_t> seen;
    const auto look = [&](const char* sql) { return open_for_reading(path).value().number(sql).value(); };
    writer w(
        std::move(file.value()), settings,
        [&](const event&) {
            seen.push_back(look("SELECT count(*) FROM events"));
            seen.push_back(look("SELECT coalesce((SELECT value FROM meta WHERE key = 'printed_up_to'), 0)"));
        },
        [] {});
    w.take(events(1, 2), now);
    EXPECT_THAT(seen, ElementsAre(2, 0, 2, 0));
    EXPECT_EQ(look("SELECT value FROM meta WHERE key = 'printed_up_to'"), 2);
}

TEST_F(Writer, PrintsAgainWhatMayNotHaveBeenPrinted) {
    {
        database db = database::open(path, noon).value();
        batch what;
        what.events = {sample_event(1), sample_event(2)};
        ASSERT_TRUE(db.commit(what, 1));
    }
    {
        writer w = on_file();
        w.replay(now);
        EXPECT_EQ(printed.at(0).find("replayed"), &printed.at(0).fields.back().second);
        EXPECT_THAT(words(), ElementsAre("2 again"));
    }
    writer w = on_file();
    w.replay(now);
    EXPECT_THAT(words(), IsEmpty());
}

TEST_F(Writer, PrintsWhileWritingFailsAndWritesAllOfItLater) {
    writer w = on_file();
    w.take(events(1, 1), now);
    break_writes();
    w.take(events(2, 3), now);
    EXPECT_THAT(words(), ElementsAre("1", "state_write_failed", "2", "3"));
    EXPECT_EQ(write_errors, 1);
    EXPECT_EQ(w.unsaved_events(), 2u);

    pass(milliseconds(999));
    w.take(events(4, 4), now); // not tried again yet
    EXPECT_EQ(write_errors, 1);
    mend_writes();
    EXPECT_EQ(w.tick(now), now.up + milliseconds(1));
    EXPECT_THAT(stored(), ElementsAre(1));
    pass(milliseconds(1));
    w.tick(now);
    EXPECT_THAT(words(), ElementsAre("4", "state_write_recovered"));
    EXPECT_THAT(stored(), ElementsAre(1, 2, 3, 4));
    EXPECT_EQ(w.unsaved_events(), 0u);
    EXPECT_EQ(write_errors, 1);

    writer again = (w = made(std::nullopt), on_file());
    again.replay(now);
    EXPECT_THAT(words(), IsEmpty()); // the commit said that they were printed
}

TEST_F(Writer, BacksOffAndSaysItOnceAnHour) {
    writer w = on_file();
    break_writes();
    w.take(events(1, 1), now);
    std::vector<std::int64_t> waits;
    for (int i = 0; i < 7; ++i) {
        const auto due = w.tick(now);
        waits.push_back(std::chrono::round<std::chrono::seconds>(due - now.up).count());
        pass(std::chrono::round<milliseconds>(due - now.up));
        w.tick(now);
    }
    EXPECT_THAT(waits, ElementsAre(1, 2, 4, 8, 16, 30, 30));
    EXPECT_EQ(write_errors, 8);
    EXPECT_THAT(words(), ElementsAre("state_write_failed", "1"));
    pass(std::chrono::hours(1));
    w.tick(now);
    EXPECT_THAT(words(), ElementsAre("state_write_failed"));
}

TEST_F(Writer, GivesUpTheOldestEventsButNoState) {
    settings.most_unsaved = 3;
    writer w = on_file();
    break_writes();
    outbox box = events(1, 5);
    box.unsaved().tasks[{orders, "a"}] = full_task("a");
    w.take(std::move(box), now);
    EXPECT_EQ(w.not_stored(), 2u);
    mend_writes();
    pass(std::chrono::seconds(1));
    w.tick(now);
    EXPECT_THAT(stored(), ElementsAre(3, 4, 5));
    EXPECT_EQ(open_for_reading(path).value().number("SELECT count(*) FROM tasks").value(), 1);
    EXPECT_EQ(std::get<decimal>(*printed.back().find("events_not_stored")).text, "2");
    EXPECT_THAT(words(), ElementsAre("state_write_failed", "1", "2", "3", "4", "5", "state_write_recovered"));
}

TEST_F(Writer, TriesALastTimeAtTheEnd) {
    writer w = on_file();
    break_writes();
    w.take(events(1, 1), now);
    mend_writes();
    w.finish(now);
    EXPECT_THAT(stored(), ElementsAre(1));
}

TEST_F(Writer, PrunesEveryMinute) {
    settings.retention = std::chrono::hours(1);
    writer w = on_file();
    const auto due = w.tick(now);
    EXPECT_EQ(due, now.up + std::chrono::minutes(1));
    w.take(events(1, 600), now);
    pass(std::chrono::hours(1) + milliseconds(1));
    EXPECT_LT(w.tick(now), now.up + std::chrono::seconds(1)); // there is more
    EXPECT_EQ(stored().size(), 100u);
    pass(std::chrono::seconds(1));
    EXPECT_EQ(w.tick(now), now.up + std::chrono::minutes(1));
    EXPECT_THAT(stored(), IsEmpty());
}

TEST_F(Writer, WithoutAFileItPrints) {
    writer w = made(std::nullopt);
    w.replay(now);
    w.take(events(1, 2), now);
    EXPECT_EQ(w.tick(now), std::chrono::steady_clock::time_point::max());
    w.finish(now);
    EXPECT_THAT(words(), ElementsAre("1", "2"));
    EXPECT_TRUE(w.find({}).value().empty());
    EXPECT_EQ(w.unsaved_events(), 0u);
}

TEST_F(Writer, SaysWhatWasDropped) {
    outbox box({1, 2});
    batch three;
    three.events = {sample_event(1), sample_event(2), sample_event(3)};
    box.add_plain(plain_event("plain"));
    box.add_plain(plain_event("too many"));
    box.add(three);
    writer w = on_file();
    w.take(std::move(box), now);
    ASSERT_FALSE(printed.empty());
    EXPECT_EQ(std::get<decimal>(*printed.back().find("lines")).text, "1");
    EXPECT_EQ(std::get<decimal>(*printed.back().find("events")).text, "1");
    EXPECT_THAT(words(), ElementsAre("plain", "2", "3", "lines_dropped"));
    EXPECT_THAT(stored(), ElementsAre(2, 3));
}

TEST(Outbox, KeepsTheOrderOfLinesAndTheNewestState) {
    outbox box;
    EXPECT_TRUE(box.empty());
    batch first;
    first.events = {sample_event(1)};
    first.tasks[{orders, "a"}] = full_task("a");
    box.add(first);
    box.add_plain(plain_event("plain"));
    batch second;
    second.events = {sample_event(2)};
    second.tasks[{orders, "a"}] = std::nullopt;
    box.add(second);

    outbox taken = box.take();
    EXPECT_TRUE(box.empty());
    ASSERT_EQ(taken.lines().size(), 3u);
    EXPECT_EQ(taken.lines()[0].what, sample_event(1).what);
    EXPECT_EQ(taken.lines()[1].what.name, "plain");
    EXPECT_FALSE(taken.lines()[1].kept);
    EXPECT_EQ(taken.lines()[2].what, sample_event(2).what);
    EXPECT_THAT(taken.unsaved().events, ElementsAre(sample_event(1), sample_event(2)));
    EXPECT_EQ(taken.unsaved().tasks.size(), 1u);
    EXPECT_FALSE(taken.unsaved().tasks.begin()->second.has_value());
}

TEST(Outbox, StatesAloneAreWorkToo) {
    outbox box;
    batch states;
    states.instances[orders] = full_instance();
    box.add(states);
    EXPECT_FALSE(box.empty());
    EXPECT_EQ(box.take().unsaved().instances.size(), 1u);
}

} // namespace
} // namespace replmond::store
