#include "tests/simulator/tests/mysql_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace json = boost::json;

namespace replmond::simulator {
namespace {

using ::testing::EndsWith;
using ::testing::StartsWith;

const std::string select_orders = "SELECT MAX(ts) FROM orders_sr.heartbeat";
constexpr auto five_seconds_ago = "1767322795000000";

class SimulatorMysqlControl : public ::testing::Test {
protected:
    mysql_client starrocks() { return {cloud_, "127.0.1.1"}; }

    std::string ask(const std::string& text = select_orders) { return starrocks().log_in().query(text); }

    // The status of an order, with its error text where it was refused.
    std::string post(const std::string& body) {
        const auto answer = cloud_.ask("POST", "/_control/mysql", body);
        const auto parsed = json::parse(answer.body).as_object();
        const auto* error = parsed.if_contains("error");
        return std::to_string(answer.status) + (error ? " " + std::string(error->as_string()) : "");
    }

    // The answer to a SELECT while a fault is in force.
    testing::stream_reply spoilt(const std::string& fault) {
        EXPECT_EQ(post(R"({"instance":"i","fault":")" + fault + "\"}"), "200");
        auto client = starrocks();
        client.log_in();
        return client.send_query(select_orders);
    }

    json::object latest_query() {
        return cloud_.ask_json("GET", "/_control/queries").at("queries").as_array().back().as_object();
    }

    cloud_under_test cloud_{mysql_scenario};
};

TEST_F(SimulatorMysqlControl, ChangesValues) {
    EXPECT_EQ(post(R"({"instance":"i","task":"orders","heartbeat":"2026-01-02 no time"})"), "200");
    EXPECT_EQ(ask(), "2026-01-02 no time");
    EXPECT_EQ(ask("SELECT MAX(ts) FROM ops.beat"), "1767322800000000");
    EXPECT_EQ(post(R"({"instance":"i","task":"orders","null":true})"), "200");
    EXPECT_EQ(ask(), "NULL");
    EXPECT_EQ(post(R"({"instance":"i","task":"orders","reset":true,"rows":0})"), "200");
    EXPECT_EQ(ask(), "none");
    EXPECT_EQ(post(R"({"instance":"i","task":"orders","rows":null,"drop_table":true})"), "200");
    EXPECT_THAT(ask(), StartsWith("5502 "));
    EXPECT_EQ(cloud_.ask("DELETE", "/_control/mysql").status, 200);
    EXPECT_EQ(ask(), five_seconds_ago);
    EXPECT_EQ(post(R"({"taurusdb":"d","task":"orders","drop_table":true})"), "200");
    EXPECT_EQ(ask(), five_seconds_ago);
    EXPECT_THAT(mysql_client(cloud_, "127.0.2.1").log_in().query("SELECT MAX(ts) FROM orders.heartbeat"),
                StartsWith("1146 "));
}

TEST_F(SimulatorMysqlControl, ChangesThePassword) {
    EXPECT_EQ(post(R"({"instance":"i","password":"new"})"), "200");
    EXPECT_THAT(mysql_client::outcome(starrocks().send_login("replmond", "demo")), StartsWith("1045 "));
    EXPECT_EQ(mysql_client::outcome(starrocks().send_login("replmond", "new")), "ok 0");
    EXPECT_EQ(post(R"({"instance":"i","password":null})"), "200");
    EXPECT_EQ(mysql_client::outcome(starrocks().send_login("replmond", "demo")), "ok 0");
}

TEST_F(SimulatorMysqlControl, Hangs) {
    EXPECT_EQ(mysql_client::outcome(spoilt("hang_query")), "nothing");
    EXPECT_EQ(post(R"({"instance":"i","fault":"hang_login"})"), "200");
    auto client = starrocks();
    EXPECT_FALSE(client.greeting().bytes.empty());
    EXPECT_EQ(mysql_client::outcome(client.send_login("replmond", "demo")), "nothing");
    EXPECT_EQ(post(R"({"instance":"i","fault":"hang_greeting"})"), "200");
    auto silent = starrocks();
    EXPECT_EQ(mysql_client::outcome(silent.greeting()), "nothing");
    EXPECT_EQ(mysql_client::outcome(silent.receive("anything")), "nothing");
    EXPECT_EQ(latest_query().at("outcome"), "hang_greeting");
}

TEST_F(SimulatorMysqlControl, SpoilsAnswers) {
    const std::string whole = starrocks().log_in().send_query(select_orders).bytes;
    const auto half = spoilt("half_packet");
    EXPECT_EQ(half.bytes, whole.substr(0, whole.size() / 2));
    EXPECT_TRUE(half.close);
    EXPECT_EQ(mysql_client::outcome(spoilt("close")), "nothing and FIN");
    EXPECT_EQ(mysql_client::outcome(spoilt("garbage")), "no packet and FIN");
    const auto big = spoilt("big_text");
    EXPECT_EQ(mysql_client::outcome(big), std::string(1'000'000, 'x'));
}

TEST_F(SimulatorMysqlControl, SpeaksHttp) {
    EXPECT_EQ(post(R"({"instance":"i","fault":"not_mysql"})"), "200");
    const auto client = starrocks();
    EXPECT_THAT(client.greeting().bytes, StartsWith("HTTP/1.1 400 Bad Request\r\n"));
    EXPECT_TRUE(client.greeting().close);
}

TEST_F(SimulatorMysqlControl, RefusesWithAnyError) {
    EXPECT_EQ(mysql_client::outcome(spoilt("error")), "1105 HY000 Unknown error");
    EXPECT_EQ(post(R"({"instance":"i","fault":"error","error_code":1040,"error_state":"08004",
        "error_msg":"Too many connections","at":"greeting"})"),
              "200");
    EXPECT_EQ(mysql_client::outcome(starrocks().greeting()), "1040 08004 Too many connections and FIN");
    EXPECT_EQ(post(R"({"instance":"i","fault":"error","error_code":1203,"error_msg":"x","at":"login"})"),
              "200");
    EXPECT_EQ(mysql_client::outcome(starrocks().send_login("replmond", "demo")), "1203 HY000 x and FIN");
}

