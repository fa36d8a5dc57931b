// What is rendered bit by bit is what would be rendered from nothing.
#include "daemon/core/metrics/metrics_page.hpp"
#include "tests/support/pieces.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace replmond::metrics {
namespace {

using std::chrono_literals::operator""min;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;

const timestamp page_start{milliseconds(1'800'000'000'000)};
constexpr milliseconds stale_after = 15min;

std::string text_at(metrics_page& page, timestamp now) {
    return test::joined(page.pieces(now, format::text));
}

std::string fresh_text(const instance_state& state, timestamp now) {
    metrics_page page(stale_after);
    page.update(state, now);
    return text_at(page, now);
}

instance_state usual() {
    instance_state state;
    state.identity = {"prod",         "0123456789abcdef0123456789abcdef", "ap-southeast-3", "orders", "id",
                      {{"team", "a"}}};
    for (const char* name : {"first", "second", "third"}) {
        task_state& task = state.tasks[name];
        task.reading.name = name;
        task.reading.status = status::yes;
        task.reading.stage = stage::full;
        task.reading.percentage = 12;
        task.stage_changed = task.status_changed = task.progress_changed = page_start;
    }
    state.task_count = 3;
    state.last_result = poll_result::success;
    state.last_success = state.last_poll = page_start;
    state.interval = 60s;
    return state;
}

using change = std::function<void(instance_state&)>;

task_state& second(instance_state& of) {
    return of.tasks.at("second");
}

// Everything that a metric shows.
const std::vector<std::pair<std::string, change>>& changes() {
    static const std::vector<std::pair<std::string, change>> all{
        {"source_database", [](auto& of) { second(of).reading.source_database = "a"; }},
        {"target_database", [](auto& of) { second(of).reading.target_database = "a"; }},
        {"main_task", [](auto& of) { second(of).reading.main_task = false; }},
        {"status", [](auto& of) { second(of).reading.status = status::no; }},
        {"no status", [](auto& of) { second(of).reading.status.reset(); }},
        {"stage", [](auto& of) { second(of).reading.stage = stage::incremental; }},
        {"percentage", [](auto& of) { second(of).reading.percentage = 13; }},
        {"no percentage", [](auto& of) { second(of).reading.percentage.reset(); }},
        {"catchup_stage", [](auto& of) { second(of).reading.catchup_stage = stage::full; }},
        {"catchup_percentage",
         [](auto& of) {
             second(of).reading.catchup_stage = stage::full;
             second(of).reading.catchup_percentage = 7;
         }},
        {"needs_repair", [](auto& of) { second(of).reading.needs_repair = false; }},
        {"repair", [](auto& of) { second(of).reading.needs_repair = true; }},
        {"stage_changed", [](auto& of) { second(of).stage_changed += 1s; }},
        {"status_changed", [](auto& of) { second(of).status_changed += 1s; }},
        {"progress_changed", [](auto& of) { second(of).progress_changed += 1ms; }},
        {"unseen", [](auto& of) { second(of).unseen_since = page_start - stale_after; }},
        {"gone", [](auto& of) { of.tasks.erase("second"); }},
        {"new", [](auto& of) { of.tasks["fourth"] = second(of); }},
        {"task_count", [](auto& of) { of.task_count = 4; }},
        {"no task_count", [](auto& of) { of.task_count.reset(); }},
        {"failing", [](auto& of) { of.failing_since = page_start - stale_after; }},
        {"transitions", [](auto& of) { ++of.counters.transitions[1][2]; }},
        {"polls", [](auto& of) { ++of.counters.polls[1]; }},
        {"polls_skipped", [](auto& of) { ++of.counters.polls_skipped; }},
        {"last_result", [](auto& of) { of.last_result = poll_result::timeout; }},
        {"last_success", [](auto& of) { *of.last_success += 1s; }},
        {"last_duration", [](auto& of) { of.last_duration = 17ms; }},
        {"interval", [](auto& of) { of.interval = 90s; }},
        {"region", [](auto& of) { of.identity.region = "other"; }},
        {"project_id", [](auto& of) { of.identity.project_id = "other"; }},
        {"name", [](auto& of) { of.identity.name = "other"; }},
        {"id", [](auto& of) { of.identity.id = "other"; }},
        {"labels", [](auto& of) { of.identity.labels["team"] = "b"; }},
        {"new label", [](auto& of) { of.identity.labels["tier"] = "1"; }},
    };
    return all;
}

TEST(MetricsPage, RendersAnewWhateverChanges) {
    for (const auto& [what, apply] : changes()) {
        SCOPED_TRACE(what);
        instance_state state = usual();
        metrics_page page(stale_after);
        page.update(state, page_start);
        const std::string before = text_at(page, page_start);
        apply(state);
        page.update(state, page_start);
        const std::string after = text_at(page, page_start);
        EXPECT_NE(after, before);
        EXPECT_EQ(after, fresh_text(state, page_start));

        state = usual();
        page.update(state, page_start);
        EXPECT_EQ(text_at(page, page_start), before); // and back
    }
}

TEST(MetricsPage, RendersAnewWhateverChangesOneAfterTheOther) {
    for (unsigned seed = 0; seed < 20; ++seed) {
        SCOPED_TRACE(seed);
        std::mt19937 jitter(seed);
        instance_state state = usual();
        metrics_page page(stale_after);
        page.update(state, page_start);
        for (int turn = 0; turn < 100; ++turn) {
            if (jitter() % 8 == 0) {
                const std::string name = state.identity.name;
                state = usual();
                state.identity.name = name;
            }
            state.tasks.try_emplace("second"); // what changes are made to
            const auto& [what, apply] = changes()[jitter() % changes().size()];
            apply(state);
            page.update(state, page_start);
            if (jitter() % 3 == 0) {
                EXPECT_EQ(text_at(page, page_start), fresh_text(state, page_start)) << what;
            }
        }
    }
}

TEST(MetricsPage, ShowsAtAScrapeWhatPollsHaveChangedSinceTheLast) {
    instance_state state = usual();
    metrics_page page(stale_after);
    page.update(state, page_start);
    for (int scrape = 0; scrape < 3; ++scrape) {
        for (int poll = 0; poll < 3; ++poll) {
            ++state.counters.polls[static_cast<std::size_t>(poll_result::success)];
            *state.last_success += 30s;
            state.last_duration += 1ms;
            page.update_poll(state);
        }
        EXPECT_EQ(text_at(page, page_start), fresh_text(state, page_start));
    }
}

// Everything goes stale at one moment: between two steps instances may be polled, come and go.
TEST(MetricsPage, IsRefreshedBitByBit) {
    std::vector<instance_state> states(60, usual());
    metrics_page page(stale_after);
    for (std::size_t i = 0; i < states.size(); ++i) {
        states[i].identity.name = "i" + std::to_string(100 + i);
        states[i].failing_since = page_start;
        for (auto& [name, task] : states[i].tasks)
            task.unseen_since = page_start;
        page.update(states[i], page_start);
    }
    EXPECT_TRUE(page.refresh(page_start + 1s) || page.refresh(page_start + 1s) ||
                page.refresh(page_start + 1s));
    const timestamp now = page_start + stale_after;
    std::size_t steps = 1;
    for (; !page.refresh(now); ++steps) {
        page.remove(states[steps]); // behind it and before it
        page.remove(states[59 - steps]);
        states[30].failing_since.reset();
        for (auto& [name, task] : states[30].tasks)
            task.unseen_since.reset();
        page.update(states[30], now);
    }
    EXPECT_GE(steps, 4U);
    metrics_page fresh(stale_after);
    for (std::size_t i = 0; i < states.size(); ++i) {
        if (i == 0 || (i >= steps && i <= 59 - steps) || i == 59)
            fresh.update(states[i], now);
    }
    EXPECT_EQ(text_at(page, now), text_at(fresh, now));
}

TEST(MetricsPage, AnotherStaleAfterIsRenderedAtTheNextRefresh) {
    std::vector<instance_state> states(60, usual());
    metrics_page page(stale_after);
    metrics_page fresh(5min);
    for (std::size_t i = 0; i < states.size(); ++i) {
        states[i].identity.name = "i" + std::to_string(100 + i);
        for (auto& [name, task] : states[i].tasks)
            task.unseen_since = page_start;
        page.update(states[i], page_start + 6min);
        fresh.update(states[i], page_start + 6min);
    }
    while (!page.refresh(page_start + 6min)) {
    }
    EXPECT_NE(text_at(page, page_start + 6min), text_at(fresh, page_start + 6min));
    page.change_stale_after(5min);
    EXPECT_FALSE(page.refresh(page_start + 6min)); // a little of it
    EXPECT_EQ(text_at(page, page_start + 6min), text_at(fresh, page_start + 6min));
}

std::vector<instance_state> numbered(std::size_t count) {
    std::vector<instance_state> states(count, usual());
    for (std::size_t i = 0; i < count; ++i)
        states[i].identity.name = "i" + std::to_string(100 + i);
    return states;
}

// How many calls of refresh() it takes until nothing is left.
int refreshes(metrics_page& page, timestamp now) {
    int calls = 1;
    while (!page.refresh(now) && calls < 100)
        ++calls;
    return calls;
}

TEST(MetricsPage, ARefreshRendersThePollsOf32Instances) {
    for (const auto& [instances, calls] : {std::pair(32, 1), std::pair(33, 2), std::pair(64, 2)}) {
        const auto states = numbered(static_cast<std::size_t>(instances));
        metrics_page page(stale_after);
        for (const instance_state& each : states)
            page.update(each, page_start);
        EXPECT_EQ(refreshes(page, page_start), calls) << instances;
    }
}

TEST(MetricsPage, ARefreshRendersWhatHasExpiredOf32InstancesWithoutTasks) {
    auto states = numbered(32);
    metrics_page page(stale_after);
    for (instance_state& each : states) {
        each.tasks.clear();
        each.failing_since = page_start;
        page.update(each, page_start);
    }
    EXPECT_EQ(refreshes(page, page_start + 1s), 1);
    EXPECT_EQ(refreshes(page, page_start + stale_after), 2); // what has expired, then the polls
}

TEST(MetricsPage, ARefreshLooksAt32InstancesThatHaveNotExpired) {
    auto states = numbered(64);
    metrics_page page(stale_after);
    for (instance_state& each : states) {
        for (auto& [name, task] : each.tasks)
            task.unseen_since = page_start + 1s;
        if (&each == &states.front()) {
            each.tasks.clear();
            each.failing_since = page_start;
        }
        page.update(each, page_start);
    }
    EXPECT_EQ(refreshes(page, page_start + 1s), 2);
    EXPECT_EQ(refreshes(page, page_start + stale_after),
              3); // 32, 32 and the poll of the one that has expired
}

TEST(MetricsPage, ARenamedInstanceMovesToThePlaceOfItsName) {
    auto states = numbered(3);
    metrics_page page(stale_after);
    metrics_page fresh(stale_after);
    for (const instance_state& each : states)
        page.update(each, page_start);
    states[0].identity.name = "i101 and more";
    page.update(states[0], page_start);
    for (const instance_state& each : states)
        fresh.update(each, page_start);
    EXPECT_EQ(text_at(page, page_start), text_at(fresh, page_start));
}

TEST(MetricsPage, NamesCountersAsTheFormatDoes) {
    metrics_page page(stale_after);
    const auto has = [&page](format as, const char* line) {
        return test::joined(page.pieces(page_start, as)).find(line) != std::string::npos;
    };
    EXPECT_TRUE(has(format::text, "# TYPE replmond_polls_total counter\n"));
    EXPECT_TRUE(has(format::open_metrics, "# TYPE replmond_polls counter\n"));
}

} // namespace
} // namespace replmond::metrics
