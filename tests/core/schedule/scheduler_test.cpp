#include "daemon/core/schedule/scheduler.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <queue>
#include <string>
#include <vector>

namespace replmond::schedule {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string id_of(std::size_t i) {
    return fmt::format("{:032x}in17", i * 2654435761U);
}

/// A cloud and a daemon on a virtual clock: every poll is some requests, each of which takes what the
/// instance's model says.
class world {
public:
    struct model {
        milliseconds answer_after = 50ms;
        bool succeeds = true;
        int pages = 1;
    };
    struct seen {
        std::vector<uptime> began;
        std::vector<uptime> ended;
        std::uint64_t skipped = 0;
    };

    world(int slots, budget_limits limits) : plan(slots), limits_(limits) {}

    void project(project_key key) { plan.add_project(key, limits_); }

    void instance(instance_key key, project_key of, milliseconds interval, model how, uptime first = 0ms) {
        plan.add(key, of, id_of(key), interval, first);
        models[key] = how;
        projects_[key] = of;
    }

    void run_until(uptime end) {
        for (;;) {
            const auto to_do = plan.next(now);
            for (const auto& change : to_do.stretched)
                stretches.push_back(change);
            for (const auto key : to_do.begin) {
                polls[key].began.push_back(now);
                pages_left_[key] = models[key].pages;
                request(key);
            }
            for (const auto leave : to_do.permits)
                send(leave);
            if (!to_do.begin.empty())
                continue;
            std::optional<uptime> next = to_do.wake;
            if (!happenings_.empty() && (!next || happenings_.top().at < *next))
                next = happenings_.top().at;
            if (!next || *next > end) {
                now = end;
                return;
            }
            now = std::max(now, *next);
            while (!happenings_.empty() && happenings_.top().at <= now) {
                const auto what = happenings_.top().what;
                happenings_.pop();
                what();
            }
        }
    }

    /// The longest time between two begun polls of that instance, from its second poll on.
    milliseconds longest_gap(instance_key key) const {
        const auto& began = polls.at(key).began;
        milliseconds longest{};
        for (std::size_t i = 2; i < began.size(); ++i)
            longest = std::max(longest, began[i] - began[i - 1]);
        return longest;
    }

    scheduler plan;
    std::map<instance_key, model> models;
    std::map<instance_key, seen> polls;
    std::map<project_key, std::vector<uptime>> sent;
    std::vector<stretch_change> stretches;
    int most_in_flight = 0;
    int in_flight = 0;
    uptime now{};

private:
    struct happening {
        uptime at;
        std::uint64_t order;
        std::function<void()> what;
        bool operator<(const happening& other) const {
            return std::pair(other.at, other.order) < std::pair(at, order);
        }
    };

    void request(instance_key key) {
        owners_[plan.request_permit(projects_[key], purpose::poll, key, false, now)] = key;
    }

    void send(ticket leave) {
        const auto key = owners_.at(leave);
        sent[projects_[key]].push_back(now);
        most_in_flight = std::max(most_in_flight, ++in_flight);
        happenings_.push({now + models[key].answer_after, ++order_, [this, leave, key] {
                              --in_flight;
                              plan.release_permit(leave, true, false, now);
                              if (models[key].succeeds && --pages_left_[key] > 0) {
                                  request(key);
                                  return;
                              }
                              poll_end end;
                              end.succeeded = models[key].succeeds;
                              end.requests = end.succeeded ? models[key].pages : 0;
                              polls[key].ended.push_back(now);
                              polls[key].skipped += plan.poll_ended(key, end, now);
                          }});
    }

