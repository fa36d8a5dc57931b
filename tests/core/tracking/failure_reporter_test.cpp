#include "daemon/core/tracking/failure_reporter.hpp"
#include "daemon/core/web/log_line.hpp"
#include "tests/support/instants.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace replmond::tracking {

namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;

const timestamp start{milliseconds(1'800'000'000'000)}; // 2027-01-15T08:00:00Z

failure why(poll_result result) {
    failure f;
    f.result = result;
    f.error_msg = "m";
    return f;
}

// One instance; what is logged of it comes back as a logfmt line from `event=` on, or empty.
class health {
public:
    std::string fail(milliseconds at, const failure& f, int attempts = 1) {
        return line(health_.failed(identity_, f, attempts, 60s, test::by_both_clocks(start + at)));
    }
    std::string fail(milliseconds at, poll_result result) { return fail(at, why(result)); }
    std::string succeed(milliseconds at) {
        return line(health_.succeeded(identity_, test::by_both_clocks(start + at)));
    }

    poll_reporter health_{1h};

private:
    static std::string line(const std::optional<event>& e) {
        if (!e)
            return {};
        const std::string whole = web::to_logfmt(*e);
        return std::string(to_string(e->level)) + " " + whole.substr(whole.find("event="));
    }

    instance_identity identity_{"p", "pid", "r", "i", "id", {}};
};

TEST(PollReporter, TellsEverythingOfAFailure) {
    const failure f{poll_result::http, 403, "APIG.0302", "not \"allowed\"\nat all", "7b1c"};
    EXPECT_EQ(
        health().fail(0s, f, 3),
        "WARN event=poll_failed project=p starrocks_instance=i result=http http_status=403 "
        "error_code=APIG.0302 error_msg=\"not \\\"allowed\\\"\\u000aat all\" request_id=7b1c attempts=3");
}

TEST(PollReporter, LeavesOutWhatIsNotKnown) {
    failure f;
    f.result = poll_result::timeout;
    EXPECT_EQ(health().fail(0s, f),
              "WARN event=poll_failed project=p starrocks_instance=i result=timeout attempts=1");
}

TEST(PollReporter, NamesEveryResult) {
    for (const poll_result result : all_poll_results) {
        if (result != poll_result::success) {
            EXPECT_NE(health().fail(0s, result).find("result=" + std::string(to_string(result)) + " "),
                      std::string::npos);
        }
    }
}

TEST(PollReporter, SaysTheSameAgainOnlyAtTheRepeatInterval) {
    health h;
    EXPECT_NE(h.fail(0s, poll_result::timeout), "");
    EXPECT_EQ(h.fail(1min, poll_result::timeout), "");
    EXPECT_EQ(h.fail(59min, poll_result::timeout), "");
    EXPECT_NE(h.fail(1h, poll_result::timeout), "");
    EXPECT_EQ(h.fail(1h + 1min, poll_result::timeout), "");
    EXPECT_NE(h.fail(2h - 2s, poll_result::timeout), ""); // early by less than a tenth of the poll interval
}

TEST(PollReporter, SaysEveryChangeOfTheResult) {
    health h;
    h.fail(0s, poll_result::timeout);
    EXPECT_NE(h.fail(1min, poll_result::network).find("result=network"), std::string::npos);
    EXPECT_EQ(h.fail(2min, poll_result::network), "");
    EXPECT_NE(h.fail(3min, poll_result::timeout), "");
    EXPECT_EQ(h.fail(1h + 2min, poll_result::timeout), ""); // the hour counts from the last line
    EXPECT_NE(h.fail(1h + 3min, poll_result::timeout), "");
}

TEST(PollReporter, TellsOfARecoveryOnce) {
    health h;
    EXPECT_EQ(h.succeed(0s), "");
    h.fail(1min, poll_result::timeout);
    h.fail(2min, poll_result::network);
    h.fail(3min, poll_result::network);
    EXPECT_EQ(h.succeed(4min + 1ms),
              "INFO event=poll_recovered project=p starrocks_instance=i after=180.001 failures=3");
    EXPECT_EQ(h.succeed(5min), "");

    EXPECT_NE(h.fail(6min, poll_result::network), ""); // a new row: said again, counted anew
    EXPECT_EQ(h.succeed(7min),
              "INFO event=poll_recovered project=p starrocks_instance=i after=60 failures=1");
}

TEST(PollReporter, ARecoveryAtTheMomentOfTheFailureComesAfter0Seconds) {
    health h;
    h.fail(1min, poll_result::network);
    EXPECT_EQ(h.succeed(1min), "INFO event=poll_recovered project=p starrocks_instance=i after=0 failures=1");
}

TEST(PollReporter, TheRepeatIntervalCanChange) {
    health h;
    h.fail(0s, poll_result::timeout);
    h.health_.set_repeat_interval(2min);
    EXPECT_EQ(h.fail(1min, poll_result::timeout), "");
    EXPECT_NE(h.fail(2min, poll_result::timeout), "");
}

