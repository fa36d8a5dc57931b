#pragma once

#include "tests/simulator/clock.hpp"
#include "tests/simulator/mysql_messages.hpp"
#include "tests/simulator/mysql_statement.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace replmond::simulator {

struct cloud;

/// A database server: the MySQL side of a StarRocks or a TaurusDB instance.
struct mysql_server {
    mysql_kind kind;
    std::string id;
    std::string address;
};

/// Whose address it is; nothing where nobody has it, or a deleted instance.
std::optional<mysql_server> find_mysql_server(const cloud& all, const std::string& address);

/// A statement that has changed so many rows.
struct mysql_done {
    std::uint64_t rows = 0;
};

using mysql_answer = std::variant<mysql_result, mysql_done, mysql_error>;

/// What the server says to a statement, whose text is for error messages.
mysql_answer answer_statement(cloud& all, const mysql_server& server, const mysql_statement& statement,
                              std::string_view text, const instant& at);

/// The tasks whose table a statement is about, main ones first. The first one says how old its rows are.
std::vector<std::string> tasks_of(const cloud& all, const mysql_server& server,
                                  const mysql_statement& statement);

/// True where a task has its table in the database.
bool has_database(const cloud& all, const mysql_server& server, const std::string& database);

/// Notes how all tasks follow: before and after whatever may change that.
void observe_tasks(cloud& all, const instant& at);

} // namespace replmond::simulator
