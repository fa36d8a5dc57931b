#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// What servers and clients of the MySQL protocol tell each other, as values and as payloads of packets.
namespace replmond::simulator {

/// What a client and a server can do: bits of the protocol, by the protocol's names.
namespace capability {
constexpr std::uint32_t long_password = 1;
constexpr std::uint32_t found_rows = 2;
constexpr std::uint32_t long_flag = 4;
constexpr std::uint32_t connect_with_db = 8;
constexpr std::uint32_t protocol_41 = 0x200;
constexpr std::uint32_t ssl = 0x800;
constexpr std::uint32_t transactions = 0x2000;
constexpr std::uint32_t secure_connection = 0x8000;
constexpr std::uint32_t multi_statements = 0x1'0000;
constexpr std::uint32_t multi_results = 0x2'0000;
constexpr std::uint32_t plugin_auth = 0x8'0000;
constexpr std::uint32_t connect_attrs = 0x10'0000;
constexpr std::uint32_t plugin_auth_lenenc_client_data = 0x20'0000;
constexpr std::uint32_t deprecate_eof = 0x100'0000;
} // namespace capability

/// Which database speaks.
enum class mysql_kind { starrocks, taurusdb };

/// How a server presents itself.
struct mysql_greeting {
    std::string_view version;
    std::uint32_t capabilities;
    std::uint8_t character_set;
    std::uint16_t status;
};

/// StarRocks says that it is 5.1.0 and offers what its frontend's DEFAULT_CAPABILITY has had from the start;
/// TaurusDB is a MySQL 8.0.22. Neither offers TLS.
const mysql_greeting& greeting_of(mysql_kind kind);

constexpr std::string_view native_plugin = "mysql_native_password";

/// The first packet of a connection, with 20 bytes of `salt`.
std::string greeting_packet(const mysql_greeting& greeting, std::size_t connection, std::string_view salt);

/// Asks the client to log in by mysql_native_password.
std::string auth_switch_packet(std::string_view salt);

/// What a client answers to mysql_native_password; empty for an empty password.
std::string native_response(std::string_view password, std::string_view salt);

/// A client's answer to the greeting.
struct mysql_login {
    std::uint32_t capabilities = 0; // what both can do
    bool wants_tls = false;
    std::string user;
    std::string response;
    std::string database; // empty: none
    std::string plugin;   // empty: the client names none
};

/// Nothing where it is malformed, or older than protocol 4.1.
std::optional<mysql_login> read_login(std::string_view payload, const mysql_greeting& greeting);

/// A refusal.
struct mysql_error {
    int code = 1105;
    std::string state = "HY000"; // five characters
    std::string text = "Unknown error";
};

std::string error_packet(const mysql_error& error);
std::string ok_packet(const mysql_greeting& greeting, std::uint64_t rows);

/// Types of columns, by the protocol's numbers.
enum class column_type : std::uint8_t { longlong = 0x08, datetime = 0x0C, var_string = 0xFD };

/// A result set with one column.
struct mysql_result {
    std::string column;
    column_type type = column_type::longlong;
    std::size_t rows = 1;             // all alike
    std::optional<std::string> value; // nothing: NULL
};

/// The whole answer to a query, in the text protocol, framed from `sequence` on. EOF packets end the columns
/// and the rows; a client that both sides' CLIENT_DEPRECATE_EOF binds gets one OK packet at the end instead.
std::string result_set(const mysql_result& result, const mysql_greeting& greeting, std::uint32_t capabilities,
                       std::uint8_t& sequence);

} // namespace replmond::simulator
