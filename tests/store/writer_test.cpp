#include "daemon/core/model/event.hpp"
#include "daemon/store/writer.hpp"
#include "tests/store/samples.hpp"
#include "tests/store/temporary_directory.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <variant>

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

TEST_F(Writer, AFileThatWasRemovedIsBegunAnew) {
    writer w = on_file();
    w.take(events(1, 2), now);
    words();
    std::filesystem::remove(path);
    w.take(events(3, 3), now);
    EXPECT_EQ(printed.at(0).message, "the state file was removed; replmond began a new one");
    EXPECT_EQ(printed.at(0).find("set_aside_as"), nullptr);
    EXPECT_THAT(words(), ElementsAre("state_set_aside", "3"));
    EXPECT_THAT(stored(), ElementsAre(3));
    EXPECT_EQ(write_errors, 1);
    w.take(events(4, 4), now);
    EXPECT_THAT(stored(), ElementsAre(3, 4));
}

TEST_F(Writer, AFileThatWasReplacedIsSetAsideAndANewOneBegun) {
    const std::string other = at / "other.db";
    { const database made = database::open(other, noon).value(); }
    writer w = on_file();
    w.take(events(1, 2), now);
    words();
    std::filesystem::rename(other, path);
    w.take(events(3, 3), now);
    const event told = printed.at(0);
    EXPECT_EQ(
        told.message,
        "another file took the place of the state file; replmond set that file aside and began a new one");
    const std::string aside = std::get<std::string>(*told.find("set_aside_as"));
    EXPECT_TRUE(std::filesystem::exists(aside)) << aside;
    EXPECT_THAT(stored(), ElementsAre(3));
}

// Also where nothing happens.
TEST_F(Writer, AFileThatIsGoneIsNoticedWithinAMinute) {
    writer w = on_file();
    w.take(events(1, 1), now);
    w.tick(now);
    words();
    std::filesystem::remove(path);
    pass(std::chrono::minutes(1));
    w.tick(now);
    EXPECT_THAT(words(), ElementsAre("state_set_aside"));
    EXPECT_TRUE(std::filesystem::exists(path));
}

