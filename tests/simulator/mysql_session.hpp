#pragma once

#include "tests/simulator/cloud.hpp"
#include "tests/simulator/mysql_packets.hpp"
#include "tests/simulator/mysql_query.hpp"
#include "tests/support/stream_session.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace replmond::simulator {

/// The server's side of one connection in the MySQL protocol: bytes and moments in, bytes out. It counts in
/// `cloud::mysql` while it lives; `all` must outlive it.
class mysql_session {
public:
    mysql_session(cloud& all, mysql_server server, std::string peer);
    ~mysql_session();

    mysql_session(const mysql_session&) = delete;
    mysql_session& operator=(const mysql_session&) = delete;

    /// The greeting.
    testing::stream_reply begin(const instant& at);

    /// The answers to whatever packets are whole now.
    testing::stream_reply receive(std::string_view bytes, const instant& at);

private:
    enum class state {
        login,
        auth_switch, // the client was asked to log in by another plugin
        ready,
        hanging,
        over,
    };

    std::string take(const mysql_packet& packet, const instant& at);
    std::string log_in(const std::string& payload, const instant& at);
    std::string ask_for_native_password(const instant& at);
    std::string check_password(const std::string& response, const instant& at);
    std::string obey(const std::string& payload, const instant& at);
    std::string answer_command(unsigned char code, const std::string& argument, const instant& at);
    std::string query(const std::string& text, const instant& at);
    std::string refuse_login(const mysql_error& error, const instant& at);

    std::optional<mysql_fault> take_fault(mysql_phase phase, const std::vector<std::string>& tasks = {});
    std::string instead_of_answer(const mysql_fault& fault);
    std::string spoilt(const std::optional<mysql_fault>& fault, std::string answer);
    std::string encoded(const mysql_answer& answer);
    std::string framed_error(const mysql_error& error);
    std::string framed_ok(std::uint64_t rows = 0);
    void log(const std::string& command, const std::string& statement, const std::string& outcome,
             const instant& at, std::optional<std::string> value = std::nullopt);
    void log(const std::string& command, const std::string& statement, const mysql_error& error,
             const instant& at);
    void make_salt();
    mysql_traffic& traffic() { return all_.mysql.traffic[server_.address]; }

    cloud& all_;
    mysql_server server_;
    const mysql_greeting& greeting_;
    std::string peer_;
    std::size_t number_ = 0; // of all connections so far
    state state_ = state::login;
    packet_splitter input_;
    std::uint8_t sequence_ = 0; // of the next packet, in either direction
    std::string salt_;
    unsigned salts_ = 0;
    mysql_login login_;
    std::optional<mysql_fault> login_fault_; // of the login that is under way
};

} // namespace replmond::simulator
