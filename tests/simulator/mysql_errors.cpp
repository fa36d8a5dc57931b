#include "tests/simulator/mysql_errors.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace replmond::simulator {
namespace {

bool is_starrocks(mysql_kind kind) {
    return kind == mysql_kind::starrocks;
}

std::string analyzing(const std::string& detail) {
    return fmt::format("Getting analyzing error. Detail message: {}.", detail);
}

// What stands at the position: a word, or one sign.
std::string_view token_at(std::string_view statement, std::size_t position) {
    if (position >= statement.size())
        return "<EOF>";
    const auto rest = statement.substr(position);
    const std::size_t end = rest.find_first_of(" \t\r\n,;()'\"`.=");
    return rest.substr(0, std::max<std::size_t>(end, 1));
}

} // namespace

mysql_error unknown_database(mysql_kind kind, std::string_view database) {
    const std::string text = fmt::format("Unknown database '{}'", database);
    if (is_starrocks(kind))
        return {5501, "3F000", analyzing(text)};
    return {1049, "42000", text};
}

mysql_error unknown_chosen_database(mysql_kind kind, std::string_view database) {
    if (is_starrocks(kind))
        return {1064, "HY000", fmt::format("Unknown database '{}'", database)};
    return unknown_database(kind, database);
}

mysql_error unknown_table(mysql_kind kind, const table_name& table) {
    if (is_starrocks(kind))
        return {5502, "42602", analyzing(fmt::format("Unknown table '{}.{}'", table.database, table.table))};
    return {1146, "42S02", fmt::format("Table '{}.{}' doesn't exist", table.database, table.table)};
}

mysql_error unknown_column(mysql_kind kind, std::string_view column) {
    if (is_starrocks(kind))
        return {1064, "HY000", analyzing(fmt::format("Column '`{}`' cannot be resolved", column))};
    return {1054, "42S22", fmt::format("Unknown column '{}' in 'field list'", column)};
}

mysql_error wrong_syntax(mysql_kind kind, std::string_view statement, std::size_t position) {
    const auto before = statement.substr(0, position);
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    if (is_starrocks(kind)) {
        const std::size_t line_begin = before.rfind('\n') + 1; // 0 where there is none
        return {1064, "HY000",
                fmt::format("Getting syntax error at line {}, column {}. Detail message: Unexpected input "
                            "'{}'.",
                            line, position - line_begin, token_at(statement, position))};
    }
    constexpr std::size_t shown_text = 80;
    return {1064, "42000",
            fmt::format("You have an error in your SQL syntax; check the manual that corresponds to your "
                        "MySQL server version for the right syntax to use near '{}' at line {}",
                        statement.substr(before.size(), shown_text), line)};
}

mysql_error unsupported_command(mysql_kind kind, std::string_view name) {
    return {1064, is_starrocks(kind) ? "HY000" : "42000", fmt::format("Unsupported command({})", name)};
}

mysql_error access_denied(mysql_kind kind, std::string_view user, std::string_view peer, bool with_password) {
    const auto* used = with_password ? "YES" : "NO";
    if (is_starrocks(kind))
        return {1045, "28000", fmt::format("Access denied for user '{}' (using password: {})", user, used)};
    return {1045, "28000",
            fmt::format("Access denied for user '{}'@'{}' (using password: {})", user, peer, used)};
}

mysql_error bad_handshake() {
    return {1043, "08S01", "Bad handshake"};
}

mysql_error packets_out_of_order() {
    return {1156, "08S01", "Got packets out of order"};
}

} // namespace replmond::simulator
