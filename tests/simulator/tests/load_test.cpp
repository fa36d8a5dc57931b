#include "tests/simulator/tests/cloud_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace json = boost::json;

namespace replmond::simulator {
namespace {

using namespace std::chrono_literals;

constexpr auto busy_scenario = R"(
tokens: [t, u]
projects: [p]
rate: {requests: 3, window: 1m}
instances: [{id: i, tasks: [{name: task}]}]
)";

class SimulatorLoad : public ::testing::Test {
protected:
    int list() { return cloud_.ask("GET", list_path).status; }
    json::value state(const char* part) { return cloud_.ask_json("GET", "/_control/state").at(part); }

    cloud_under_test cloud_{busy_scenario};
};

TEST_F(SimulatorLoad, RefusesOneTooManyInAWindow) {
    EXPECT_EQ(list(), 200);
    cloud_.real += 30s;
    EXPECT_EQ(list(), 200);
    EXPECT_EQ(list(), 200);
    const auto refused = cloud_.ask("GET", list_path);
    EXPECT_EQ(cloud_.outcome(refused), "429 APIGW.0308");
    EXPECT_EQ(json::parse(refused.body).at("error_msg"),
              "The throttling threshold has been reached: policy user over ratelimit,limit:3,time:1 minute");
    cloud_.headers = {{"X-Auth-Token", "u"}};
    EXPECT_EQ(list(), 200); // another caller
    cloud_.headers = {{"X-Auth-Token", "t"}};
    cloud_.now = 1h; // virtual time does not help
    EXPECT_EQ(list(), 429);
    cloud_.real += 30s; // the first one leaves the window
    EXPECT_EQ(list(), 200);
    EXPECT_EQ(list(), 429);

    const auto rate = state("rate");
    EXPECT_EQ(rate.at("limit"), json::parse(R"({"requests":3,"window_ms":60000})"));
    std::vector<std::pair<int, int>> most_and_refused;
    for (const auto& caller : rate.at("callers").as_array())
        most_and_refused.emplace_back(caller.at("most_in_a_window").as_int64(),
                                      caller.at("refused").as_int64());
    EXPECT_THAT(most_and_refused, ::testing::UnorderedElementsAre(std::pair(3, 3), std::pair(1, 0)));
}

TEST_F(SimulatorLoad, ControlChangesTheRate) {
    const auto control = [&](const std::string& body) {
        return cloud_.ask("POST", "/_control/rate", body).status;
    };
    EXPECT_EQ(control(R"({"requests":1,"window_seconds":90})"), 200);
    EXPECT_EQ(list(), 200);
    const auto refused = cloud_.ask_json("GET", list_path);
    EXPECT_THAT(std::string(refused.at("error_msg").as_string()),
                ::testing::HasSubstr("limit:1,time:90 second"));
    EXPECT_EQ(control(R"({"requests":null})"), 200);
    for (int i = 0; i < 10; ++i)
        EXPECT_EQ(list(), 200);
    EXPECT_TRUE(state("rate").at("limit").is_null());
    EXPECT_EQ(control(R"({"requests":0})"), 400);
    EXPECT_EQ(control(R"({"limit":1})"), 400);
}

TEST_F(SimulatorLoad, CountsWhatIsOpen) {
    auto first_connection = std::make_shared<int>();
    auto second_connection = std::make_shared<int>();
    const auto ask_over = [&](std::size_t number, const std::shared_ptr<int>& life) {
        testing::request asked;
        asked.method = "GET";
        asked.target = list_path;
        asked.headers = {{"X-Auth-Token", "t"}};
        asked.connection = number;
        asked.connection_life = life;
        testing::split_target(asked);
        return handle(cloud_.all, asked, cloud_.now, cloud_.real);
    };
    {
        const auto one = ask_over(1, first_connection);
        const auto two = ask_over(2, second_connection);
        EXPECT_EQ(state("load"),
                  json::parse(R"({"requests":2,"most_requests":2,"connections":2,"most_connections":2})"));
    }
    first_connection.reset();
    ask_over(2, second_connection);
    EXPECT_EQ(state("load"),
              json::parse(R"({"requests":0,"most_requests":2,"connections":1,"most_connections":2})"));
    cloud_.ask("DELETE", "/_control/requests");
    EXPECT_EQ(state("load"),
              json::parse(R"({"requests":0,"most_requests":0,"connections":1,"most_connections":1})"));
}

} // namespace
} // namespace replmond::simulator
