#include "daemon/core/config/dump.hpp"
#include "daemon/core/config/load.hpp"
#include "tests/core/config/samples.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

namespace replmond::config {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr std::string_view everything = R"(
poll: {interval: 30s, timeout: 5s, page_size: 50, concurrency: 8, stale_after: 0s}
alerts: {repeat_interval: 2h}
state: {path: /tmp/state.db, retention: 1d12h}
projects:
  - name: "prod: one"
    region: ap-southeast-3
    project_id: "00000000000000000000000000000010"
    endpoint: https://gaussdb.example.com:8443/
    insecure_http: true
    proxy_url: http://user:hunter2@proxy.example:3128/
    rate_limit: 100/1m
    language: zh-cn
    auth: {type: aksk, access_key_file: good, secret_key_env: TEST_GOOD, security_token: hunter2}
    discover: {interval: 1h, include: "^prod-\\d", labels: {team: data, on: "yes"}}
  - {name: two, region: r, auth: {type: password, domain: hunter, user_file: good, password: "hunter: #3"}}
  - {name: three, region: r, project_id: x, auth: {type: token, token: hunter4}}
  - {name: four, region: r, auth: {type: metadata}, proxy_url: "http://open.example:3128"}
  - {name: five, region: r, auth: {type: default}}
instances:
  - {id: 0123456789abcdef0123456789abcdefin17, project: "prod: one", labels: {team: "任务 \"x\""}}
  - {name: "no", id: 111111111111111111111111111111111111, project: two, interval: 15s, timeout: 1500ms, page_size: 7}
)";

std::string dumped(std::string_view text) {
    const load_outcome outcome = load_text(text, "test.yaml", sample_lookup());
    EXPECT_THAT(messages(outcome), IsEmpty());
    dumping all(outcome.loaded.value_or(settings()));
    while (!all.step()) {
    }
    return all.text();
}

TEST(ConfigDump, ShowsNoSecret) {
    const std::string text = dumped(everything);
    EXPECT_THAT(text, Not(HasSubstr("hunter")));
    EXPECT_THAT(text, HasSubstr("secret_key_env: \"TEST_GOOD\""));
    EXPECT_THAT(text, HasSubstr("security_token: <secret>"));
    EXPECT_THAT(text, HasSubstr("proxy_url: \"http://<secret>@proxy.example:3128"));
    EXPECT_THAT(text, HasSubstr("proxy_url: \"http://open.example:3128\""));
}

TEST(ConfigDump, ShowsTheLanguage) {
    const std::string text = dumped(everything);
    EXPECT_THAT(text, HasSubstr("rate_limit: 100/1m\n    language: zh-cn\n"));
    EXPECT_THAT(text, HasSubstr("rate_limit: 200/5m\n    language: en-us\n"));
}

TEST(ConfigDump, WritesDefaultsOut) {
    EXPECT_EQ(dumped(""), "poll:\n  interval: 1m\n  timeout: 10s\n  page_size: 100\n  concurrency: 16\n"
                          "  stale_after: 15m\nalerts:\n  repeat_interval: 1h\nstate:\n  retention: 30d\n"
                          "projects:\n  []\ninstances:\n  []\n");
}

// What is shown means what is in force: it can be loaded again and is the same then.
TEST(ConfigDump, ReadsBack) {
    const std::string once = dumped(everything);
    const std::string loadable = std::regex_replace(once, std::regex("<secret>@"), "a:b@");
    EXPECT_EQ(dumped(loadable), once);
}

TEST(ConfigDump, WritesSixteenInAStep) {
    settings in_force;
    for (int i = 0; i < 290; ++i)
        in_force.projects.emplace_back().name = "p" + std::to_string(i);
    for (int i = 0; i < 1000; ++i)
        in_force.instances.emplace_back().name = "i" + std::to_string(i);
    dumping all(in_force);
    int steps = 1;
    for (; !all.step(); ++steps) {
    }
    EXPECT_EQ(steps, 1 + 19 + 63);
    EXPECT_THAT(all.text(), HasSubstr("name: \"p289\""));
    EXPECT_THAT(all.text(), HasSubstr("name: \"i999\""));
}

} // namespace
} // namespace replmond::config
