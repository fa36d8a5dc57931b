#include "tests/simulator/digest.hpp"
#include "tests/simulator/mysql_session.hpp"
#include "tests/simulator/tests/mysql_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace replmond::simulator {
namespace {

using ::testing::ElementsAre;
using ::testing::StartsWith;

// On 2 January 2026 at 3 h UTC.
constexpr auto now_us = "1767322800000000";
constexpr auto upsert_text =
    "INSERT INTO `orders`.`heartbeat` (`id`, `ts`) VALUES (1, TIMESTAMPDIFF(MICROSECOND, '1970-01-01', "
    "UTC_TIMESTAMP(6))) ON DUPLICATE KEY UPDATE `ts` = VALUES(`ts`)";

class SimulatorMysql : public ::testing::Test {
protected:
    mysql_client starrocks() { return {cloud_, "127.0.1.1"}; }
    mysql_client taurusdb() { return {cloud_, "127.0.2.1"}; }

    std::string ask_starrocks(const std::string& text) { return starrocks().log_in().query(text); }
    std::string ask_taurusdb(const std::string& text) { return taurusdb().log_in().query(text); }

    cloud_under_test cloud_{mysql_scenario};
};

TEST_F(SimulatorMysql, GreetsAsStarrocksDoes) {
    const auto client = starrocks();
    const std::string bytes = client.greeting().bytes;
    const std::string salt = mysql_client::salt_of(bytes.substr(4));
    EXPECT_EQ(salt.size(), 20u);
    using namespace std::string_literals;
    EXPECT_EQ(bytes, "\x49\0\0\0"s // 73 bytes, the first packet
                     "\x0A"
                     "5.1.0\0"
                     "\1\0\0\0"s + // protocol, version, connection
                         salt.substr(0, 8) +
                         "\0"s + //
                         "\x0C\x82"
                         "\x21"
                         "\0\0"
                         "\x08\0" // no TLS, no transactions, …; utf8; status
                         "\x15"
                         "\0\0\0\0\0\0\0\0\0\0"s +
                         salt.substr(8) + "\0mysql_native_password\0"s);
    EXPECT_FALSE(client.greeting().close);
}

TEST_F(SimulatorMysql, OffersLittle) {
    const auto flags = greeting_of(mysql_kind::starrocks).capabilities;
    EXPECT_EQ(flags & (capability::deprecate_eof | capability::plugin_auth_lenenc_client_data |
                       capability::multi_statements | capability::transactions | capability::ssl),
              0u);
    const auto& mysql8 = greeting_of(mysql_kind::taurusdb);
    EXPECT_EQ(mysql8.version, "8.0.22");
    EXPECT_TRUE(mysql8.capabilities & capability::deprecate_eof);
    EXPECT_FALSE(mysql8.capabilities & capability::ssl);
}

TEST_F(SimulatorMysql, ChecksThePassword) {
    EXPECT_EQ(mysql_client::outcome(starrocks().send_login("replmond", "demo")), "ok 0");
    EXPECT_EQ(mysql_client::outcome(starrocks().send_login("replmond", "wrong")),
              "1045 28000 Access denied for user 'replmond' (using password: YES) and FIN");
    EXPECT_EQ(mysql_client::outcome(starrocks().send_login("replmond", "")),
              "1045 28000 Access denied for user 'replmond' (using password: NO) and FIN");
    EXPECT_EQ(mysql_client::outcome(taurusdb().send_login("somebody", "demo")),
              "1045 28000 Access denied for user 'somebody'@'127.0.0.1' (using password: YES) and FIN");
}

// The sum of an independent implementation, of the password `demo` and the salt 1 to 20.
TEST_F(SimulatorMysql, MixesPasswordAndSalt) {
    std::string salt;
    for (char c = 1; c <= 20; ++c)
        salt += c;
    EXPECT_EQ(hex(native_response("demo", salt)), "7d34be1f40b2965ab44fcd372682633fe7332679");
    EXPECT_EQ(native_response("", salt), "");
}

TEST_F(SimulatorMysql, SwitchesToNativePasswordWithAFreshSalt) {
    auto client = starrocks();
    const auto asked = client.send_login("replmond", "ignored", "caching_sha2_password");
    ASSERT_EQ(mysql_client::outcome(asked), "switch mysql_native_password");
    const auto packets = mysql_client::payloads(asked.bytes);
    packet_reader reader(packets.front());
    reader.integer(1);
    reader.terminated();
    const std::string salt = reader.terminated();
    EXPECT_EQ(salt.size(), 20u);
    EXPECT_NE(salt, mysql_client::salt_of(client.greeting().bytes.substr(4)));
    EXPECT_EQ(mysql_client::outcome(client.send(native_response("demo", salt), 3)), "ok 0");

    auto other = starrocks();
    other.send_login("replmond", "demo", "caching_sha2_password");
    EXPECT_THAT(mysql_client::outcome(other.send(native_response("demo", salt), 3)), StartsWith("1045 "));
}

TEST_F(SimulatorMysql, RefusesBadHandshakes) {
    EXPECT_EQ(mysql_client::outcome(starrocks().send("short", 1)), "1043 08S01 Bad handshake and FIN");
    const auto tls = packet_writer()
                         .integer(capability::protocol_41 | capability::ssl, 4)
                         .integer(0, 4)
                         .integer(33, 1)
                         .zeros(23)
                         .payload();
    EXPECT_EQ(mysql_client::outcome(starrocks().send(tls, 1)), "1043 08S01 Bad handshake and FIN");
    EXPECT_EQ(mysql_client::outcome(starrocks().send("", 0)), "1156 08S01 Got packets out of order and FIN");
    EXPECT_TRUE(starrocks().receive("\xFF\xFF\xFF\x01").close); // announces 16 MB
}

TEST_F(SimulatorMysql, LogsInToADatabase) {
    const auto login = [&](mysql_client client, const std::string& database) {
        return mysql_client::outcome(
            client.send_login("replmond", "demo", "mysql_native_password", database));
    };
    EXPECT_EQ(login(starrocks(), "orders_sr"), "ok 0");
    EXPECT_EQ(login(starrocks(), "x"), "1064 HY000 Unknown database 'x' and FIN");
    EXPECT_EQ(login(taurusdb(), "orders"), "ok 0");
    EXPECT_EQ(login(taurusdb(), "x"), "1049 42000 Unknown database 'x' and FIN");
}

TEST_F(SimulatorMysql, SelectsTheNewestHeartbeat) {
    EXPECT_EQ(ask_starrocks("SELECT MAX(`ts`) FROM `orders_sr`.`heartbeat`"), "1767322795000000"); // 5 s
    EXPECT_EQ(ask_starrocks(" select\nmax( ts )from orders_sr . heartbeat ; "), "1767322795000000");
    EXPECT_EQ(ask_starrocks("SELECT MAX(ts) FROM `od``d`.heartbeat"), now_us);
    EXPECT_EQ(ask_starrocks("SELECT MAX(ts) FROM ops.beat"), now_us);
    EXPECT_EQ(ask_taurusdb("SELECT MAX(ts) FROM orders.heartbeat"), now_us);
    EXPECT_EQ(ask_taurusdb("SELECT MAX(ts) FROM other.heartbeat"), now_us); // of another instance
}

TEST_F(SimulatorMysql, WritesHeartbeats) {
    EXPECT_EQ(ask_taurusdb(upsert_text), "ok 1");
    cloud_.real += std::chrono::seconds(4);
    EXPECT_EQ(ask_taurusdb("SELECT MAX(ts) FROM orders.heartbeat"), now_us);
    EXPECT_EQ(ask_starrocks("SELECT MAX(ts) FROM orders_sr.heartbeat"), "NULL"); // not there yet
    EXPECT_EQ(ask_taurusdb(upsert_text), "ok 2");
    cloud_.real += std::chrono::seconds(1);
    EXPECT_EQ(ask_starrocks("SELECT MAX(ts) FROM orders_sr.heartbeat"), now_us);
    EXPECT_EQ(ask_taurusdb("SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', utc_timestamp(6))"),
              "1767322805000000");
}

TEST_F(SimulatorMysql, RefusesAsStarrocksDoes) {
    const auto analyzing = [](const std::string& text) {
        return "Getting analyzing error. Detail message: " + text;
    };
    EXPECT_EQ(ask_starrocks("SELECT MAX(ts) FROM x.heartbeat"),
              "5501 3F000 " + analyzing("Unknown database 'x'."));
    EXPECT_EQ(ask_starrocks("SELECT MAX(ts) FROM orders_sr.x"),
              "5502 42602 " + analyzing("Unknown table 'orders_sr.x'."));
    EXPECT_EQ(ask_starrocks("SELECT MAX(x) FROM orders_sr.heartbeat"),
              "1064 HY000 " + analyzing("Column '`x`' cannot be resolved."));
    EXPECT_EQ(ask_starrocks("SELECT MAX(ts) FROM orders.heartbeat"), // the source's name of it
              "5501 3F000 " + analyzing("Unknown database 'orders'."));
    EXPECT_EQ(
        ask_starrocks("SELECT MAX(ts)\nFROM orders_sr WHERE 1"),
        "1064 HY000 Getting syntax error at line 2, column 15. Detail message: Unexpected input 'WHERE'.");
}

TEST_F(SimulatorMysql, RefusesAsMysqlDoes) {
    EXPECT_EQ(ask_taurusdb("SELECT MAX(ts) FROM x.heartbeat"), "1049 42000 Unknown database 'x'");
    EXPECT_EQ(ask_taurusdb("SELECT MAX(ts) FROM orders.x"), "1146 42S02 Table 'orders.x' doesn't exist");
    EXPECT_EQ(ask_taurusdb("SELECT MAX(x) FROM orders.heartbeat"),
              "1054 42S22 Unknown column 'x' in 'field list'");
    EXPECT_THAT(ask_taurusdb("SELECT MAX(ts) FROM orders"),
                ::testing::EndsWith("for the right syntax to use near '' at line 1"));
}

TEST_F(SimulatorMysql, ParsesStrictly) {
    const std::string select = "SELECT MAX(ts) FROM orders_sr.heartbeat";
    for (const std::string& wrong :
         {select + " LIMIT 1", select + ";;", select + "; SELECT 1", std::string("SELECT 1"),
          std::string("SELECT MAX(`) FROM orders_sr.heartbeat"), std::string("SELECT MAX(``) FROM a.b"),
          std::string("SELECT MAX(1ts) FROM orders_sr.heartbeat"), std::string("SELECT NOW(6)"),
          std::string("SET time_zone = 'UTC'"), std::string("SET autocommit=1"), std::string("USE orders_sr"),
          std::string(""), std::string("SELECT UTC_TIMESTAMP(6)"), std::string(upsert_text)})
        EXPECT_THAT(ask_starrocks(wrong), StartsWith("1064 HY000 ")) << wrong;
    const auto changed = [](std::string from, std::string to) {
        std::string text = upsert_text;
        return text.replace(text.find(from), from.size(), to);
    };
    for (const auto& [from, to] : {std::pair("(1,", "(2,"),
                                   {"UTC_TIMESTAMP(6)", "NOW(6)"},
                                   {"= VALUES", "= ("},
                                   {"UPDATE `ts`", "UPDATE `x`"},
                                   {"VALUES(`ts`)", "VALUES(`id`)"},
                                   {"UTC_TIMESTAMP(6)))", "UTC_TIMESTAMP(6))"},
                                   {"INTO ", ""}})
        EXPECT_THAT(ask_taurusdb(changed(from, to)), StartsWith("1064 42000 ")) << from << to;
    EXPECT_THAT(ask_taurusdb(changed("(`id`", "(`x`")), StartsWith("1054 "));
}

TEST_F(SimulatorMysql, TakesNamesOfCharacterSets) {
    for (const auto* text : {"SET NAMES utf8mb4", "set names 'utf8mb4' collate utf8mb4_bin",
                             "SET character_set_results = utf8mb4"}) {
        EXPECT_EQ(ask_starrocks(text), "ok 0") << text;
        EXPECT_EQ(ask_taurusdb(text), "ok 0") << text;
    }
}

TEST_F(SimulatorMysql, ObeysFewCommands) {
    auto client = starrocks();
    client.log_in();
    EXPECT_EQ(mysql_client::outcome(client.send("\x0E", 0)), "ok 0"); // ping
    EXPECT_EQ(mysql_client::outcome(client.send("\x02orders_sr", 0)), "ok 0");
    EXPECT_EQ(mysql_client::outcome(client.send("\x02x", 0)), "1064 HY000 Unknown database 'x'");
    EXPECT_EQ(mysql_client::outcome(client.send("\x16SELECT 1", 0)),
              "1064 HY000 Unsupported command(COM_STMT_PREPARE)");
    EXPECT_EQ(mysql_client::outcome(client.send("\x11", 0)),
              "1064 HY000 Unsupported command(COM_CHANGE_USER)");
    EXPECT_EQ(mysql_client::outcome(client.send("\x1F", 0)),
              "1064 HY000 Unsupported command(COM_RESET_CONNECTION)");
    EXPECT_EQ(mysql_client::outcome(client.send("\x55", 0)), "1064 HY000 Unsupported command(0x55)");
    EXPECT_EQ(mysql_client::outcome(client.send("\x0E", 1)), "1156 08S01 Got packets out of order and FIN");
    EXPECT_EQ(mysql_client::outcome(starrocks().log_in().send("\x01", 0)), "nothing and FIN");
}

TEST_F(SimulatorMysql, EndsColumnsAndRowsWithEof) {
    const std::string eof("\xFE\0\0\0\0", 5);
    const auto answer =
        starrocks().log_in(capability::deprecate_eof).send_query("SELECT MAX(ts) FROM orders_sr.heartbeat");
    const auto packets = mysql_client::payloads(answer.bytes);
    ASSERT_EQ(packets.size(), 5u);
    EXPECT_EQ(packets[0], "\1");
    EXPECT_EQ(packets[1], std::string("\3def\0\0\0\7max(ts)\0\x0C\x3F\0\x14\0\0\0\x08\0\0\0\0\0", 29));
    EXPECT_EQ(packets[2], eof);
    EXPECT_EQ(packets[3], "\x10"
                          "1767322795000000");
    EXPECT_EQ(packets[4], eof);
}

TEST_F(SimulatorMysql, EndsRowsWithOkWhereBothSidesWantThat) {
    const auto ask = [&](std::uint32_t flags) {
        const auto answer = taurusdb().log_in(flags).send_query("SELECT MAX(ts) FROM orders.heartbeat");
        std::vector<std::size_t> sizes;
        for (const auto& payload : mysql_client::payloads(answer.bytes))
            sizes.push_back(payload.size());
        return sizes;
    };
    EXPECT_THAT(ask(0), ElementsAre(1u, 31u, 5u, 17u, 5u));
    EXPECT_THAT(ask(capability::deprecate_eof), ElementsAre(1u, 31u, 17u, 7u));
}

TEST_F(SimulatorMysql, TakesBytesInPieces) {
    auto client = starrocks();
    client.log_in();
    std::uint8_t sequence = 0;
    const std::string bytes = framed("\x03SELECT MAX(ts) FROM orders_sr.heartbeat", sequence);
    for (const char c : bytes.substr(0, bytes.size() - 1))
        EXPECT_EQ(mysql_client::outcome(client.receive(std::string(1, c))), "nothing");
    EXPECT_EQ(mysql_client::outcome(client.receive(bytes.substr(bytes.size() - 1))), "1767322795000000");
}

TEST_F(SimulatorMysql, KnowsItsAddresses) {
    EXPECT_EQ(find_mysql_server(cloud_.all, "127.0.1.1")->id, "i");
    EXPECT_EQ(find_mysql_server(cloud_.all, "127.0.2.1")->kind, mysql_kind::taurusdb);
    EXPECT_FALSE(find_mysql_server(cloud_.all, "127.0.0.1"));
    EXPECT_FALSE(find_mysql_server(cloud_.all, "")); // as that of `k`
    cloud_.ask("POST", "/_control/instances", R"({"instance":"i","deleted":true})");
    EXPECT_FALSE(find_mysql_server(cloud_.all, "127.0.1.1"));
}

} // namespace
} // namespace replmond::simulator
