#include "tests/simulator/tests/cloud_fixture.hpp"

#include <boost/json/serialize.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace json = boost::json;

namespace replmond::simulator {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr auto inventory_scenario = R"(
tokens: [t]
projects: [p]
inventory: {max_page: 2}
instances:
  - {id: sr, name: orders}
  - {id: spare, name: spare}
taurusdb:
  - id: tdb
    name: shop
    htap:
      - sr
      - {id: late, from: 30s, until: 90s, rename_at: 60s, rename_to: later}
      - {id: odd, engine: StarRocks, status: createfail}
  - {id: soon, from: 10s}
  - {id: gone, until: 10s, rename_at: 5s, rename_to: going}
)";

class SimulatorInventory : public ::testing::Test {
protected:
    std::vector<std::string> texts(const std::string& target, const std::string& key) {
        std::vector<std::string> found;
        const auto answer = cloud_.ask_json("GET", target);
        for (const auto& item : answer.at("instances").as_array())
            found.emplace_back(item.at(key).as_string());
        return found;
    }

    std::string total() {
        const auto body = cloud_.ask_json("GET", "/v3/p/instances?limit=1");
        const auto* value = body.as_object().if_contains("total_count");
        return value ? json::serialize(*value) : "absent";
    }

    void control(const std::string& path, const std::string& body, const std::string& expected = "200") {
        EXPECT_EQ(cloud_.outcome(cloud_.ask("POST", "/_control/" + path, body)), expected) << body;
    }

    const std::string instances_ = "/v3/p/instances";
    const std::string htap_ = "/v3/p/instances/tdb/htap";
    cloud_under_test cloud_{inventory_scenario};
};

TEST_F(SimulatorInventory, InstancesComeGoAndAreRenamedInTime) {
    EXPECT_THAT(texts(instances_, "name"), ElementsAre("shop", "gone"));
    EXPECT_THAT(texts(htap_, "id"), ElementsAre("sr", "odd"));
    cloud_.now = 5s;
    EXPECT_THAT(texts(instances_, "name"), ElementsAre("shop", "going"));
    cloud_.now = 10s;
    EXPECT_THAT(texts(instances_, "name"), ElementsAre("shop", "soon"));
    EXPECT_EQ(cloud_.outcome(cloud_.ask("GET", "/v3/p/instances/gone/htap")), "404 DBS.201028");
    EXPECT_EQ(cloud_.outcome(cloud_.ask("GET", "/v3/p/instances/soon/htap")), "200");
    cloud_.now = 30s;
    EXPECT_THAT(texts(htap_, "name"), ElementsAre("orders", "late", "odd"));
    cloud_.now = 60s;
    EXPECT_THAT(texts(htap_, "name"), ElementsAre("orders", "later", "odd"));
    cloud_.now = 90s;
    EXPECT_THAT(texts(htap_, "name"), ElementsAre("orders", "odd"));
}

TEST_F(SimulatorInventory, ControlAddsRemovesAndRenames) {
    control("taurusdb", R"({"instance":"new","project":"p","add":true,"name":"second"})");
    cloud_.now = 20s;
    EXPECT_THAT(texts(instances_ + "?offset=1", "name"), ElementsAre("soon", "second"));
    control("htap", R"({"taurusdb":"new","instance":"spare","add":true})");
    control("htap",
            R"({"taurusdb":"new","instance":"ck","add":true,"name":"clicks","engine":"click-house"})");
    EXPECT_THAT(texts("/v3/p/instances/new/htap", "name"), ElementsAre("spare", "clicks"));
    EXPECT_THAT(texts("/v3/p/instances/new/htap", "engine_name"), ElementsAre("star-rocks", "click-house"));
    control("htap", R"({"taurusdb":"new","instance":"ck","deleted":true})");
    EXPECT_THAT(texts("/v3/p/instances/new/htap", "name"), ElementsAre("spare"));
    control("instances", R"({"instance":"spare","name":"used"})");
    EXPECT_THAT(texts("/v3/p/instances/new/htap", "name"), ElementsAre("used"));

    control("taurusdb", R"({"instance":"new","name":"third","status":"BUILD"})");
    EXPECT_THAT(texts(instances_ + "?offset=1", "name"), ElementsAre("soon", "third"));
    control("taurusdb", R"({"instance":"new","deleted":true})");
    EXPECT_THAT(texts(instances_ + "?offset=1", "name"), ElementsAre("soon"));
    EXPECT_EQ(cloud_.outcome(cloud_.ask("GET", "/v3/p/instances/new/htap")), "404 DBS.201028");
    const auto state = cloud_.ask_json("GET", "/_control/state").at("taurusdb");
    EXPECT_EQ(state.at(3), json::parse(R"({"id":"new","name":"third","project":"p","listed":false,
                                           "htap":["spare"]})"));
    EXPECT_EQ(state.at(0).at("htap"), json::parse(R"(["sr","odd"])"));
}