    budget_limits limits_;
    std::map<instance_key, project_key> projects_;
    std::map<instance_key, int> pages_left_;
    std::map<ticket, instance_key> owners_;
    std::priority_queue<happening> happenings_;
    std::uint64_t order_ = 0;
};

constexpr budget_limits plenty{1'000'000, 5min};

TEST(Scheduler, AThousandInstancesKeepTheirGrid) {
    world w(16, plenty);
    w.project(1);
    for (std::size_t i = 0; i < 1000; ++i)
        w.instance(i + 1, 1, 60s, {}, first_poll(i, 1000, 60s));
    w.run_until(30min);
    for (std::size_t i = 1; i <= 1000; ++i) {
        const auto& began = w.polls.at(i).began;
        EXPECT_GE(began.size(), 30U);
        EXPECT_LE(began.size(), 31U);
        const grid ticks = grid_of(id_of(i), 60s);
        for (std::size_t k = 1; k < began.size(); ++k)
            EXPECT_EQ(ticks.next_after(began[k] - 1ms), began[k]);
        EXPECT_EQ(w.polls.at(i).skipped, 0U);
    }
    EXPECT_LE(w.most_in_flight, 16);
}

TEST(Scheduler, BlackHolesDoNotDelayTheGood) {
    world w(16, plenty);
    w.project(1);
    for (std::size_t i = 0; i < 200; ++i) {
        const bool hangs = i % 2 == 0;
        w.instance(i + 1, 1, 30s, {hangs ? 10s : 50ms, !hangs, 1}, first_poll(i, 200, 30s));
    }
    w.run_until(5min); // while they are found out
    for (auto& [key, polls] : w.polls)
        polls = {};
    w.run_until(60min);
    for (std::size_t i = 1; i < 200; i += 2) {
        EXPECT_EQ(w.polls.at(i + 1).skipped, 0U);
        EXPECT_EQ(w.longest_gap(i + 1), 30s);
        for (std::size_t k = 0; k < w.polls.at(i + 1).ended.size(); ++k) // and none of them had to wait
            EXPECT_LE(w.polls.at(i + 1).ended[k] - w.polls.at(i + 1).began[k], 100ms);
    }
    for (std::size_t i = 0; i < 200; i += 2) // and those are still asked
        EXPECT_GE(w.polls.at(i + 1).ended.size(), 3U);
}

TEST(Scheduler, AProjectThatHangsDoesNotDelayAnother) {
    world w(4, plenty);
    w.project(1);
    w.project(2);
    for (std::size_t i = 1; i <= 50; ++i)
        w.instance(i, 1, 5s, {10s, false, 1});
    for (std::size_t i = 51; i <= 53; ++i)
        w.instance(i, 2, 5s, {});
    w.run_until(20min);
    for (std::size_t i = 51; i <= 53; ++i) {
        EXPECT_EQ(w.longest_gap(i), 5s);
        for (std::size_t k = 0; k < w.polls.at(i).ended.size(); ++k)
            EXPECT_LE(w.polls.at(i).ended[k] - w.polls.at(i).began[k], 150ms) << i << ' ' << k;
    }
}

// Those of a project that fail do not fill what it may hold beside others.
TEST(Scheduler, WhoHangsDoesNotDelayItsOwnProjectBesideOthers) {
    for (const int slots : {2, 3, 4, 16}) {
        SCOPED_TRACE(slots);
        world w(slots, plenty);
        w.project(1);
        w.project(2);
        for (std::size_t i = 1; i <= 11; ++i)
            w.instance(i, 1, 5s, {i <= 9 ? 12s : 50ms, i > 9, 1}, first_poll(i, 11, 5s));
        w.instance(12, 2, 5s, {});
        w.run_until(10min); // while they are found out
        for (auto& [key, polls] : w.polls)
            polls = {};
        w.run_until(20min);
        for (const instance_key good : {10, 11, 12}) {
            EXPECT_EQ(w.polls.at(good).skipped, 0U) << good;
            EXPECT_EQ(w.longest_gap(good), 5s) << good;
            for (std::size_t k = 0; k < w.polls.at(good).ended.size(); ++k)
                EXPECT_LE(w.polls.at(good).ended[k] - w.polls.at(good).began[k], 200ms) << good << ' ' << k;
        }
        for (instance_key bad = 1; bad <= 9; ++bad) // and those are still asked
            EXPECT_GE(w.polls.at(bad).ended.size(), 2U) << bad;
    }
}

TEST(Scheduler, OneProjectAloneMayUseEverySlot) {
    world w(8, plenty);
    w.project(1);
    for (std::size_t i = 1; i <= 100; ++i)
        w.instance(i, 1, 10s, {1s, true, 1});
    w.run_until(1min);
    EXPECT_EQ(w.most_in_flight, 8);
}

TEST(Scheduler, OneSlotServesEverybody) {
    world w(1, plenty);
    w.project(1);
    w.project(2);
    for (std::size_t i = 1; i <= 10; ++i)
        w.instance(i, 1 + i % 2, 10s, {100ms, i % 3 != 0, 2});
    w.run_until(10min);
    EXPECT_EQ(w.most_in_flight, 1);
    for (std::size_t i = 1; i <= 10; ++i)
        EXPECT_GE(w.polls.at(i).ended.size(), 7U) << i;
}

TEST(Scheduler, ALongPollSkipsTicksAndCountsThem) {
    world w(4, plenty);
    w.project(1);
    w.instance(1, 1, 10s, {25s, true, 1});
    w.run_until(10min);
    const auto& polls = w.polls.at(1);
    for (std::size_t i = 2; i < polls.began.size(); ++i)
        EXPECT_EQ(polls.began[i] - polls.began[i - 1], 30s);
    EXPECT_GE(polls.skipped, 2 * (polls.ended.size() - 1));
    EXPECT_LE(polls.skipped, 2 * polls.ended.size());
}

TEST(Scheduler, AFailingInstanceSlowsDownAndComesBack) {
    world w(4, plenty);
    w.project(1);
    w.instance(1, 1, 10s, {50ms, false, 1});
    w.run_until(9min);
    EXPECT_EQ(w.plan.interval_in_force(1), 80s);
    EXPECT_TRUE(w.plan.is_failing(1));
    w.models[1].succeeds = true;
    w.run_until(11min);
    EXPECT_EQ(w.plan.interval_in_force(1), 10s);
    EXPECT_FALSE(w.plan.is_failing(1));
}

TEST(Scheduler, HeldPollsSlowNobodyDown) {
    scheduler plan(4);
    plan.add_project(1, plenty);
    plan.add(1, 1, id_of(1), 10s, 0s);
    uptime now{};
    for (int i = 0; i < 20; ++i) {
        const auto to_do = plan.next(now);
        ASSERT_THAT(to_do.begin, ElementsAre(1));
        poll_end held;
        held.sent_nothing = true;
        plan.poll_ended(1, held, now);
        now = plan.next(now).wake.value();
    }
    EXPECT_EQ(plan.interval_in_force(1), 10s);
}

TEST(Scheduler, APauseMovesTheNextPollBehindIt) {
    scheduler plan(4);
    plan.add_project(1, plenty);
    plan.add(1, 1, id_of(1), 10s, 0s);
    plan.next(0s);
    poll_end end;
    end.pause_until = 95s;
    EXPECT_EQ(plan.poll_ended(1, end, 1s), 0U); // no ticks missed because a poll ran
    const auto next = plan.next(1s).wake.value();
    EXPECT_GE(next, 95s);
    EXPECT_LT(next, 105s);
    EXPECT_EQ(next, grid_of(id_of(1), 10s).next_after(95s - 1ms));
}

// What else moves ticks does not end a pause.
TEST(Scheduler, APauseOutlastsStretchesAndChangedIntervals) {
    scheduler plan(4);
    plan.add_project(1, {10, 1min});
    plan.add(1, 1, id_of(1), 10s, 0s);
    plan.add(2, 1, id_of(2), 10s, 0s);
    plan.next(0s);
    poll_end end;
    end.pause_until = 195s;
    plan.poll_ended(1, end, 1s);
    plan.poll_ended(2, {true, false, 5, std::nullopt}, 1s); // so many requests that both are stretched
    plan.next(1s);
    EXPECT_GT(plan.stretched(1), 1);
    EXPECT_GE(plan.next_tick(1), 195s);
    plan.change_interval(1, 5s, 2s);
    EXPECT_GE(plan.next_tick(1), 195s);
    plan.next(195s);
    EXPECT_LT(plan.next_tick(1), 195s + 2min);
}

TEST(Scheduler, APauseMayComeBetweenPolls) {
    scheduler plan(4);
    plan.add_project(1, plenty);
    plan.add(1, 1, id_of(1), 10s, 0s);
    plan.next(0s);
    plan.poll_ended(1, {true, false, 1, std::nullopt}, 1s);
    plan.pause(1, 62s, 2s);
    EXPECT_EQ(plan.next(2s).wake, grid_of(id_of(1), 10s).next_after(62s - 1ms));
    plan.pause(1, 30s, 3s); // a shorter one changes nothing
    EXPECT_GE(plan.next(3s).wake, 62s);
    plan.pause(7, 30s, 3s); // it is gone
}

TEST(Scheduler, APauseEndsWithATickOrBeforeTheNext) {
    const uptime tick = grid_of(id_of(1), 10s).next_after(60s);
    const std::vector<std::pair<uptime, uptime>> table{
        {tick - 1ms, tick}, {tick, tick}, {tick + 1ms, tick + 10s}};
    for (const auto& [until, next] : table) {
        scheduler plan(4);
        plan.add_project(1, plenty);
        plan.add(1, 1, id_of(1), 10s, 0s);
        plan.next(0s);
        plan.poll_ended(1, {true, false, 1, until}, 1s);
        EXPECT_EQ(plan.next(1s).wake, next) << (until - tick).count();
    }
}

TEST(Scheduler, RunsFromItsBeginningToItsEnd) {
    scheduler plan(4);
    plan.add_project(1, plenty);
    plan.add(1, 1, id_of(1), 10s, 5s);
    plan.next(0s);
    EXPECT_FALSE(plan.is_running(1));
    EXPECT_FALSE(plan.is_failing(1));
    plan.next(5s);
    EXPECT_TRUE(plan.is_running(1));
    plan.poll_ended(1, {}, 6s);
    EXPECT_FALSE(plan.is_running(1));
    EXPECT_TRUE(plan.is_failing(1));
    EXPECT_FALSE(plan.is_failing(2)); // nobody knows it
}

TEST(Scheduler, ARequestThatWaitsIsWithdrawnWithItsPoll) {
    scheduler plan(4);
    plan.add_project(1, plenty);
    plan.add(1, 1, id_of(1), 10s, 0s);
    plan.next(0s);
    plan.request_permit(1, purpose::poll, 1, false, 0s);
    EXPECT_EQ(plan.polls_waiting(), 1U);
    plan.poll_ended(1, {}, 1s);
    EXPECT_EQ(plan.polls_waiting(), 0U);
    EXPECT_THAT(plan.next(1s).permits, IsEmpty());
}

TEST(Scheduler, TheLoadIsThatOfTheLastWholeReading) {
    scheduler plan(4);
    plan.add_project(1, {10, 1min}); // 8 are for polls
    plan.add(1, 1, id_of(1), 10s, 0s);
    uptime now{};
    const auto factor_after = [&](bool succeeded, int requests) {
        EXPECT_THAT(plan.next(now).begin, ElementsAre(1));
        plan.poll_ended(1, {succeeded, false, requests, std::nullopt}, now);
        now = std::max(now, plan.next(now).wake.value());
        return plan.stretched(1);
    };
    EXPECT_DOUBLE_EQ(factor_after(true, 5), 3.75); // 30 a minute
    EXPECT_DOUBLE_EQ(factor_after(false, 0), 3.75);
    EXPECT_DOUBLE_EQ(factor_after(true, 1), 1);
}

// Whatever happens, no window of the limit's length has more requests than the limit.
TEST(Scheduler, TheBudgetHoldsAndIsUsed) {
    world w(16, {60, 1min});
    w.project(1);
    for (std::size_t i = 1; i <= 300; ++i)
        w.instance(i, 1, 60s, {50ms, i % 7 != 0, 1 + static_cast<int>(i % 3)}, first_poll(i, 300, 60s));
    w.run_until(60min);
    const auto& sent = w.sent.at(1);
    for (std::size_t i = 60; i < sent.size(); ++i)
        EXPECT_GE(sent[i] - sent[i - 60], 1min);
    EXPECT_GE(sent.size(), 60U * 60 * 7 / 10);
    EXPECT_GT(w.plan.waited_for_budget(1), 0ms);
}

TEST(Scheduler, StretchesIntervalsThatDoNotFitAndSaysSoOnce) {
    world w(16, {200, 5min});
    w.project(1);
    for (std::size_t i = 1; i <= 100; ++i) // 100 a minute: 500 in 5 minutes, 160 are for polls
        w.instance(i, 1, 60s, {}, first_poll(i, 100, 60s));
    w.run_until(60min);
    ASSERT_FALSE(w.stretches.empty());
    const auto& change = w.stretches.front();
    EXPECT_TRUE(change.begins);
    EXPECT_TRUE(change.is_news);
    EXPECT_EQ(change.instances, 100U);
    EXPECT_NEAR(change.plan.planned, 500, 1e-9);
    EXPECT_EQ(change.plan.allowed, 200);
    EXPECT_DOUBLE_EQ(change.plan.factor, 3.15);
    EXPECT_EQ(std::count_if(w.stretches.begin(), w.stretches.end(), [](const auto& c) { return c.is_news; }),
              1);
    EXPECT_EQ(w.plan.interval_in_force(1), 189s);
    const milliseconds waited = w.plan.waited_for_budget(1);
    w.run_until(120min);
    EXPECT_EQ(w.plan.waited_for_budget(1), waited); // they fit now
}

TEST(Scheduler, AStretchIsNewsWhereItBeginsAndWhereItIsAQuarterMore) {
    world w(16, {200, 5min});
    w.project(1);
    std::size_t instances = 0;
    const auto change_to = [&](std::size_t count) {
        for (; instances < count; ++instances)
            w.instance(instances + 1, 1, 60s, {}, 60s);
        for (; instances > count; --instances)
            w.plan.remove(instances);
        std::string told;
        for (const stretch_change& change : w.plan.next(0ms).stretched)
            told += fmt::format("{}{}{}", change.plan.factor, change.begins ? " begins" : "",
                                change.is_news ? " news" : "");
        return told;
    };
    EXPECT_EQ(change_to(100), "3.15 begins news"); // 500 requests in five minutes, 160 are for polls
    EXPECT_EQ(change_to(124), "3.9");
    EXPECT_EQ(change_to(125), "3.95 news"); // a quarter more than 3.15 is 3.9375
    EXPECT_EQ(change_to(126), "");
    EXPECT_EQ(change_to(10), "1");
    EXPECT_EQ(change_to(100), "3.15 begins news");
    EXPECT_EQ(change_to(10), "1");
    EXPECT_EQ(change_to(64), "2 begins news");
    EXPECT_EQ(change_to(80), "2.5 news"); // just a quarter more
}

TEST(Scheduler, AMoveTakesItsLoadAlong) {
    world w(16, {200, 5min});
    w.project(1);
    w.project(2);
    for (instance_key key = 1; key <= 100; ++key)
        w.instance(key, 1, 60s, {}, 60s);
    w.plan.next(0s);
    EXPECT_DOUBLE_EQ(w.plan.stretched(1), 3.15);
    EXPECT_EQ(w.plan.stretched(2), 1);
    for (instance_key key = 1; key <= 100; ++key)
        w.plan.move(key, 2);
    w.plan.next(0s);
    EXPECT_EQ(w.plan.stretched(1), 1);
    EXPECT_DOUBLE_EQ(w.plan.stretched(2), 3.15);
}

TEST(Scheduler, AnotherWindowIsAnotherStretch) {
    world w(16, {200, 5min});
    w.project(1);
    for (instance_key key = 1; key <= 100; ++key)
        w.instance(key, 1, 60s, {}, 60s);
    w.plan.next(0s);
    EXPECT_DOUBLE_EQ(w.plan.stretched(1), 3.15);
    w.plan.change_project(1, {200, 1min}, 0s);
    w.plan.next(0s);
    EXPECT_EQ(w.plan.stretched(1), 1);
}

TEST(Scheduler, TheFirstPollKeepsItsTime) {
    scheduler plan(4);
    plan.add_project(1, plenty);
    plan.add(1, 1, id_of(1), 1h, 5s);
    plan.change_interval(1, 10min, 0s);
    plan.pause(1, 2min, 0s);
    EXPECT_EQ(plan.next(0s).wake, 5s);
}

// Five requests fit, one of them for discovery, which was the last to be sent.
TEST(Scheduler, WakesWhenTheFirstOfThoseWhoWaitCanPay) {
    struct row {
        std::vector<purpose> waiting;
        std::optional<uptime> first_poll;
        std::optional<uptime> wake;
    };
    const uptime polls_pay = 1min + 1ms;
    const uptime discovery_pays = 1min + 10s + 1ms;
    const std::vector<row> table{
        {{}, std::nullopt, std::nullopt},
        {{purpose::credential}, std::nullopt, polls_pay},
        {{purpose::poll}, std::nullopt, polls_pay},
        {{purpose::reason}, std::nullopt, polls_pay},
        {{purpose::discovery}, std::nullopt, discovery_pays},
        {{purpose::reason, purpose::discovery}, std::nullopt, polls_pay},
        {{purpose::reason}, 30s, 30s},
        {{purpose::reason}, 2min, polls_pay},
    };
    for (const row& r : table) {
        SCOPED_TRACE(::testing::Message() << "row " << &r - table.data());
        scheduler plan(4);
        plan.add_project(1, {5, 1min});
        if (r.first_poll)
            plan.add(1, 1, id_of(1), 1h, *r.first_poll);
        const auto send = [&](purpose what, uptime at) {
            const ticket asked = plan.request_permit(1, what, std::nullopt, false, at);
            ASSERT_THAT(plan.next(at).permits, ElementsAre(asked));
            plan.release_permit(asked, true, false, at);
        };
        for (int i = 0; i < 4; ++i)
            send(purpose::reason, 0s);
        send(purpose::discovery, 10s);
        for (const purpose what : r.waiting)
            plan.request_permit(1, what, std::nullopt, false, 10s);
        EXPECT_EQ(plan.next(10s).wake, r.wake);
    }
}

TEST(Scheduler, MayRetryWithinTheShareOfTheProject) {
    scheduler plan(4);
    plan.add_project(1, plenty);
    for (int i = 0; i < 10; ++i) {
        EXPECT_FALSE(plan.may_retry(1, 0s)) << i;
        plan.request_permit(1, purpose::reason, std::nullopt, false, 0s);
        plan.next(0s);
    }
    EXPECT_TRUE(plan.may_retry(1, 0s));  // one in ten
    EXPECT_FALSE(plan.may_retry(2, 0s)); // nobody knows it
}

TEST(Scheduler, WhatIsWithdrawnSaysNothingOfTheRate) {
    scheduler plan(4);
    plan.add_project(1, {2, 1min});
    const auto vain = plan.request_permit(1, purpose::reason, std::nullopt, false, 0s);
    ASSERT_THAT(plan.next(0s).permits, ElementsAre(vain));
    plan.cancel_permit(vain);
    const auto one = plan.request_permit(1, purpose::reason, std::nullopt, false, 0s);
    const auto two = plan.request_permit(1, purpose::reason, std::nullopt, false, 0s);
    EXPECT_THAT(plan.next(0s).permits, ElementsAre(one, two));
}

TEST(Scheduler, IntervalsRelaxWhenInstancesGo) {
    world w(16, {200, 5min});
    w.project(1);
    for (std::size_t i = 1; i <= 100; ++i)
        w.instance(i, 1, 60s, {}, first_poll(i, 100, 60s));
    w.run_until(10min);
    for (std::size_t i = 11; i <= 100; ++i)
        w.plan.remove(i);
    w.stretches.clear();
    w.plan.next(w.now);
    EXPECT_EQ(w.plan.interval_in_force(1), 60s);
}

TEST(Scheduler, CredentialsFirstThenPollsErrorTextsDiscovery) {
    scheduler plan(4);
    plan.add_project(1, {1, 10s});
    plan.add(1, 1, id_of(1), 1min, 0s);
    ASSERT_THAT(plan.next(0s).begin, ElementsAre(1));
    const auto discovery = plan.request_permit(1, purpose::discovery, std::nullopt, false, 0s);
    const auto reason = plan.request_permit(1, purpose::reason, std::nullopt, false, 0s);
    const auto poll = plan.request_permit(1, purpose::poll, 1, false, 0s);
    const auto credential = plan.request_permit(1, purpose::credential, std::nullopt, false, 0s);
    uptime now{};
    std::vector<ticket> order;
    for (int i = 0; i < 4; ++i) {
        const auto to_do = plan.next(now);
        ASSERT_EQ(to_do.permits.size(), 1U);
        order.push_back(to_do.permits.front());
        plan.release_permit(order.back(), true, false, now);
        const auto wake = plan.next(now).wake;
        if (wake)
            now = *wake;
    }
    EXPECT_THAT(order, ElementsAre(credential, poll, reason, discovery));
    EXPECT_EQ(now, 30s + 3ms); // each counts a millisecond longer: times are rounded down
}

TEST(Scheduler, APollKeepsItsSlotFromPageToPage) {
    scheduler plan(1);
    plan.add_project(1, plenty);
    plan.add(1, 1, id_of(1), 1min, 0s);
    plan.add(2, 1, id_of(2), 1min, 0s);
    ASSERT_THAT(plan.next(0s).begin, ElementsAre(1, 2));
    const auto first = plan.request_permit(1, purpose::poll, 1, false, 0s);
    const auto other = plan.request_permit(1, purpose::poll, 2, false, 0s);
    EXPECT_THAT(plan.next(0s).permits, ElementsAre(first));
    plan.release_permit(first, true, false, 1s);
    EXPECT_THAT(plan.next(1s).permits, IsEmpty());
    const auto second = plan.request_permit(1, purpose::poll, 1, false, 1s);
    EXPECT_THAT(plan.next(1s).permits, ElementsAre(second));
    plan.release_permit(second, true, false, 2s);
    plan.release_slot(1); // it waits, for a retry say
    EXPECT_THAT(plan.next(2s).permits, ElementsAre(other));
}

TEST(Scheduler, WaitingForBudgetHoldsNoSlot) {
    scheduler plan(1);
    plan.add_project(1, {1, 1min});
    plan.add_project(2, plenty);
    plan.add(1, 1, id_of(1), 1min, 0s);
    plan.add(2, 2, id_of(2), 1min, 0s);
    plan.next(0s);
    const auto first = plan.request_permit(1, purpose::poll, 1, false, 0s);
    const auto other = plan.request_permit(2, purpose::poll, 2, false, 0s);
    EXPECT_THAT(plan.next(0s).permits, ElementsAre(first));
    plan.release_permit(first, true, false, 1s);
    const auto second = plan.request_permit(1, purpose::poll, 1, false, 1s);
    EXPECT_THAT(plan.next(1s).permits, ElementsAre(other));
    plan.release_permit(other, true, false, 2s);
    plan.poll_ended(2, {true, false, 1, std::nullopt}, 2s);
    const auto to_do = plan.next(2s);
    EXPECT_THAT(to_do.permits, IsEmpty());
    EXPECT_LE(to_do.wake.value(), 61s + 1ms);
    EXPECT_THAT(plan.next(61s + 1ms).permits, ElementsAre(second));
    EXPECT_EQ(plan.waited_for_budget(1), 60s + 1ms);
}

TEST(Scheduler, WhoIsWithdrawnGetsNothing) {
    scheduler plan(1);
    plan.add_project(1, plenty);
    plan.add(1, 1, id_of(1), 1min, 0s);
    plan.add(2, 1, id_of(2), 1min, 0s);
    plan.next(0s);
    const auto first = plan.request_permit(1, purpose::poll, 1, false, 0s);
    const auto second = plan.request_permit(1, purpose::poll, 2, false, 0s);
    plan.cancel_permit(first);
    EXPECT_THAT(plan.next(0s).permits, ElementsAre(second));
    plan.cancel_permit(second); // it had leave, and sends nothing
    EXPECT_EQ(plan.requests_in_window(1, 0s), 0);
}

TEST(Scheduler, InstancesAndProjectsGoInTheMiddleOfAPoll) {
    scheduler plan(1);
    plan.add_project(1, plenty);
    plan.add(1, 1, id_of(1), 1min, 0s);
    plan.next(0s);
    const auto request = plan.request_permit(1, purpose::poll, 1, false, 0s);
    plan.next(0s);
    plan.remove(1);
    plan.remove_project(1);
    EXPECT_FALSE(plan.knows(1));
    plan.release_permit(request, true, true, 1s);
    EXPECT_EQ(plan.poll_ended(1, {}, 1s), 0U);
    EXPECT_EQ(plan.next(1s).wake, std::nullopt);
    plan.add_project(2, plenty);
    plan.add(2, 2, id_of(2), 1min, 2s);
    EXPECT_THAT(plan.next(2s).begin, ElementsAre(2));
    const auto next = plan.request_permit(2, purpose::poll, 2, false, 2s);
    EXPECT_THAT(plan.next(2s).permits, ElementsAre(next)); // the slot is free again
}

// One slot, three instances whose polls run: the first has the slot, the others may wait.
class SchedulerLine : public ::testing::Test {
protected:
    void SetUp() override {
        plan_.add_project(1, plenty);
        for (const instance_key key : {1, 2, 3})
            plan_.add(key, 1, id_of(key), 1min, 0s);
        plan_.next(0s);
        first_ = request_permit(1);
        ASSERT_THAT(plan_.next(0s).permits, ElementsAre(first_));
    }

