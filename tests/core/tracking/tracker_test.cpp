#include "daemon/core/tracking/task_events.hpp"
#include "daemon/core/tracking/tracker.hpp"
#include "daemon/core/web/log_line.hpp"
#include "tests/support/instants.hpp"
#include "tests/support/wire.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace replmond::tracking {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::IsEmpty;
using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;
using test::by_both_clocks;
using test::make_inconsistent_reading;
using test::make_reading;

using lines = std::vector<std::string>;

const timestamp first_poll{milliseconds(1'800'000'000'000)}; // 2027-01-15T08:00:00Z

// The line of an event without what all of them have: "INFO task_discovered t stage=full status=yes".
std::string brief(const event& e) {
    const std::string line = web::to_logfmt(e);
    const std::string head = fmt::format("event={} project=p starrocks_instance=i{}", e.name,
                                         e.task.empty() ? "" : " task=" + e.task);
    const std::size_t at = line.find(head);
    EXPECT_NE(at, std::string::npos) << line;
    EXPECT_NE(e.message, "");
    return fmt::format("{} {}{}{}", to_string(e.level), e.name, e.task.empty() ? "" : " " + e.task,
                       line.substr(at + head.size()));
}

// An instance that is polled at chosen times.
class watched {
public:
    watched() {
        state.identity.project = "p";
        state.identity.name = "i";
        state.interval = 60s;
    }

    // The events of a poll `at` after the start, in brief.
    lines poll(milliseconds at, reading seen) {
        lines briefs;
        for (const event& e : tracking.observe(state, std::move(seen), by_both_clocks(first_poll + at))) {
            EXPECT_EQ(e.time, first_poll + at);
            briefs.push_back(brief(e));
        }
        return briefs;
    }
    lines poll(milliseconds at, const std::vector<std::string>& records) {
        return poll(at, make_reading(records));
    }

    // As poll(), where a task is proven to be gone.
    lines lose(milliseconds at, const std::string& name, const std::vector<std::string>& rest = {}) {
        reading seen = make_reading(rest);
        seen.gone = {name};
        return poll(at, std::move(seen));
    }

    const task_state& task(const std::string& name) const { return state.tasks.at(name); }

    // Sum of the transition counters and one of them.
    std::pair<std::uint64_t, std::uint64_t> transitions(stage from, stage to) const {
        std::uint64_t sum = 0;
        for (const auto& row : state.counters.transitions) {
            for (const std::uint64_t count : row)
                sum += count;
        }
        const auto& row = state.counters.transitions[static_cast<std::size_t>(from)];
        return {sum, row[static_cast<std::size_t>(to)]};
    }

    instance_state state;
    tracker tracking{1h};
};

std::string t(const std::string& fields) {
    return R"("task_name": "t")" + (fields.empty() ? "" : ", " + fields);
}