TEST(Repeat, ATenthOfThePollIntervalCountsAsOnTime) {
    struct row {
        milliseconds since;
        milliseconds repeat;
        milliseconds poll;
        bool due;
    };
    for (const row& r : {
             row{60s, 60s, 60s, true}, row{54s, 60s, 60s, true}, row{54s - 1ms, 60s, 60s, false},
             row{1h - 1500ms, 1h, 15s, true}, row{1h - 1501ms, 1h, 15s, false},
             row{900ms, 1s, 1h, true}, // never more than a tenth of the repeat interval
             row{899ms, 1s, 1h, false}, row{-5s, 60s, 60s, false}, // a clock that was set back
         })
        EXPECT_EQ(repeat_is_due(start, start + r.since, r.repeat, r.poll), r.due) << r.since.count();
}

const instance_identity identity{"p", "pid", "r", "orders", "0123456789abcdef0123456789abcdefin17", {}};

// Level and line from `event=` on; empty for nothing.
std::string line(const std::optional<event>& e) {
    if (!e)
        return {};
    const std::string whole = web::to_logfmt(*e);
    return std::string(to_string(e->level)) + " " + whole.substr(whole.find("event="));
}

TEST(DiscoveryEvents, OfInstances) {
    const std::string rest = " project=p starrocks_instance=orders instance_id=" + identity.id;
    EXPECT_EQ(line(instance_discovered(identity, start)), "INFO event=instance_discovered" + rest);
    EXPECT_EQ(line(instance_gone(identity, start)), "INFO event=instance_gone" + rest);
    EXPECT_EQ(line(instance_renamed(identity, "old one", start)),
              "INFO event=instance_renamed" + rest + " old_name=\"old one\"");
    EXPECT_EQ(instance_gone(identity, start).time, start);
}

TEST(DiscoveryReporter, TellsEverythingOfAFailure) {
    discovery_reporter health("p", 1h);
    const failure f{poll_result::http, 403, "DBS.280056", "no", "7b1c"};
    EXPECT_EQ(line(health.failed(f, 10min, test::by_both_clocks(start))),
              "WARN event=discovery_failed project=p result=http http_status=403 error_code=DBS.280056 "
              "error_msg=no request_id=7b1c");
}

TEST(DiscoveryReporter, SaysItOnceAndAtEveryRepeatInterval) {
    discovery_reporter health("p", 1h);
    const auto fail = [&](milliseconds at, poll_result result = poll_result::timeout) {
        return !line(health.failed(why(result), 10min, test::by_both_clocks(start + at))).empty();
    };
    EXPECT_TRUE(fail(0s));
    EXPECT_FALSE(fail(10min));
    EXPECT_TRUE(fail(20min, poll_result::network)); // another result
    EXPECT_FALSE(fail(30min, poll_result::network));
    EXPECT_TRUE(fail(80min, poll_result::network));
    health.set_repeat_interval(10min);
    EXPECT_TRUE(fail(90min, poll_result::network));
}

TEST(DiscoveryReporter, TellsTheEndOfARun) {
    discovery_reporter health("p", 1h);
    EXPECT_EQ(line(health.succeeded(test::by_both_clocks(start))), "");
    health.failed(why(poll_result::http), 10min, test::by_both_clocks(start));
    health.failed(why(poll_result::http), 10min, test::by_both_clocks(start + 10min));
    EXPECT_EQ(line(health.succeeded(test::by_both_clocks(start + 20min))),
              "INFO event=discovery_recovered project=p after=1200 failures=2");
    EXPECT_EQ(line(health.succeeded(test::by_both_clocks(start + 30min))), "");
    EXPECT_NE(line(health.failed(why(poll_result::http), 10min, test::by_both_clocks(start + 40min))), "");
}

// Of ten instances in five minutes, of which 200 requests are allowed.
std::optional<event> stretched(double planned, double factor, bool begins, bool is_news) {
    schedule::stretch_change change;
    change.instances = 10;
    change.window = 5min;
    change.plan = {planned, 200, factor};
    change.begins = begins;
    change.is_news = is_news;
    return stretch_event("p", change, start);
}

TEST(StretchedIntervals, AreNewsWhenTheyBeginWhenTheyGrowAndWhenTheyEnd) {
    struct row {
        const char* what;
        std::optional<event> made;
        const char* expected;
    };
    for (const row& r : {
             row{"begins", stretched(240.126, 1.456, true, true),
                 "WARN event=intervals_stretched project=p planned=240.13 limit=200 window=300 instances=10 "
                 "stretch=1.46"},
             row{"much more", stretched(480, 3, false, true),
                 "INFO event=intervals_stretched project=p planned=480 limit=200 window=300 instances=10 "
                 "stretch=3"},
             row{"a little more", stretched(250, 1.55, false, false), ""},
             row{"over", stretched(120, 1, false, false),
                 "INFO event=intervals_stretched project=p planned=120 limit=200 window=300 instances=10 "
                 "stretch=1"},
         })
        EXPECT_EQ(line(r.made), r.expected) << r.what;
}

TEST(StretchedIntervals, ShowTheArithmetic) {
    EXPECT_EQ(
        stretched(240.126, 1.456, true, true)->message,
        "polls do not fit rate_limit: 10 instances need 240.13 requests in 300s, and 160 are available for "
        "them (80 % of 200); replmond makes their intervals 1.46 times as long");
    EXPECT_EQ(stretched(120, 1, false, false)->message,
              "polls fit rate_limit again: 10 instances need 120 requests in 300s, and 160 are available for "
              "them (80 % of 200); replmond uses the configured intervals");
}

} // namespace

} // namespace replmond::tracking
