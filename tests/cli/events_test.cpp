#include "daemon/cli/events.hpp"
#include "daemon/store/database.hpp"

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
