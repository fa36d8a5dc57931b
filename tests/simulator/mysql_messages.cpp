#include "tests/simulator/mysql_messages.hpp"

#include "tests/simulator/digest.hpp"
#include "tests/simulator/mysql_packets.hpp"

namespace replmond::simulator {
namespace {

constexpr std::uint16_t autocommit = 2;
constexpr std::uint8_t utf8 = 33;
constexpr std::uint8_t utf8mb4 = 255;
constexpr std::uint8_t binary = 63;

constexpr std::uint32_t common_capabilities = capability::long_flag | capability::connect_with_db |
                                              capability::protocol_41 | capability::secure_connection |
                                              capability::plugin_auth;

constexpr mysql_greeting starrocks_greeting{"5.1.0", common_capabilities, utf8, 0};
constexpr mysql_greeting taurusdb_greeting{
    "8.0.22",
    common_capabilities | capability::long_password | capability::found_rows | capability::transactions |
        capability::multi_statements | capability::multi_results | capability::connect_attrs |
        capability::plugin_auth_lenenc_client_data | capability::deprecate_eof,
    utf8mb4, autocommit};

constexpr std::size_t first_salt = 8; // bytes of it in the first part of a greeting

std::string eof_packet(const mysql_greeting& greeting) {
    return packet_writer().integer(0xFE, 1).integer(0, 2).integer(greeting.status, 2).payload();
}

// An OK packet in the place of EOF has the first byte of EOF.
std::string closing_ok_packet(const mysql_greeting& greeting) {
    return packet_writer()
        .integer(0xFE, 1)
        .length(0)
        .length(0)
        .integer(greeting.status, 2)
        .integer(0, 2)
        .payload();
}

std::string column_packet(const mysql_result& result, const mysql_greeting& greeting) {
    const bool number = result.type == column_type::longlong;
    return packet_writer()
        .counted("def")
        .counted("") // database, table and table's own name: of an expression, none
        .counted("")
        .counted("")
        .counted(result.column)
        .counted("") // own name
        .length(12)  // bytes that follow
        .integer(number ? binary : greeting.character_set, 2)
        .integer(number ? 20 : 104, 4) // width
        .integer(static_cast<std::uint8_t>(result.type), 1)
        .integer(0, 2) // flags
        .integer(0, 1) // decimals
        .zeros(2)
        .payload();
}

std::string row_packet(const mysql_result& result) {
    packet_writer row;
    if (result.value)
        row.counted(*result.value);
    else
        row.integer(0xFB, 1);
    return row.payload();
}

} // namespace

const mysql_greeting& greeting_of(mysql_kind kind) {
    return kind == mysql_kind::starrocks ? starrocks_greeting : taurusdb_greeting;
}

std::string greeting_packet(const mysql_greeting& greeting, std::size_t connection, std::string_view salt) {
    constexpr unsigned protocol_version = 10;
    return packet_writer()
        .integer(protocol_version, 1)
        .terminated(greeting.version)
        .integer(connection, 4)
        .terminated(salt.substr(0, first_salt))
        .integer(greeting.capabilities, 2)
        .integer(greeting.character_set, 1)
        .integer(greeting.status, 2)
        .integer(greeting.capabilities >> 16, 2)
        .integer(salt.size() + 1, 1)
        .zeros(10)
        .terminated(salt.substr(first_salt))
        .terminated(native_plugin)
        .payload();
}

std::string auth_switch_packet(std::string_view salt) {
    return packet_writer().integer(0xFE, 1).terminated(native_plugin).terminated(salt).payload();
}

std::string native_response(std::string_view password, std::string_view salt) {
    if (password.empty())
        return {};
    const std::string once = sha1(password);
    std::string response = sha1(std::string(salt) + sha1(once));
    for (std::size_t i = 0; i < response.size(); ++i)
        response[i] = static_cast<char>(response[i] ^ once[i]);
    return response;
}

std::optional<mysql_login> read_login(std::string_view payload, const mysql_greeting& greeting) {
    packet_reader reader(payload);
    mysql_login login;
    const auto offered = static_cast<std::uint32_t>(reader.integer(4));
    login.capabilities = offered & greeting.capabilities;
    login.wants_tls = offered & capability::ssl;
    reader.integer(4); // largest packet
    reader.integer(1); // character set
    reader.bytes(23);  // reserved
    if (login.wants_tls && reader.ok())
        return login; // a request for TLS ends here
    login.user = reader.terminated();
    if (login.capabilities & capability::plugin_auth_lenenc_client_data)
        login.response = reader.counted();
    else
        login.response = reader.bytes(static_cast<std::size_t>(reader.integer(1)));
    if (login.capabilities & capability::connect_with_db)
        login.database = reader.terminated();
    if (login.capabilities & capability::plugin_auth)
        login.plugin = reader.terminated();
    if (!reader.ok() || !(login.capabilities & capability::protocol_41))
        return std::nullopt;
    return login; // attributes of the connection may follow
}

std::string error_packet(const mysql_error& error) {
    return packet_writer()
        .integer(0xFF, 1)
        .integer(static_cast<std::uint64_t>(error.code), 2)
        .bytes("#" + error.state + error.text)
        .payload();
}

std::string ok_packet(const mysql_greeting& greeting, std::uint64_t rows) {
    return packet_writer()
        .integer(0, 1)
        .length(rows)
        .length(0) // last insert id
        .integer(greeting.status, 2)
        .integer(0, 2) // warnings
        .payload();
}

std::string result_set(const mysql_result& result, const mysql_greeting& greeting, std::uint32_t capabilities,
                       std::uint8_t& sequence) {
    const bool eof = !(capabilities & capability::deprecate_eof);
    std::string bytes = framed(packet_writer().length(1).payload(), sequence);
    bytes += framed(column_packet(result, greeting), sequence);
    if (eof)
        bytes += framed(eof_packet(greeting), sequence);
    for (std::size_t i = 0; i < result.rows; ++i)
        bytes += framed(row_packet(result), sequence);
    bytes += framed(eof ? eof_packet(greeting) : closing_ok_packet(greeting), sequence);
    return bytes;
}

} // namespace replmond::simulator
