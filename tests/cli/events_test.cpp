#include "daemon/cli/events.hpp"
#include "daemon/store/database.hpp"
#include "daemon/store/event_rows.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace replmond::cli {
namespace {

using ::testing::HasSubstr;

constexpr timestamp noon{milliseconds(1'800'014'400'000)}; // 2027-01-15T12:00:00Z

TEST(Since, IsATimeOrADurationBack) {
    const std::vector<std::pair<const char*, timestamp>> table{
        {"2027-01-15T12:00:00Z", noon},
        {"2027-01-15T12:00:00.007Z", noon + milliseconds(7)},
        {"2027-01-15T20:00:00+08:00", noon},
        {"2027-01-15T08:30:00.5-03:30", noon + milliseconds(500)},
        {"1800014400", noon},
        {"1800014400.07", noon + milliseconds(70)},
        {"0", timestamp()},
        {"2h", noon - std::chrono::hours(2)},
        {"1d30m", noon - std::chrono::hours(24) - std::chrono::minutes(30)},
    };
    for (const auto& [text, time] : table)
        EXPECT_EQ(parse_since(text, noon), time) << text;
    for (const char* wrong : {"", "yesterday", "-1", "+1", "1.", ".5", "1.2345", "1e9", "2027-01-15",
                              "2027-01-15T12:00:00", "2027-01-15T12:00:00+25:00", "2027-02-30T12:00:00+01:00",
                              "99999999999999", "2 h", "-2h", "1.-1", "T+08:00"})
        EXPECT_EQ(parse_since(wrong, noon), std::nullopt) << wrong;
}

struct Events : ::testing::Test {
    Events() {
        std::string pattern = (std::filesystem::temp_directory_path() / "replmond-events-XXXXXX").string();
        EXPECT_NE(mkdtemp(pattern.data()), nullptr);
        directory = pattern;
        path = pattern + "/state.db";
        arguments.state_path = path;
        arguments.common.config_file = pattern + "/none.yaml";
    }
    ~Events() override { std::filesystem::remove_all(directory); }

    int show() {
        ::testing::internal::CaptureStdout();
        ::testing::internal::CaptureStderr();
        const int code = show_events(arguments);
        out = ::testing::internal::GetCapturedStdout();
        err = ::testing::internal::GetCapturedStderr();
        return code;
    }

    std::filesystem::path directory;
    std::string path, out, err;
    events_arguments arguments;
};

TEST_F(Events, AreShownOldestFirstAsTheyWereLogged) {
    auto opened = store::database::open(path, noon);
    ASSERT_TRUE(opened);
    store::batch two;
    for (std::uint64_t id : {1, 2}) {
        event e;
        e.name = "stage_transition";
        e.time = noon + milliseconds(id);
        e.message = "m";
        e.project = "p";
        e.starrocks_instance = "i";
        e.task = "t";
        e.with("percentage", decimal{"42.50"}).id = id;
        two.events.push_back({e, {}});
    }
    ASSERT_TRUE(opened->commit(two)); // and it stays open: as beside a daemon
    EXPECT_EQ(show(), 0);
    EXPECT_EQ(out, "time=2027-01-15T12:00:00.001Z level=INFO msg=\"m\" event=stage_transition project=p "
                   "starrocks_instance=i task=t percentage=42.50 event_id=1\n"
                   "time=2027-01-15T12:00:00.002Z level=INFO msg=\"m\" event=stage_transition project=p "
                   "starrocks_instance=i task=t percentage=42.50 event_id=2\n");
    EXPECT_EQ(err, "");

    arguments.limit = 1; // the newest
    arguments.output = web::log_format::json;
    EXPECT_EQ(show(), 0);
    EXPECT_EQ(out,
              R"({"time":"2027-01-15T12:00:00.002Z","level":"INFO","msg":"m","event":"stage_transition",)"
              R"("project":"p","starrocks_instance":"i","task":"t","percentage":42.50,"event_id":2})"
              "\n");
    arguments.task = "another";
    EXPECT_EQ(show(), 0);
    EXPECT_EQ(out, "");
}

TEST_F(Events, AreFilteredByLevelAndName) {
    auto opened = store::database::open(path, noon);
    ASSERT_TRUE(opened);
    store::batch all;
    std::uint64_t id = 0;
    for (const severity level : {severity::debug, severity::info, severity::warn, severity::error}) {
        for (const event_name name : {event_name("task_gone"), event_name("poll_failed")}) {
            event e = make_event(name, level, noon + milliseconds(id), "m", "p", "i");
            e.id = ++id;
            all.events.push_back({e, {}});
        }
    }
    ASSERT_TRUE(opened->commit(all));
    const auto ids = [&](severity least, std::vector<std::string> names) {
        arguments.least = least;
        arguments.names = std::move(names);
        EXPECT_EQ(show(), 0) << err;
        std::string found;
        for (auto at = out.find("event_id="); at != std::string::npos; at = out.find("event_id=", at + 1))
            found += out.at(at + 9);
        return found;
    };
    EXPECT_EQ(ids(severity::debug, {}), "12345678");
    EXPECT_EQ(ids(severity::info, {}), "345678");
    EXPECT_EQ(ids(severity::warn, {}), "5678");
    EXPECT_EQ(ids(severity::error, {}), "78");
    EXPECT_EQ(ids(severity::debug, {"poll_failed"}), "2468");
    EXPECT_EQ(ids(severity::warn, {"task_gone", "none"}), "57");
    EXPECT_EQ(ids(severity::warn, {"none", "task_gone", "poll_failed"}), "5678");
    EXPECT_EQ(ids(severity::debug, {"'; DROP TABLE events; --"}), "");
    arguments.limit = 1;
    EXPECT_EQ(ids(severity::info, {"task_gone"}), "7");
}

// The same, for events that were read already.
TEST(EventQuery, AdmitsWhatTheStatementFinds) {
    store::kept_event kept;
    kept.what = make_event("task_gone", severity::warn, noon, "m", "p", "i", "t");
    kept.of.instance_id = "id";
    store::event_query query;
    EXPECT_TRUE(admits(query, kept));
    query = {noon, "i", "t", severity::warn, {"x", "task_gone"}};
    EXPECT_TRUE(admits(query, kept));
    query.instance = "id";
    EXPECT_TRUE(admits(query, kept));
    const auto without = [&](auto change) {
        store::event_query other = query;
        change(other);
        return admits(other, kept);
    };
    EXPECT_FALSE(without([](auto& q) { q.since = noon + milliseconds(1); }));
    EXPECT_FALSE(without([](auto& q) { q.instance = "p"; }));
    EXPECT_FALSE(without([](auto& q) { q.task = "u"; }));
    EXPECT_FALSE(without([](auto& q) { q.least = severity::error; }));
    EXPECT_FALSE(without([](auto& q) { q.names = {"task"}; }));
}

TEST_F(Events, TroubleIsOneLine) {
    EXPECT_EQ(show(), 1);
    EXPECT_EQ(err, "replmond: state file " + path + ": there is no such file\n");
    EXPECT_FALSE(std::filesystem::exists(path)); // nor made
    arguments.state_path.reset();
    EXPECT_EQ(show(), 1);
    EXPECT_THAT(err, HasSubstr("none.yaml"));
    EXPECT_THAT(err, HasSubstr("--state.path"));
    EXPECT_EQ(std::count(err.begin(), err.end(), '\n'), 1);
    EXPECT_EQ(out, "");
}

} // namespace
} // namespace replmond::cli