TEST(Tracker, WritesWholeLinesAsTheContractHasThem) {
    watched w;
    w.state.identity.project = "prod";
    w.state.identity.name = "orders";
    tracker tracking(1h);
    tracking.observe(w.state, make_reading({t(R"("status": "Yes", "stage": "Full", "percentage": "99.5%",
        "source_database": "shop", "target_database": "shop sr")")}),
                     by_both_clocks(first_poll));
    const auto events = tracking.observe(w.state, make_reading({t(R"("status": "Yes", "stage": "Incremental",
        "percentage": 100, "source_database": "shop", "target_database": "shop sr")")}),
                                         by_both_clocks(first_poll + 90'042ms));
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(web::to_logfmt(events[0]),
              "time=2027-01-15T08:01:30.042Z level=INFO msg=\"the stage changed\" event=stage_transition "
              "project=prod starrocks_instance=orders task=t from=full to=incremental percentage=100 "
              "source_database=shop target_database=\"shop sr\" after=90.042");
    EXPECT_EQ(web::to_json(events[0]),
              R"({"time":"2027-01-15T08:01:30.042Z","level":"INFO","msg":"the stage changed",)"
              R"("event":"stage_transition","project":"prod","starrocks_instance":"orders","task":"t",)"
              R"("from":"full","to":"incremental","percentage":100,)"
              R"("source_database":"shop","target_database":"shop sr","after":90.042})");
}

TEST(Tracker, TellsOfATaskSeenForTheFirstTime) {
    struct row {
        const char* what;
        std::string fields;
        lines events;
    };
    const std::vector<row> table{
        {"all known",
         R"("status": "Yes", "stage": "Full", "is_main_task": "true")",
         {"INFO task_discovered t stage=full status=yes main_task=true"}},
        {"a temporary task",
         R"("status": "Yes", "stage": "Wait", "is_main_task": false)",
         {"INFO task_discovered t stage=wait status=yes main_task=false"}},
        {"nothing known", "", {"INFO task_discovered t stage=unknown"}},
        {"an unknown stage",
         R"("status": "Yes", "stage": "Merging X")",
         {"WARN unexpected_value t field=stage value=\"Merging X\"",
          "INFO task_discovered t stage=unknown raw=\"Merging X\" status=yes"}},
        {"abnormal already",
         R"("status": "No", "stage": "Incremental", "percentage": "42.30")",
         {"INFO task_discovered t stage=incremental status=no",
          "ERROR replication_abnormal t stage=incremental percentage=42.3 since=2027-01-15T08:00:00.000Z "
          "repeat=0"}},
        {"in need of repair already",
         R"("status": "Yes", "stage": "Incremental", "is_need_repair": "true")",
         {"INFO task_discovered t stage=incremental status=yes", "WARN repair_needed t"}},
        {"in no need of repair",
         R"("status": "Yes", "stage": "Incremental", "is_need_repair": "false")",
         {"INFO task_discovered t stage=incremental status=yes"}},
        {"catching up already: no change",
         R"("stage": "Paused", "catchup_stage": "Full", "catchup_percentage": 5)",
         {"INFO task_discovered t stage=paused"}},
    };
    for (const row& r : table) {
        SCOPED_TRACE(r.what);
        watched w;
        EXPECT_THAT(w.poll(0s, {t(r.fields)}), ElementsAreArray(r.events));
        EXPECT_EQ(w.task("t").stage_changed, first_poll);
        EXPECT_EQ(w.task("t").status_changed, first_poll);
        EXPECT_EQ(w.task("t").progress_changed, first_poll);
        EXPECT_EQ(w.transitions(stage::unknown, stage::full).first, 0u);
        EXPECT_EQ(w.state.task_count, 1u);
    }
}

TEST(Tracker, TellsWhatChangedBetweenTwoPolls) {
    struct row {
        const char* what;
        std::string before;
        std::string now;
        lines events; // of the poll 90.5 s later
        std::string changed = "";
    };
    const std::vector<row> table{
        {"nothing",
         R"("status": "Yes", "stage": "full", "percentage": 5)",
         R"("status": "YES", "stage": "FULL", "percentage": "5%")",
         {}},

        // stages
        {"wait to full",
         R"("stage": "Wait", "percentage": 0)",
         R"("stage": "Full", "percentage": 0)",
         {"INFO stage_transition t from=wait to=full percentage=0 after=90.5"},
         "stage"},
        {"backwards",
         R"("stage": "Incremental")",
         R"("stage": "Full", "percentage": "0.1")",
         {"INFO stage_transition t from=incremental to=full percentage=0.1 after=90.5"},
         "stage progress"},
        {"with databases",
         R"("stage": "Full")",
         R"("stage": "Paused", "source_database": "a", "target_database": "b=c")",
         {"INFO stage_transition t from=full to=paused source_database=a target_database=\"b=c\" after=90.5"},
         "stage"},
        {"to an unknown stage",
         R"("stage": "Full")",
         R"("stage": "Merging X", "percentage": 1)",
         {"WARN unexpected_value t field=stage value=\"Merging X\"",
          "INFO stage_transition t from=full to=unknown raw=\"Merging X\" percentage=1 after=90.5"},
         "stage progress"},
        {"from an unknown stage",
         R"("stage": "Merging")",
         R"("stage": "Full")",
         {"INFO stage_transition t from=unknown to=full raw=Merging after=90.5"},
         "stage"},
        {"between unknown stages",
         R"("stage": "Merging")",
         R"("stage": "Splitting")",
         {"WARN unexpected_value t field=stage value=Splitting"}},
        {"to no stage",
         R"("stage": "Full")",
         "",
         {"INFO stage_transition t from=full to=unknown after=90.5"},
         "stage"},

        // status
        {"turning abnormal",
         R"("status": "Yes", "stage": "Full")",
         R"("status": "No", "stage": "Full", "percentage": 7.25)",
         {"ERROR replication_abnormal t stage=full percentage=7.25 since=2027-01-15T08:01:30.500Z repeat=0"},
         "status progress"},
        {"abnormal in an unknown stage",
         R"("status": "Yes", "stage": "New")",
         R"("status": "No", "stage": "New")",
         {"ERROR replication_abnormal t stage=unknown raw=New since=2027-01-15T08:01:30.500Z repeat=0"},
         "status"},
        {"abnormal after it was unknown",
         R"("stage": "Full")",
         R"("status": "No", "stage": "Full")",
         {"ERROR replication_abnormal t stage=full since=2027-01-15T08:01:30.500Z repeat=0"},
         "?"},
        {"recovering",
         R"("status": "No", "stage": "Full")",
         R"("status": "Yes", "stage": "Full")",
         {"INFO replication_recovered t after=90.5"},
         "status"},
        {"still abnormal", R"("status": "No", "stage": "Full")", R"("status": "No", "stage": "Full")", {}},
        {"an unknown status recovers nothing",
         R"("status": "No", "stage": "Full")",
         R"("status": "Perhaps", "stage": "Full")",
         {"WARN unexpected_value t field=status value=Perhaps"}},
        {"a missing status recovers nothing", R"("status": "No", "stage": "Full")", R"("stage": "Full")", {}},
        {"a missing status is no alarm", R"("status": "Yes", "stage": "Full")", R"("stage": "Full")", {}},
        {"a pause is normal",
         R"("status": "Yes", "stage": "Incremental")",
         R"("status": "Yes", "stage": "Paused")",
         {"INFO stage_transition t from=incremental to=paused after=90.5"},
         "stage"},
        {"stage and status at once",
         R"("status": "Yes", "stage": "Full")",
         R"("status": "No", "stage": "Cancelled")",
         {"INFO stage_transition t from=full to=cancelled after=90.5",
          "ERROR replication_abnormal t stage=cancelled since=2027-01-15T08:01:30.500Z repeat=0"},
         "stage status"},

        // progress
        {"progress",
         R"("stage": "Full", "percentage": 5)",
         R"("stage": "Full", "percentage": 5.01)",
         {},
         "progress"},
        {"progress backwards",
         R"("stage": "Full", "percentage": 5)",
         R"("stage": "Full", "percentage": 0)",
         {},
         "progress"},
        {"progress missing", R"("stage": "Full", "percentage": 5)", R"("stage": "Full")", {}},
        {"progress unreadable",
         R"("stage": "Full", "percentage": 5)",
         R"("stage": "Full", "percentage": "5.x")",
         {"WARN unexpected_value t field=percentage value=5.x"}},

        // catch-up
        {"a catch-up begins",
         R"("stage": "Full")",
         R"("stage": "Full", "catchup_stage": "Wait", "catchup_percentage": 0)",
         {"INFO catchup_stage_transition t to=wait percentage=0"}},
        {"a catch-up goes on",
         R"("stage": "Full", "catchup_stage": "Wait")",
         R"("stage": "Full", "catchup_stage": "Full", "catchup_percentage": "12.5")",
         {"INFO catchup_stage_transition t from=wait to=full percentage=12.5"}},
        {"a catch-up ends",
         R"("stage": "Full", "catchup_stage": "Incremental", "catchup_percentage": 100)",
         R"("stage": "Full", "catchup_stage": null)",
         {"INFO catchup_stage_transition t from=incremental"}},
        {"a catch-up ends as empty text",
         R"("stage": "Full", "catchup_stage": "Full")",
         R"("stage": "Full", "catchup_stage": "")",
         {"INFO catchup_stage_transition t from=full"}},
        {"a catch-up into the unknown",
         R"("stage": "Full", "catchup_stage": "Full")",
         R"("stage": "Full", "catchup_stage": "Odd")",
         {"WARN unexpected_value t field=catchup_stage value=Odd",
          "INFO catchup_stage_transition t from=full to=unknown raw=Odd"}},
        {"a catch-up that ends in the unknown",
         R"("stage": "Full", "catchup_stage": "Odd")",
         R"("stage": "Full")",
         {"INFO catchup_stage_transition t from=unknown raw=Odd"}},
        {"a catch-up in the same stage",
         R"("stage": "Full", "catchup_stage": "Full", "catchup_percentage": 1)",
         R"("stage": "Full", "catchup_stage": "full", "catchup_percentage": 2)",
         {}},

        // repair
        {"repair needed",
         R"("stage": "Full", "is_need_repair": false)",
         R"("stage": "Full", "is_need_repair": "true")",
         {"WARN repair_needed t"}},
        {"repair needed, reported for the first time",
         R"("stage": "Full")",
         R"("stage": "Full", "is_need_repair": true)",
         {"WARN repair_needed t"}},
        {"repair done",
         R"("stage": "Full", "is_need_repair": true)",
         R"("stage": "Full", "is_need_repair": "False")",
         {"INFO repair_done t"}},
        {"repair not reported any more",
         R"("stage": "Full", "is_need_repair": true)",
         R"("stage": "Full")",
         {}},
        {"repair unreadable",
         R"("stage": "Full", "is_need_repair": true)",
         R"("stage": "Full", "is_need_repair": "maybe")",
         {"WARN unexpected_value t field=is_need_repair value=maybe"}},

        // another task
        {"other databases",
         R"("stage": "Full", "source_database": "a")",
         R"("stage": "Full", "source_database": "b")",
         {"WARN task_replaced t source_database=b from_source_database=a after=90.5"},
         "stage status progress"},

        // what has no event
        {"main or temporary",
         R"("stage": "Full", "is_main_task": true)",
         R"("stage": "Full", "is_main_task": false)",
         {}},
    };
    for (const row& r : table) {
        SCOPED_TRACE(r.what);
        watched w;
        w.poll(0s, {t(r.before)});
        EXPECT_THAT(w.poll(90'500ms, {t(r.now)}), ElementsAreArray(r.events));

        std::string changed;
        const auto note = [&changed](timestamp at, const char* what) {
            if (at == first_poll + 90'500ms) {
                changed += (changed.empty() ? "" : " ") + std::string(what);
            } else {
                EXPECT_EQ(at, first_poll);
            }
        };
        note(w.task("t").stage_changed, "stage");
        note(w.task("t").status_changed, "status");
        note(w.task("t").progress_changed, "progress");
        if (r.changed != "?") {
            EXPECT_EQ(changed, r.changed);
        }
    }
}

TEST(Tracker, CountsTransitionsOfTheStage) {
    watched w;
    w.poll(0s, {t(R"("stage": "Wait")")});
    w.poll(1min, {t(R"("stage": "Full", "catchup_stage": "Wait")")});
    EXPECT_EQ(w.transitions(stage::wait, stage::full), std::pair(std::uint64_t{1}, std::uint64_t{1}));
    w.poll(2min, {t(R"("stage": "Full", "catchup_stage": "Full")")}); // catch-up is not counted
    w.poll(3min, {t(R"("stage": "New")")});
    w.poll(4min, {t(R"("stage": "Other")")}); // unknown to unknown is none
    EXPECT_EQ(w.transitions(stage::full, stage::unknown), std::pair(std::uint64_t{2}, std::uint64_t{1}));
    w.poll(5min, {t(R"("stage": "Full")")});
    EXPECT_EQ(w.transitions(stage::unknown, stage::full), std::pair(std::uint64_t{3}, std::uint64_t{1}));
    w.lose(6min, "t");
    w.poll(3h, {t(R"("stage": "Wait")")});
    EXPECT_EQ(w.transitions(stage::wait, stage::full).first, 3u); // going and discovery are none
}

TEST(Tracker, AgesOfStagesAreCountedFromTheirBeginning) {
    watched w;
    w.poll(0s, {t(R"("stage": "Wait")")});
    w.poll(1min, {t(R"("stage": "Full")")});
    w.poll(2min, {t(R"("stage": "Full")")});
    EXPECT_THAT(w.poll(3min + 1ms, {t(R"("stage": "Incremental")")}),
                ElementsAre("INFO stage_transition t from=full to=incremental after=120.001"));
    EXPECT_THAT(w.poll(4min, {t(R"("stage": "Paused")")}),
                ElementsAre("INFO stage_transition t from=incremental to=paused after=59.999"));
}

TEST(Tracker, AValueThatIsMissingOnceIsNoChange) {
    watched w;
    w.poll(0s, {t(R"("status": "Yes", "stage": "Full", "percentage": 42)")});
    w.poll(1min, {t(R"("status": null, "stage": "Full", "percentage": null)")});
    w.poll(2min, {t(R"("status": "Yes", "stage": "Full", "percentage": 42)")});
    EXPECT_EQ(w.task("t").status_changed, first_poll);
    EXPECT_EQ(w.task("t").progress_changed, first_poll);

    w.poll(3min, {t(R"("status": null, "stage": "Full", "percentage": null)")});
    w.poll(4min, {t(R"("status": "No", "stage": "Full", "percentage": 43)")});
    EXPECT_EQ(w.task("t").status_changed, first_poll + 4min);
    EXPECT_EQ(w.task("t").progress_changed, first_poll + 4min);
}

TEST(Tracker, SaysAgainWhatStaysAbnormal) {
    const std::string abnormal = t(R"("status": "No", "stage": "Full", "percentage": 10)");
    const std::string head =
        "ERROR replication_abnormal t stage=full percentage=10 since=2027-01-15T08:00:00.000Z ";
    watched w;
    w.poll(0s, {abnormal});
    EXPECT_THAT(w.poll(30min, {abnormal}), IsEmpty());
    EXPECT_THAT(w.poll(59min - 30s, {abnormal}), IsEmpty());
    EXPECT_THAT(w.poll(1h, {abnormal}), ElementsAre(head + "repeat=1"));
    EXPECT_THAT(w.poll(1h + 1min, {abnormal}), IsEmpty());
    EXPECT_THAT(w.poll(2h - 3s, {abnormal}),
                ElementsAre(head + "repeat=2")); // a poll is early by some seconds
    EXPECT_THAT(w.poll(2h + 1min, {abnormal}), IsEmpty());
    EXPECT_THAT(w.poll(5h, {abnormal}), ElementsAre(head + "repeat=3")); // once, however long it was silent

    // while its status cannot be read it is still abnormal
    EXPECT_THAT(
        w.poll(6h, {t(R"("stage": "Paused")")}),
        ElementsAre("INFO stage_transition t from=full to=paused after=21600",
                    "ERROR replication_abnormal t stage=paused since=2027-01-15T08:00:00.000Z repeat=4"));
    EXPECT_THAT(w.poll(7h, {t(R"("status": "Yes", "stage": "Paused")")}),
                ElementsAre("INFO replication_recovered t after=25200"));
    EXPECT_THAT(w.poll(9h, {t(R"("status": "Yes", "stage": "Paused")")}), IsEmpty());
    EXPECT_THAT(
        w.poll(10h, {t(R"("status": "No", "stage": "Paused")")}),
        ElementsAre("ERROR replication_abnormal t stage=paused since=2027-01-15T18:00:00.000Z repeat=0"));
}

// The same bytes as before, which do not say how it is.
TEST(Tracker, SaysAgainWhatStaysAbnormalWhileItsStatusIsNotReported) {
    watched w;
    w.poll(0s, {t(R"("status": "No", "stage": "Full")")});
    w.poll(1min, {t(R"("status": null, "stage": "Full")")});
    const auto unchanged = w.tracking.observe_unchanged(w.state, by_both_clocks(first_poll + 1h));
    ASSERT_EQ(unchanged.events.size(), 1u);
    EXPECT_EQ(unchanged.events[0].name, "replication_abnormal");
    EXPECT_FALSE(unchanged.all_well);
}

TEST(Tracker, ATaskWithOtherDatabasesIsAnotherOne) {
    const auto record = [](const char* from, const char* to, const char* rest) {
        return t(fmt::format(R"("source_database": "{}", "target_database": "{}", {})", from, to, rest));
    };
    watched w;
    w.poll(0s, {record("shop", "shop_sr", R"("status": "No", "stage": "Full", "percentage": 40)")});
    EXPECT_THAT(w.poll(90s, {record("stock", "shop_sr",
                                    R"("status": "Yes", "stage": "Wait", "is_main_task": "true")")}),
                ElementsAre("WARN task_replaced t source_database=stock target_database=shop_sr "
                            "from_source_database=shop from_target_database=shop_sr after=90"));
    EXPECT_EQ(w.task("t").stage_changed, first_poll + 90s);
    EXPECT_EQ(w.task("t").status_changed, first_poll + 90s);
    EXPECT_EQ(w.task("t").progress_changed, first_poll + 90s);
    EXPECT_FALSE(w.task("t").abnormal_since);
    EXPECT_EQ(w.transitions(stage::full, stage::wait).first, 0u);

    // A temporary one; abnormal from its first sight on.
    EXPECT_THAT(
        w.poll(100s,
               {record("stock", "other", R"("status": "No", "stage": "Wait", "is_main_task": "false")")}),
        ElementsAre("INFO task_replaced t source_database=stock target_database=other "
                    "from_source_database=stock from_target_database=shop_sr after=10",
                    "ERROR replication_abnormal t stage=wait since=2027-01-15T08:01:40.000Z repeat=0"));
}

TEST(Tracker, DatabasesThatAreNotReportedAreNoOthers) {
    watched w;
    w.poll(0s,
           {t(R"("status": "Yes", "stage": "Full", "source_database": "shop", "target_database": "sr")")});
    EXPECT_THAT(w.poll(1min, {t(R"("status": "Yes", "stage": "Full")")}), IsEmpty());
    EXPECT_THAT(w.poll(2min, {t(R"("status": "Yes", "stage": "Full", "source_database": "shop")")}),
                IsEmpty());
}

TEST(Tracker, AStateOfBeforeDoesNotKnowSinceWhenATaskHasItsDatabases) {
    watched w;
    w.poll(0s, {t(R"("source_database": "shop", "stage": "Full")")});
    w.state.tasks.at("t").appeared.reset();
    EXPECT_THAT(w.poll(1min, {t(R"("source_database": "stock", "stage": "Full")")}),
                ElementsAre("WARN task_replaced t source_database=stock from_source_database=shop"));
}

TEST(Tracker, SaysWhatTheCloudSaysOfTheListOnce) {
    watched w;
    const auto poll = [&w](milliseconds at, std::optional<std::string> note) {
        reading seen = make_reading({t("")});
        seen.note = std::move(note);
        return w.poll(at, std::move(seen));
    };
    EXPECT_THAT(poll(0s, "maintenance at 2"), ElementsAre("INFO instance_note text=\"maintenance at 2\"",
                                                          "INFO task_discovered t stage=unknown"));
    EXPECT_EQ(w.state.note, "maintenance at 2");
    EXPECT_THAT(poll(1min, "maintenance at 2"), IsEmpty());
    EXPECT_THAT(poll(2min, "maintenance at 3"), ElementsAre("INFO instance_note text=\"maintenance at 3\""));
    EXPECT_THAT(poll(3min, std::nullopt), ElementsAre("INFO instance_note"));
    EXPECT_FALSE(w.state.note);
    EXPECT_THAT(poll(4min, std::nullopt), IsEmpty());
}

TEST(Tracker, SaysThatATaskCameTwice) {
    watched w;
    reading seen = make_reading({t(R"("status": "No", "stage": "Full")")});
    seen.unexpected.push_back({"t", "task_name", "t"});
    EXPECT_THAT(
        w.poll(0s, seen),
        ElementsAre("WARN unexpected_value t field=task_name value=t",
                    "INFO task_discovered t stage=full status=no",
                    "ERROR replication_abnormal t stage=full since=2027-01-15T08:00:00.000Z repeat=0"));
    EXPECT_THAT(w.poll(1min, seen), IsEmpty());
}

// The wall clock was eight hours ahead, and somebody corrects it.
TEST(Tracker, AClockThatIsSetBackKeepsNoAlertQuiet) {
    watched w;
    const auto poll = [&w](milliseconds even, milliseconds wall) {
        lines briefs;
        for (const event& e :
             w.tracking.observe(w.state, make_reading({t(R"("status": "No", "stage": "Full")")}),
                                {first_poll + wall, first_poll + even}))
            briefs.push_back(brief(e));
        return briefs;
    };
    poll(0s, 8h);
    EXPECT_THAT(poll(30min, 30min), IsEmpty());
    w.tracking.clock_set_back(w.state, {first_poll + 30min, first_poll + 30min});
    EXPECT_EQ(w.task("t").stage_changed, first_poll + 30min);
    EXPECT_EQ(w.task("t").status_changed, first_poll + 30min);
    EXPECT_EQ(w.task("t").progress_changed, first_poll + 30min);
    EXPECT_THAT(poll(1h, 1h), ElementsAre("ERROR replication_abnormal t stage=full "
                                          "since=2027-01-15T08:30:00.000Z repeat=1"));
}

TEST(Tracker, AClockThatIsSetAheadRepeatsNothingEarly) {
    watched w;
    const auto record = make_reading({t(R"("status": "No", "stage": "Full")")});
    w.tracking.observe(w.state, record, by_both_clocks(first_poll));
    EXPECT_THAT(w.tracking.observe(w.state, record, {first_poll + 8h, first_poll + 1min}), IsEmpty());
}

TEST(Tracker, TheRepeatIntervalCanChange) {
    const std::string abnormal = t(R"("status": "No", "stage": "Full")");
    watched w;
    w.poll(0s, {abnormal});
    w.tracking.set_repeat_interval(5min);
    EXPECT_EQ(w.poll(5min, {abnormal}).size(), 1u);
    w.tracking.set_repeat_interval(1h);
    EXPECT_THAT(w.poll(10min, {abnormal}), IsEmpty());
}

TEST(Tracker, RepeatsInInconsistentReadingsToo) {
    const std::string abnormal = t(R"("status": "No", "stage": "Full")");
    watched w;
    w.poll(0s, {abnormal});
    EXPECT_THAT(
        w.poll(1h, make_inconsistent_reading({abnormal})),
        ElementsAre("ERROR replication_abnormal t stage=full since=2027-01-15T08:00:00.000Z repeat=1"));
}

TEST(Tracker, TellsOfATaskThatIsGone) {
    struct row {
        const char* what;
        std::string fields;
        std::string line;
    };
    const std::vector<row> table{
        {"a main task", R"("status": "Yes", "stage": "Incremental", "is_main_task": "true")",
         "WARN task_gone t stage=incremental status=yes main_task=true"},
        {"a temporary task", R"("status": "Yes", "stage": "Full", "is_main_task": "false")",
         "INFO task_gone t stage=full status=yes main_task=false"},
        {"not reported counts as main", R"("status": "No", "stage": "Cancelled")",
         "WARN task_gone t stage=cancelled status=no"},
        {"unreadable counts as main", R"("stage": "Odd One", "is_main_task": "who knows")",
         "WARN task_gone t stage=unknown raw=\"Odd One\""},
    };
    for (const row& r : table) {
        SCOPED_TRACE(r.what);
        watched w;
        w.poll(0s, {t(r.fields)});
        EXPECT_THAT(w.lose(1min, "t"), ElementsAre(r.line));
        EXPECT_FALSE(w.state.tasks.contains("t"));
        EXPECT_EQ(w.state.task_count, 0u);
        EXPECT_THAT(w.lose(2min, "t"), IsEmpty()); // told once
    }
}

TEST(Tracker, ATaskThatComesBackWithinAnHourGoesOnWhereItWas) {
    struct row {
        const char* what;
        std::string before;
        std::string after;
        milliseconds away;
        bool goes_on;
    };
    const std::string full = R"("stage": "Full", "source_database": "a", "target_database": "b")";
    const std::vector<row> table{
        {"as it was", full, full, 10min, true},
        {"after just an hour", full, full, 1h, true},
        {"after more than an hour", full, full, 1h + 1ms, false},
        {"a stage further", full, R"("stage": "Incremental", "source_database": "a", "target_database": "b")",
         1min, true},
        {"paused", full, R"("stage": "Paused", "source_database": "a", "target_database": "b")", 1min, true},
        {"a stage back", full, R"("stage": "Wait", "source_database": "a", "target_database": "b")", 1min,
         false},
        {"from the last stage to the first", R"("stage": "Incremental")", R"("stage": "Wait")", 1min, false},
        {"cancelled and begun again", R"("stage": "Cancelled")", R"("stage": "Wait")", 1min, false},
        {"another source", full, R"("stage": "Full", "source_database": "x", "target_database": "b")", 1min,
         false},
        {"another target", full, R"("stage": "Full", "source_database": "a", "target_database": "x")", 1min,
         false},
        {"databases not reported any more", full, R"("stage": "Full")", 1min, true},
        {"databases reported now", R"("stage": "Full")", full, 1min, true},
    };
    for (const row& r : table) {
        SCOPED_TRACE(r.what);
        watched w;
        w.poll(0s, {t(r.before)});
        w.lose(10s, "t");
        const lines events = w.poll(10s + r.away, {t(r.after)});
        ASSERT_FALSE(events.empty());
        EXPECT_TRUE(events[0].starts_with("INFO task_discovered t stage=")) << events[0];
        const timestamp since = r.goes_on ? first_poll : first_poll + 10s + r.away;
        EXPECT_EQ(w.task("t").status_changed, since);
        EXPECT_EQ(w.task("t").progress_changed, since);
        EXPECT_EQ(w.task("t").unseen_since, std::nullopt);
    }
}

TEST(Tracker, AComebackGoesOnWithItsStageAndItsAlarm) {
    watched w;
    w.poll(0s, {t(R"("status": "No", "stage": "Full", "is_need_repair": true)")});
    w.lose(1min, "t");
    EXPECT_THAT(w.poll(2min, {t(R"("status": "No", "stage": "Incremental", "is_need_repair": true)")}),
                ElementsAre("INFO task_discovered t stage=incremental status=no",
                            "INFO stage_transition t from=full to=incremental after=120"));
    EXPECT_THAT(w.poll(3min, {t(R"("status": "Yes", "stage": "Incremental", "is_need_repair": false)")}),
                ElementsAre("INFO replication_recovered t after=180", "INFO repair_done t"));
}

TEST(Tracker, ARebuildBeginsAnew) {
    watched w;
    w.poll(0s, {t(R"("status": "No", "stage": "Incremental", "is_need_repair": true)")});
    w.lose(1min, "t");
    EXPECT_THAT(w.poll(2min, {t(R"("status": "Yes", "stage": "Wait", "is_need_repair": false)")}),
                ElementsAre("INFO task_discovered t stage=wait status=yes"));
    EXPECT_THAT(
        w.poll(3min, {t(R"("status": "No", "stage": "Wait")")}),
        ElementsAre("ERROR replication_abnormal t stage=wait since=2027-01-15T08:03:00.000Z repeat=0"));
    EXPECT_EQ(w.task("t").stage_changed, first_poll + 2min);
}

TEST(Tracker, LogsAnUnexpectedValueOnceATaskAndValue) {
    const std::string maybe = R"("status": "Maybe", "stage": "Full")";
    const std::string odd = R"("status": "Odd", "stage": "Full")";
    watched w;
    w.poll(0s, {t(R"("stage": "Full")")});
    EXPECT_THAT(w.poll(1min, {t(maybe)}), ElementsAre("WARN unexpected_value t field=status value=Maybe"));
    EXPECT_THAT(w.poll(2min, {t(maybe)}), IsEmpty());
    EXPECT_THAT(w.poll(3min, {t(odd)}), ElementsAre("WARN unexpected_value t field=status value=Odd"));
    EXPECT_THAT(w.poll(4min, {t(maybe)}), IsEmpty()); // the first again
    EXPECT_THAT(w.poll(5min, {t(R"("status": "Yes", "stage": "Full", "percentage": "Maybe")")}),
                ElementsAre("WARN unexpected_value t field=percentage value=Maybe")); // another field

    EXPECT_THAT(w.poll(6min, {t(maybe), R"("task_name": "u", "stage": "Full", "status": "Maybe")"}),
                ElementsAre("WARN unexpected_value u field=status value=Maybe", // another task
                            "INFO task_discovered u stage=full"));
}

TEST(Tracker, LogsUnusableNamesAndTotalsOfTheInstance) {
    watched w;
    reading seen = make_reading({R"("task_name": 17)"});
    seen.unexpected.push_back({"", "total_count", "many"});
    EXPECT_THAT(w.poll(0s, seen), ElementsAre("WARN unexpected_value field=task_name value=17",
                                              "WARN unexpected_value field=total_count value=many"));
    EXPECT_THAT(w.poll(1min, seen), IsEmpty());

    reading distrusting = make_reading({});
    distrusting.distrusted_total = 50;
    EXPECT_THAT(w.poll(2min, distrusting), ElementsAre("WARN unexpected_value field=total_count value=50"));
}

TEST(Tracker, AnInstanceThatSendsEverNewValuesIsCutOff) {
    watched w;
    std::size_t logged = 0;
    for (int i = 0; i < 64; ++i) {
        reading seen;
        seen.consistent = true;
        for (int task = 0; task < 400; ++task) {
            const std::string name = "t" + std::to_string(task);
            seen.tasks[name].name = name;
            seen.unexpected.push_back({name, "status", std::to_string(i)});
        }
        for (const std::string& line : w.poll(i * 1s, std::move(seen)))
            logged += line.starts_with("WARN unexpected_value") ? 1 : 0;
    }
    EXPECT_EQ(logged, 20'000u); // 50 each
}

TEST(Tracker, ATaskThatSendsEverNewValuesIsCutOff) {
    watched w;
    std::size_t logged = 0;
    for (int i = 0; i < 1000; ++i)
        logged += w.poll(i * 1s, {t(fmt::format(R"("stage": "Full", "status": "{}")", i))}).size();
    EXPECT_EQ(logged, 1 + 64u); // task_discovered, and 64 values
}

TEST(Tracker, OneValueOfEachTaskIsLoggedHoweverManyTasksHaveOne) {
    watched w;
    reading seen;
    for (const char* value : {"first", "second"}) {
        for (int task = 0; task <= 20'000; ++task)
            seen.unexpected.push_back({"t" + std::to_string(task), "status", value});
    }
    EXPECT_EQ(w.tracking.observe(w.state, std::move(seen), by_both_clocks(first_poll)).size(), 20'001u);
}

TEST(Tracker, RemembersTheValuesOfATaskAsLongAsItMayComeBack) {
    const std::string odd = t(R"("status": "Odd", "stage": "Full")");
    watched w;
    w.poll(0s, {odd});
    w.lose(1min, "t");
    EXPECT_THAT(w.poll(2min, {odd}), ElementsAre("INFO task_discovered t stage=full"));
    w.lose(3min, "t");
    w.poll(2h + 4min, make_reading({}));
    EXPECT_THAT(w.poll(2h + 5min, {odd}), ElementsAre("WARN unexpected_value t field=status value=Odd",
                                                      "INFO task_discovered t stage=full"));
}

TEST(Tracker, SaysWhetherAValueIsNotUnderstoodOrATaskCameTwice) {
    const auto message = [](unexpected_value value) {
        return unexpected_value_seen({}, value, first_poll).message;
    };
    const std::string twice = "the cloud listed this task more than once; the task counts as abnormal if one "
                              "of its records is abnormal";
    const std::string not_understood =
        "the cloud sent a value that replmond does not understand; it counts as unknown";
    EXPECT_EQ(message({"t", "task_name", "t"}), twice);
    EXPECT_EQ(message({"", "task_name", "17"}), not_understood);
    EXPECT_EQ(message({"t", "status", "Odd"}), not_understood);
}

TEST(Tracker, NoAgeIsNegative) {
    watched w;
    w.poll(1min, {t(R"("stage": "Full")")});
    EXPECT_THAT(w.poll(0s, {t(R"("stage": "Incremental")")}),
                ElementsAre("INFO stage_transition t from=full to=incremental after=0"));
}

// What comes of the same bytes as before: "1 event, changed", "0 events, all well".
std::string unchanged_poll(watched& w, milliseconds at) {
    const auto outcome = w.tracking.observe_unchanged(w.state, by_both_clocks(first_poll + at));
    return fmt::format(
        "{}{}{}", outcome.events.size() == 1 ? "1 event" : fmt::format("{} events", outcome.events.size()),
        outcome.changed ? ", changed" : "", outcome.all_well ? ", all well" : "");
}

TEST(Tracker, AnUnchangedListSaysAgainWhatStaysAbnormalAndWhetherAllIsWell) {
    const std::string a = R"("task_name": "a", "stage": "Full", )";
    const std::string b = R"("task_name": "b", "stage": "Full", "status": "Yes", "is_need_repair": false)";
    struct row {
        const char* what;
        lines records;
        std::string soon;
        std::string after_an_hour;
    };
    const std::vector<row> table{
        {"no task", {}, "0 events, all well", "0 events, all well"},
        {"well", {a + R"("status": "Yes")", b}, "0 events, all well", "0 events, all well"},
        {"abnormal", {a + R"("status": "No")", b}, "0 events", "1 event, changed"},
        {"in need of repair", {a + R"("status": "Yes", "is_need_repair": true)", b}, "0 events", "0 events"},
        {"both", {a + R"("status": "No", "is_need_repair": true)", b}, "0 events", "1 event, changed"},
    };
    for (const row& r : table) {
        SCOPED_TRACE(r.what);
        watched w;
        w.poll(0s, r.records);
        EXPECT_EQ(unchanged_poll(w, 1min), r.soon);
        EXPECT_EQ(unchanged_poll(w, 1h), r.after_an_hour);
    }
}

TEST(Tracker, ForgetsATaskThatIsGoneForMoreThanTwoHours) {
    const std::string stays = R"("task_name": "stays", "stage": "Full", "status": "Yes")";
    watched w;
    w.poll(0s, {t(R"("stage": "Full")"), stays});
    w.lose(1min, "t", {stays});
    EXPECT_EQ(unchanged_poll(w, 2h + 1min), "0 events, all well");
    EXPECT_TRUE(w.state.departed.contains("t"));
    EXPECT_EQ(unchanged_poll(w, 2h + 1min + 1ms), "0 events, changed, all well");
    EXPECT_FALSE(w.state.departed.contains("t"));
    EXPECT_EQ(unchanged_poll(w, 2h + 2min), "0 events, all well");
}

TEST(Tracker, RemembersAtMost10000TasksThatAreGone) {
    watched w;
    reading all;
    reading none;
    all.consistent = none.consistent = true;
    for (int i = 0; i <= 10'000; ++i) {
        const std::string name = "t" + std::to_string(i);
        all.tasks[name].name = name;
        none.gone.push_back(name);
    }
    w.tracking.observe(w.state, std::move(all), by_both_clocks(first_poll));
    w.tracking.observe(w.state, std::move(none), by_both_clocks(first_poll + 1min));
    EXPECT_EQ(w.state.departed.size(), 10'000u);
}

TEST(Tracker, AnInconsistentReadingUpdatesWhatItSawAndNothingElse) {
    watched w;
    w.poll(0s, {t(R"("stage": "Wait")"),
                R"("task_name": "u", "status": "No", "stage": "Full", "percentage": 3)"});
    ASSERT_EQ(w.state.task_count, 2u);
    const task_state before = w.task("u");

    EXPECT_THAT(w.poll(1min, make_inconsistent_reading({t(R"("stage": "Full")")})),
                ElementsAre("INFO stage_transition t from=wait to=full after=60"));
    EXPECT_EQ(w.state.task_count, 2u); // of the last consistent poll
    EXPECT_EQ(w.task("t").unseen_since, std::nullopt);
    EXPECT_EQ(w.task("u").unseen_since, first_poll + 1min);
    EXPECT_EQ(w.task("u").reading, before.reading);
    EXPECT_EQ(w.task("u").abnormal_since, before.abnormal_since);

    w.poll(2min, make_inconsistent_reading({t(R"("stage": "Full")")}));
    EXPECT_EQ(w.task("u").unseen_since, first_poll + 1min); // from the first

    EXPECT_THAT(w.poll(3min, make_inconsistent_reading({R"("task_name": "v", "stage": "Full")"})),
                ElementsAre("INFO task_discovered v stage=full"));
    EXPECT_EQ(w.state.task_count, 2u);

    w.poll(4min, {t(""), R"("task_name": "u")", R"("task_name": "v")"});
    EXPECT_EQ(w.state.task_count, 3u);
    EXPECT_EQ(w.task("u").unseen_since, std::nullopt);
}

TEST(Tracker, AConsistentReadingAgesWhatItDidNotSee) {
    watched w;
    w.poll(0s, {t(""), R"("task_name": "u")"});
    EXPECT_THAT(w.poll(1min, {t("")}), IsEmpty()); // not proven to be gone: an unusable name, say
    EXPECT_EQ(w.task("u").unseen_since, first_poll + 1min);
    EXPECT_EQ(w.state.task_count, 1u);
}

TEST(Tracker, AFailedPollAgesEveryTaskFromTheFirst) {
    watched w;
    w.poll(0s, {t(R"("stage": "Full")"), R"("task_name": "u")"});
    tracker::miss(w.state, first_poll + 1min);
    tracker::miss(w.state, first_poll + 2min);
    EXPECT_EQ(w.task("t").unseen_since, first_poll + 1min);
    EXPECT_EQ(w.task("u").unseen_since, first_poll + 1min);
    EXPECT_EQ(w.state.task_count, 2u);
    EXPECT_THAT(w.poll(3min, {t(R"("stage": "Full")"), R"("task_name": "u")"}), IsEmpty());
    EXPECT_EQ(w.task("t").unseen_since, std::nullopt);
}

TEST(Tracker, TellsOfTasksInTheOrderOfTheirNames) {
    watched w;
    EXPECT_THAT(w.poll(0s, {R"("task_name": "b")", R"("task_name": "c")", R"("task_name": "a")"}),
                ElementsAre("INFO task_discovered a stage=unknown", "INFO task_discovered b stage=unknown",
                            "INFO task_discovered c stage=unknown"));
}

} // namespace
} // namespace replmond::tracking