TEST_F(SimulatorMysqlControl, CountsFaults) {
    EXPECT_EQ(post(R"({"instance":"i","task":"orders","fault":"error","error_code":1317,"count":2})"), "200");
    auto client = starrocks();
    client.log_in();
    EXPECT_THAT(client.query("SELECT MAX(ts) FROM ops.beat"), "1767322800000000"); // another task's
    EXPECT_THAT(client.query(select_orders), StartsWith("1317 "));
    EXPECT_THAT(client.query(select_orders), StartsWith("1317 "));
    EXPECT_EQ(client.query(select_orders), five_seconds_ago);
    EXPECT_EQ(post(R"({"instance":"i","fault":"error"})"), "200");
    EXPECT_THAT(mysql_client::outcome(client.send("\x0E", 0)), StartsWith("1105 ")); // ping
    EXPECT_EQ(post(R"({"instance":"i","fault":null})"), "200");
    EXPECT_EQ(client.query(select_orders), five_seconds_ago);
}

TEST_F(SimulatorMysqlControl, RefusesMistakes) {
    EXPECT_EQ(post("{}"), "400 either 'instance' or 'taurusdb' is needed");
    EXPECT_EQ(post(R"({"instance":"i","taurusdb":"d"})"), "400 either 'instance' or 'taurusdb' is needed");
    EXPECT_EQ(post(R"({"instance":"x"})"), "400 no instance has the id 'x'");
    EXPECT_EQ(post(R"({"taurusdb":"x"})"), "400 no TaurusDB instance has the id 'x'");
    EXPECT_EQ(post(R"({"instance":"i","task":"x"})"), "400 it has no task 'x'");
    EXPECT_EQ(post(R"({"taurusdb":"d","task":"x"})"), "400 it has no task 'x'");
    EXPECT_EQ(post(R"({"instance":"i","colour":1})"), "400 unknown field 'colour'");
    EXPECT_THAT(post(R"({"instance":"i","lag_seconds":-1})"), StartsWith("400 'lag_seconds' must be from 0"));
    EXPECT_EQ(post(R"({"taurusdb":"d","lag_seconds":1})"), "400 'lag_seconds' belongs to an 'instance'");
    EXPECT_THAT(post(R"({"instance":"i","fault":"x"})"), StartsWith("400 'fault' must be hang_greeting, "));
    EXPECT_EQ(post(R"({"instance":"i","fault":"close","at":"x"})"),
              "400 'at' must be greeting, login or query");
    EXPECT_THAT(post(R"({"instance":"i","fault":"big_text","at":"login"})"), StartsWith("400 'at' belongs "));
    EXPECT_THAT(post(R"({"instance":"i","count":1})"), EndsWith("belong to a 'fault'"));
    EXPECT_EQ(post(R"({"instance":"i","fault":"error","error_state":"x"})"),
              "400 'error_state' must have five characters");
    EXPECT_THAT(post(R"({"instance":"i","task":"orders","password":"x"})"), StartsWith("400 'password' "));
    EXPECT_THAT(post(R"({"instance":"i","task":"orders","fault":"hang_login"})"), StartsWith("400 with "));
    EXPECT_EQ(ask(), five_seconds_ago); // nothing of it was done

    cloud_under_test without("tokens: [t]\nprojects: [p]\ninstances: [{id: i}]\n");
    EXPECT_EQ(without.ask_json("POST", "/_control/mysql", R"({"instance":"i"})").at("error"),
              "the scenario has no 'mysql'");
    EXPECT_TRUE(without.ask_json("GET", "/_control/state").at("mysql").is_null());
}