TEST_F(SimulatorInventory, ANameGivenByControlHolds) {
    cloud_.now = 70s;
    control("htap", R"({"taurusdb":"tdb","instance":"late","name":"mine"})");
    EXPECT_THAT(texts(htap_, "name"), ElementsAre("orders", "mine", "odd"));
}

TEST_F(SimulatorInventory, RecordsCanBeOdd) {
    control("htap", R"({"taurusdb":"tdb","instance":"odd","raw":{"engine_name":null,"id":7}})");
    const auto record = cloud_.ask_json("GET", htap_).at("instances").at(1);
    EXPECT_TRUE(record.at("engine_name").is_null());
    EXPECT_EQ(record.at("id"), 7);
    control("htap", R"({"taurusdb":"tdb","instance":"odd","raw":{}})");
    EXPECT_THAT(texts(htap_, "engine_name"), ElementsAre("star-rocks", "StarRocks"));
    control("taurusdb", R"({"instance":"tdb","raw":{"name":null}})");
    EXPECT_TRUE(cloud_.ask_json("GET", instances_).at("instances").at(0).at("name").is_null());
}

TEST_F(SimulatorInventory, PagesAndCountsThatLie) {
    control("taurusdb", R"({"instance":"new","project":"p","add":true})");
    EXPECT_THAT(texts(instances_, "id"), ElementsAre("tdb", "gone")); // two a page at most
    EXPECT_THAT(texts(instances_ + "?offset=2", "id"), ElementsAre("new"));
    control("inventory", R"({"ignore_offset":true,"max_page":null})");
    EXPECT_THAT(texts(instances_ + "?offset=2", "id"), ElementsAre("tdb", "gone", "new"));
    EXPECT_EQ(total(), "3");
    control("inventory", R"({"total_count_means":"page"})");
    EXPECT_EQ(total(), "1");
    control("inventory", R"({"total_count_means":"absent"})");
    EXPECT_EQ(total(), "absent");
    control("inventory", R"({"total_count_means":"garbage"})");
    EXPECT_EQ(total(), "\"many\"");
    control("inventory", R"({"total_count_means":"changing"})");
    EXPECT_NE(total(), total());
    control("inventory", R"({"total_count_means":"none"})", "400");
    control("inventory", R"({"max_page":0})", "400");
}

TEST_F(SimulatorInventory, MistakesChangeNothing) {
    const std::string before = json::serialize(cloud_.ask_json("GET", "/_control/state").at("taurusdb"));
    control("taurusdb", R"({"instance":"nobody"})", "400");
    control("taurusdb", R"({"instance":"new","add":true})", "400");
    control("taurusdb", R"({"add":true,"project":"p"})", "400");
    control("taurusdb", R"({"instance":"tdb","names":"x"})", "400");
    control("htap", R"({"taurusdb":"nobody","instance":"sr"})", "400");
    control("htap", R"({"taurusdb":"tdb","instance":"nobody"})", "400");
    control("htap", R"({"taurusdb":"tdb","instance":"sr","name":[]})", "400");
    EXPECT_EQ(json::serialize(cloud_.ask_json("GET", "/_control/state").at("taurusdb")), before);
}

TEST_F(SimulatorInventory, FaultsCanBeAimedAtBothLists) {
    control("faults", R"({"operation":"instances","status":503,"count":1})");
    control("faults", R"({"operation":"htap","instance":"tdb","answer":"garbage","count":1})");
    EXPECT_EQ(cloud_.ask("GET", instances_).status, 503);
    EXPECT_EQ(cloud_.ask("GET", "/v3/p/instances/gone/htap").body.substr(0, 1), "{");
    EXPECT_NE(cloud_.ask("GET", htap_).body.substr(0, 1), "{");
    EXPECT_THAT(texts(instances_, "name"), ElementsAre("shop", "gone"));
}

TEST(SimulatorInventoryScenario, RefusesHalfARenaming) {
    try {
        read_scenario("tokens: [t]\nprojects: [p]\ntaurusdb: [{id: x, rename_at: 5s}]\n", "s.yaml");
        FAIL() << "accepted";
    } catch (const scenario_error& e) {
        EXPECT_THAT(e.what(), HasSubstr("'rename_at' and 'rename_to' need each other"));
    }
}

} // namespace
} // namespace replmond::simulator