    ticket request_permit(instance_key poll) {
        return plan_.request_permit(1, purpose::poll, poll, false, 1s);
    }

    void end_first() {
        plan_.release_permit(first_, true, false, 2s);
        plan_.poll_ended(1, {}, 2s);
    }

    scheduler plan_{1};
    ticket first_ = 0;
};

TEST_F(SchedulerLine, WhoIsRemovedWaitsNoMore) {
    const auto second = request_permit(2);
    const auto third = request_permit(3);
    EXPECT_EQ(plan_.remove(2), second);
    EXPECT_EQ(plan_.polls_waiting(), 1U);
    end_first();
    EXPECT_THAT(plan_.next(2s).permits, ElementsAre(third));
    plan_.cancel_permit(second); // its poll hears of it only now
    EXPECT_EQ(plan_.slots_held(), 1U);
    EXPECT_EQ(plan_.requests_in_window(1, 2s), 2);
}

TEST_F(SchedulerLine, WhoIsRemovedBeforeItIsToldHasNoLeave) {
    plan_.release_permit(first_, true, false, 1s);
    const auto again = request_permit(1); // it has the slot: leave is given at once
    EXPECT_EQ(plan_.remove(1), again);
    EXPECT_THAT(plan_.next(2s).permits, IsEmpty());
    EXPECT_EQ(plan_.slots_held(), 0U);
    EXPECT_EQ(plan_.requests_in_window(1, 2s), 1);
}

TEST_F(SchedulerLine, WhoAsksForNothingWhenItIsRemovedLeavesNothing) {
    EXPECT_EQ(plan_.remove(1), std::nullopt);
    EXPECT_EQ(plan_.remove(1), std::nullopt); // it is not there any more
    const auto second = request_permit(2);
    EXPECT_THAT(plan_.next(2s).permits, ElementsAre(second));
}

TEST_F(SchedulerLine, WhoWaitsForAProjectThatIsRemovedWaitsNoMore) {
    const auto second = request_permit(2);
    plan_.add_project(2, plenty);
    for (const instance_key key : {1, 2, 3})
        plan_.move(key, 2);
    plan_.remove_project(1);
    EXPECT_EQ(plan_.polls_waiting(), 0U);
    end_first();
    EXPECT_THAT(plan_.next(2s).permits, IsEmpty());
    plan_.cancel_permit(second);
    const auto third = plan_.request_permit(2, purpose::poll, 3, false, 2s);
    EXPECT_THAT(plan_.next(2s).permits, ElementsAre(third));
}

TEST_F(SchedulerLine, LeaveThatWasNotToldGoesWithItsProject) {
    plan_.release_permit(first_, true, false, 1s);
    const auto again = request_permit(1); // it has the slot: leave is given at once
    plan_.add_project(2, plenty);
    for (const instance_key key : {1, 2, 3})
        plan_.move(key, 2);
    plan_.remove_project(1);
    EXPECT_THAT(plan_.next(2s).permits, IsEmpty());
    plan_.cancel_permit(again); // its poll hears of it only now
}

TEST_F(SchedulerLine, ALateEndLeavesTheNextRequestInLine) {
    plan_.poll_ended(1, {}, 2s); // though its request is under way
    const uptime tick = plan_.next(2s).wake.value();
    ASSERT_THAT(plan_.next(tick).begin, ElementsAre(1));
    const auto again = plan_.request_permit(1, purpose::poll, 1, false, tick);
    plan_.release_permit(first_, true, false, tick);
    EXPECT_EQ(plan_.remove(1), again);
    EXPECT_EQ(plan_.polls_waiting(), 0U);
}

TEST_F(SchedulerLine, APollThatEndsWaitsNoMore) {
    request_permit(2);
    plan_.poll_ended(2, {}, 2s);
    end_first();
    const auto third = request_permit(3);
    EXPECT_THAT(plan_.next(2s).permits, ElementsAre(third));
}

// `concurrency` polls are under way at most, also while they change the project.
TEST_F(SchedulerLine, WhoMovesKeepsItsSlotUntilItsPollEnds) {
    plan_.add_project(2, plenty);
    plan_.move(1, 2);
    const auto second = request_permit(2);
    EXPECT_THAT(plan_.next(1s).permits, IsEmpty());
    end_first();
    EXPECT_THAT(plan_.next(2s).permits, ElementsAre(second));
}

TEST(Scheduler, AMoveKeepsTheTimer) {
    scheduler plan(2);
    plan.add_project(1, plenty);
    plan.add_project(2, plenty);
    plan.add(1, 1, id_of(1), 1min, 5s);
    plan.move(1, 2);
    plan.remove_project(1);
    EXPECT_EQ(plan.next(0s).wake, 5s);
    EXPECT_THAT(plan.next(5s).begin, ElementsAre(1));
    const auto request = plan.request_permit(2, purpose::poll, 1, false, 5s);
    EXPECT_THAT(plan.next(5s).permits, ElementsAre(request));
}

TEST(Scheduler, AChangedIntervalMovesTheNextPoll) {
    scheduler plan(2);
    plan.add_project(1, plenty);
    plan.add(1, 1, id_of(1), 1h, 0s);
    plan.next(0s);
    plan.poll_ended(1, {true, false, 1, std::nullopt}, 1s);
    plan.change_interval(1, 10s, 2s);
    const auto next = plan.next(2s).wake.value();
    EXPECT_LE(next, 12s);
    EXPECT_EQ(next, grid_of(id_of(1), 10s).next_after(2s));
}

TEST(Scheduler, ALateWakeBeginsOnePollNotMany) {
    world w(4, plenty);
    w.project(1);
    w.instance(1, 1, 10s, {});
    w.run_until(30s);
    const auto before = w.polls.at(1).began.size();
    w.now = 10min; // the process was stopped
    w.run_until(10min + 1s);
    EXPECT_EQ(w.polls.at(1).began.size(), before + 1);
    EXPECT_EQ(w.polls.at(1).skipped, 0U); // no poll was in the way of those ticks
}

} // namespace
} // namespace replmond::schedule
