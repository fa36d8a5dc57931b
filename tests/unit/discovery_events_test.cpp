#include "daemon/export/event_line.hpp"
#include "daemon/monitor/discovery_events.hpp"
#include "tests/support/instants.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace replmond::monitor {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""s;

const timestamp start{milliseconds(1'800'000'000'000)};
const instance_identity identity{"p", "pid", "r", "orders", "0123456789abcdef0123456789abcdefin17", {}};

// Level and line from `event=` on; empty for nothing.
std::string line(const std::optional<event>& e) {
    if (!e)
        return {};
    const std::string whole = exposition::to_logfmt(*e);
    return std::string(to_string(e->level)) + " " + whole.substr(whole.find("event="));
}

failure why(poll_result result) {
    failure f;
    f.result = result;
    f.error_msg = "m";
    return f;
}

TEST(DiscoveryEvents, OfInstances) {
    const std::string rest = " project=p starrocks_instance=orders instance_id=" + identity.id;
    EXPECT_EQ(line(instance_discovered(identity, start)), "INFO event=instance_discovered" + rest);
    EXPECT_EQ(line(instance_gone(identity, start)), "INFO event=instance_gone" + rest);
    EXPECT_EQ(line(instance_renamed(identity, "old one", start)),
              "INFO event=instance_renamed" + rest + " old_name=\"old one\"");
    EXPECT_EQ(instance_gone(identity, start).time, start);
}

TEST(DiscoveryHealth, TellsEverythingOfAFailure) {
    discovery_health health("p", 1h);
    const failure f{poll_result::http, 403, "DBS.280056", "no", "7b1c"};
    EXPECT_EQ(line(health.failed(f, 10min, test::by_both_clocks(start))),
              "WARN event=discovery_failed project=p result=http http_status=403 error_code=DBS.280056 "
              "error_msg=no request_id=7b1c");
}

TEST(DiscoveryHealth, SaysItOnceAndAtEveryRepeatInterval) {
    discovery_health health("p", 1h);
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

TEST(DiscoveryHealth, TellsTheEndOfARun) {
    discovery_health health("p", 1h);
    EXPECT_EQ(line(health.succeeded(test::by_both_clocks(start))), "");
    health.failed(why(poll_result::http), 10min, test::by_both_clocks(start));
    health.failed(why(poll_result::http), 10min, test::by_both_clocks(start + 10min));
    EXPECT_EQ(line(health.succeeded(test::by_both_clocks(start + 20min))),
              "INFO event=discovery_recovered project=p after=1200 failures=2");
    EXPECT_EQ(line(health.succeeded(test::by_both_clocks(start + 30min))), "");
    EXPECT_NE(line(health.failed(why(poll_result::http), 10min, test::by_both_clocks(start + 40min))), "");
}

} // namespace
} // namespace replmond::monitor