TEST_F(SimulatorMysqlControl, TellsWhatItSaw) {
    cloud_.all.mysql.port = 3307;
    auto first = starrocks();
    {
        auto second = starrocks();
        second.send_login("replmond", "wrong");
    }
    first.log_in().query(select_orders);
    EXPECT_EQ(post(R"({"instance":"i","task":"odd","lag_seconds":3,"fault":"close","count":2})"), "200");
    EXPECT_EQ(cloud_.ask_json("GET", "/_control/state").at("mysql"), json::parse(R"({"port":3307,
        "connections":1,"most_connections":2,"addresses":{"127.0.1.1":{"connections":1,
        "most_connections":2,"logins":1,"refused_logins":1,"queries":1}},"settings":[{"server":"i",
        "task":"odd","lag_seconds":3,"fault":{"fault":"close","at":"query","count":2}}]})"));
    EXPECT_EQ(cloud_.ask("DELETE", "/_control/queries").status, 200);
    EXPECT_EQ(cloud_.ask_json("GET", "/_control/state").at("mysql").at("most_connections"), 1);
}

TEST_F(SimulatorMysqlControl, ListsQueries) {
    starrocks().log_in().query(select_orders);
    EXPECT_EQ(latest_query(), json::parse(R"({"now":0,"time":"2026-01-02T03:00:00.000000Z",
        "address":"127.0.1.1","connection":1,"user":"replmond","command":"query",
        "statement":"SELECT MAX(ts) FROM orders_sr.heartbeat","outcome":"ok","value":"1767322795000000"})"));
    starrocks().log_in().query("SELECT 1");
    EXPECT_EQ(latest_query().at("outcome"), "1064");
    EXPECT_EQ(cloud_.ask("DELETE", "/_control/queries").status, 200);
    EXPECT_TRUE(cloud_.ask_json("GET", "/_control/queries").at("queries").as_array().empty());
}

TEST_F(SimulatorMysqlControl, ShowsTheAddressInHtapLists) {
    const auto listed = [&](std::size_t i) {
        return cloud_.ask_json("GET", "/v3/p/instances/d/htap").at("instances").at(i);
    };
    EXPECT_EQ(listed(0).at("data_vip"), "127.0.1.1");
    EXPECT_EQ(listed(0).at("readable_node_infos").at(0).at("data_ip"), "127.0.1.1");
    EXPECT_EQ(listed(0).at("port"), 3306);
    cloud_.all.mysql.port = 3307;
    EXPECT_EQ(listed(0).at("port"), 3307);
    EXPECT_EQ(listed(1).at("data_vip"), "192.0.2.10"); // has no address
    EXPECT_EQ(listed(1).at("port"), 3306);
}

} // namespace
} // namespace replmond::simulator