TEST_F(Writer, AFileThatIsRemovedAgainAndAgainIsAFailedWrite) {
    writer w = on_file();
    w.take(events(1, 1), now);
    for (int i = 0; i < 2; ++i) {
        std::filesystem::remove(path);
        w.take(events(2 + static_cast<std::uint64_t>(i), 2 + static_cast<std::uint64_t>(i)), now);
    }
    EXPECT_THAT(words(), ElementsAre("1", "state_set_aside", "2", "state_write_failed", "3"));
    pass(settings.begun_anew_again);
    w.tick(now);
    EXPECT_THAT(words(), ElementsAre("state_set_aside", "state_write_recovered"));
    EXPECT_THAT(stored(), ElementsAre(3));
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

// Whoever set the clock wrong and right again has removed nothing.
TEST_F(Writer, AClockThatJumpsRemovesNoHistory) {
    settings.retention = std::chrono::hours(24 * 30);
    writer w = on_file();
    w.take(events(1, 3), now);
    w.tick(now);
    now.wall += std::chrono::hours(24 * 60);
    for (int minute = 0; minute < 3; ++minute) {
        w.tick(now);
        pass(std::chrono::minutes(1));
    }
    {
        writer restarted = (w = made(std::nullopt), on_file()); // also over a restart in between
        restarted.replay(now);
        restarted.tick(now);
        pass(std::chrono::minutes(1));
        restarted.tick(now);
    }
    now.wall -= std::chrono::hours(24 * 60);
    w = on_file();
    w.tick(now);
    EXPECT_THAT(stored(), ElementsAre(1, 2, 3));
}

// What happened while it was down for long is believed once the clock has gone evenly for a day.
TEST_F(Writer, AfterALongTimeDownItPrunesADayLater) {
    settings.retention = std::chrono::hours(24 * 30);
    {
        writer w = on_file();
        w.take(events(1, 3), now);
        w.tick(now);
    }
    now.wall += std::chrono::hours(24 * 60);
    now.up = {};
    writer w = on_file();
    w.tick(now);
    for (int hour = 0; hour < 23; ++hour) {
        pass(std::chrono::hours(1));
        w.tick(now);
    }
    EXPECT_THAT(stored(), ElementsAre(1, 2, 3));
    pass(std::chrono::hours(1));
    w.tick(now);
    EXPECT_THAT(stored(), IsEmpty());
}

// No bit of the pages is what it was; SQLite has none of them in memory.
void damage_all_but_the_header(const std::string& path) {
    ASSERT_TRUE(connection::open(path, access::read_write).value().run("PRAGMA wal_checkpoint(TRUNCATE)"));
    const auto size = std::filesystem::file_size(path);
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(100);
    file << std::string(size - 100, '\x5A');
}

TEST_F(Writer, DamageThatShowsWhileItRunsIsSetAside) {
    int anew = 0;
    writer w(
        database::open(path, noon).value(), settings, [this](const event& e) { printed.push_back(e); },
        [this] { ++write_errors; }, [&] { ++anew; });
    w.take(events(1, 12'000), now); // more than SQLite keeps of a file
    printed.clear();
    damage_all_but_the_header(path);
    pass(std::chrono::minutes(2));
    outbox box = events(12'001, 12'002);
    box.unsaved().tasks[{orders, "a"}] = full_task("a");
    for (int i = 0; anew == 0 && i < 5; ++i) { // sooner or later a page is read again
        w.tick(now);
        pass(std::chrono::minutes(1));
    }
    w.take(std::move(box), now);
    EXPECT_EQ(anew, 1);
    EXPECT_THAT(words(), ElementsAre("state_set_aside", "12001", "12002"));
    EXPECT_THAT(stored(), ElementsAre(12'001, 12'002));
    EXPECT_EQ(w.unsaved_events(), 0u);
    connection file = open_for_reading(path).value();
    EXPECT_EQ(file.number("SELECT count(*) FROM tasks").value(), 1);
    EXPECT_EQ(file.number("SELECT value FROM meta WHERE key = 'printed_up_to'").value(), 12'002);
    EXPECT_TRUE(std::filesystem::exists(path + ".corrupt-20270115T120200Z"));

    // What was stored before and is in memory is stored again, without being printed.
    outbox again;
    batch memory;
    memory.again = {sample_event(11'999), sample_event(12'000), sample_event(12'001)};
    again.add(memory);
    EXPECT_FALSE(again.empty());
    w.take(std::move(again), now);
    EXPECT_THAT(words(), IsEmpty());
    EXPECT_THAT(stored(), ElementsAre(11'999, 12'000, 12'001, 12'002));
}

// Nothing was printed since the start: what is stored again must not be printed by the next one.
TEST_F(Writer, ANewFileKnowsWhatAnEarlierRunHasPrinted) {
    on_file().take(events(1, 3), now);
    writer w = on_file();
    w.replay(now);
    words();
    ASSERT_TRUE(connection::open(path, access::read_write).value().run("DROP TABLE events"));
    outbox again;
    batch memory;
    memory.again = {sample_event(1), sample_event(2), sample_event(3)};
    w.tick(now); // finds it
    again.add(memory);
    w.take(std::move(again), now);
    EXPECT_THAT(words(), ElementsAre("state_set_aside"));
    EXPECT_THAT(stored(), ElementsAre(1, 2, 3));
    w = made(std::nullopt);
    writer next = on_file();
    next.replay(now);
    EXPECT_THAT(words(), IsEmpty());
}

// A disk that damages all that is on it is not filled.
TEST_F(Writer, FilesAreSetAsideNoMoreThanOnceInTenMinutes) {
    int anew = 0;
    writer w(
        database::open(path, noon).value(), settings, [this](const event& e) { printed.push_back(e); },
        [this] { ++write_errors; }, [&] { ++anew; });
    const auto drop = [this] {
        ASSERT_TRUE(connection::open(path, access::read_write).value().run("DROP TABLE events"));
    };
    drop();
    w.take(events(1, 1), now);
    EXPECT_THAT(words(), ElementsAre("state_set_aside", "1"));
    drop();
    pass(std::chrono::minutes(9));
    w.take(events(2, 2), now);
    EXPECT_THAT(words(), ElementsAre("state_write_failed", "2"));
    EXPECT_EQ(w.unsaved_events(), 1u);
    pass(std::chrono::minutes(1));
    w.tick(now);
    EXPECT_THAT(words(), ElementsAre("state_set_aside", "state_write_recovered"));
    EXPECT_THAT(stored(), ElementsAre(2));
    EXPECT_EQ(anew, 2);
}

TEST_F(Writer, CountsTheBytesOfWhatIsNotSaved) {
    settings.most_unsaved_bytes = 5 * bytes_of(sample_event(1).what) / 2;
    settings.most_unsaved_removals = 1;
    writer w = on_file();
    break_writes();
    outbox box = events(1, 5);
    box.unsaved().tasks[{orders, "a"}] = full_task("a");
    box.unsaved().tasks[{orders, "b"}] = std::nullopt;
    w.take(std::move(box), now);
    EXPECT_EQ(w.not_stored(), 3u);
    EXPECT_EQ(w.left().events, 2u);
    EXPECT_EQ(w.left().states, 1u);
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

} // namespace
} // namespace replmond::store
