#pragma once

#include "tests/simulator/mysql_messages.hpp"
#include "tests/simulator/mysql_statement.hpp"

#include <cstddef>
#include <string>
#include <string_view>

// The refusals of both kinds of database. TaurusDB's are those of MySQL 8.0. StarRocks' are those of its
// frontend from 3.1 on, as fe-core's ErrorCode, MysqlErrPacket and MysqlProto have them and as its users
// quote them (issues 62877 and 54969 of StarRocks/starrocks): unknown databases and tables have codes of
// their own, 5501 and 5502, and what has no code is 1064 with the state HY000, unknown columns and commands
// among it. Before 3.1 databases and tables were 1064 as well.
namespace replmond::simulator {

mysql_error unknown_database(mysql_kind kind, std::string_view database);

/// The same where it was chosen, not queried.
mysql_error unknown_chosen_database(mysql_kind kind, std::string_view database);

mysql_error unknown_table(mysql_kind kind, const table_name& table);
mysql_error unknown_column(mysql_kind kind, std::string_view column);
mysql_error wrong_syntax(mysql_kind kind, std::string_view statement, std::size_t position);
mysql_error unsupported_command(mysql_kind kind, std::string_view name);
mysql_error access_denied(mysql_kind kind, std::string_view user, std::string_view peer, bool with_password);
mysql_error bad_handshake();
mysql_error packets_out_of_order();

} // namespace replmond::simulator
