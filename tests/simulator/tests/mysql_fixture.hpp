#pragma once

#include "tests/simulator/mysql_session.hpp"
#include "tests/simulator/tests/cloud_fixture.hpp"

#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

namespace replmond::simulator {

/// A client of a database server, without sockets.
class mysql_client {
public:
    mysql_client(cloud_under_test& on, const std::string& address)
        : on_(on),
          session_(std::make_unique<mysql_session>(on.all, *find_mysql_server(on.all, address), "127.0.0.1")),
          greeting_(session_->begin(now())) {}

    const testing::stream_reply& greeting() const { return greeting_; }

    /// The 20 bytes that the password is mixed with.
    static std::string salt_of(const std::string& greeting_payload) {
        packet_reader reader(greeting_payload);
        reader.integer(1);
        reader.terminated();
        reader.integer(4);
        const std::string first = reader.terminated();
        reader.bytes(2 + 1 + 2 + 2 + 1 + 10);
        return first + reader.terminated();
    }

    /// Sends one packet as it is.
    testing::stream_reply send(const std::string& payload, std::uint8_t sequence) {
        return session_->receive(framed(payload, sequence), now());
    }

    testing::stream_reply receive(const std::string& bytes) { return session_->receive(bytes, now()); }

    /// Answers the greeting.
    testing::stream_reply send_login(const std::string& user, const std::string& password,
                                     const std::string& plugin = "mysql_native_password",
                                     const std::string& database = "", std::uint32_t more = 0) {
        const std::string response = native_response(password, salt_of(greeting_.bytes.substr(4)));
        const std::uint32_t flags = capability::protocol_41 | capability::secure_connection |
                                    capability::plugin_auth | more |
                                    (database.empty() ? 0 : capability::connect_with_db);
        packet_writer login;
        login.integer(flags, 4).integer(0xFFFFFF, 4).integer(33, 1).zeros(23).terminated(user);
        login.counted(response); // shorter than 251 bytes: as one byte and as a length-encoded number
        if (!database.empty())
            login.terminated(database);
        login.terminated(plugin);
        return send(login.payload(), 1);
    }

    /// send_login() for those who are let in.
    mysql_client& log_in(std::uint32_t more = 0) {
        send_login("replmond", "demo", "mysql_native_password", "", more);
        return *this;
    }

    testing::stream_reply send_query(const std::string& text) { return send("\x03" + text, 0); }

    /// The answer in a word.
    std::string query(const std::string& text) { return outcome(send_query(text)); }

    /// `ok 1`, `1064 HY000 text`, `switch PLUGIN`, `value`, `NULL`, `none` for no row; `nothing` for no
    /// bytes; ` and FIN` after it.
    static std::string outcome(const testing::stream_reply& reply) {
        return word(reply.bytes) + (reply.close ? " and FIN" : "");
    }

    static std::vector<std::string> payloads(const std::string& bytes) {
        packet_splitter splitter;
        splitter.append(bytes);
        std::vector<std::string> found;
        while (auto packet = splitter.next())
            found.push_back(std::move(packet->payload));
        return found;
    }

private:
    instant now() const { return {on_.now + on_.all.advanced, on_.real, on_.real}; }

    static std::string word(const std::string& bytes) {
        const auto packets = payloads(bytes);
        if (packets.empty())
            return bytes.empty() ? "nothing" : "no packet";
        packet_reader reader(packets.front());
        const auto first = reader.integer(1);
        if (first == 0)
            return fmt::format("ok {}", reader.length());
        if (first == 0xFE)
            return "switch " + reader.terminated();
        if (first == 0xFF) {
            const auto code = reader.integer(2);
            reader.integer(1);
            const std::string state = reader.bytes(5);
            return fmt::format("{} {} {}", code, state, reader.rest());
        }
        return value_in(packets);
    }

    static std::string value_in(const std::vector<std::string>& packets) {
        for (std::size_t i = 2; i < packets.size(); ++i) {
            packet_reader reader(packets[i]);
            if (packets[i].front() == '\xFE' && packets[i].size() < 9)
                continue;
            return packets[i] == "\xFB" ? "NULL" : reader.counted();
        }
        return "none";
    }

    cloud_under_test& on_;
    std::unique_ptr<mysql_session> session_;
    testing::stream_reply greeting_;
};

inline const std::string mysql_scenario = R"(
tokens: [t]
projects: [p]
mysql: {user: replmond, password: demo}
taurusdb: [{id: d, address: 127.0.2.1, htap: [i, k]}]
instances:
  - id: i
    address: 127.0.1.1
    tasks:
      - {name: orders, source_database: orders, target_database: orders_sr, lag: 5s}
      - {name: odd, source_database: "od`d", target_database: "od`d"}
      - {name: all, source_database: ALL, target_database: ALL, heartbeat: ops.beat}
  - {id: k, tasks: [{name: other}]}
)";

} // namespace replmond::simulator
