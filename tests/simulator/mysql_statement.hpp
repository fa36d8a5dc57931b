#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

namespace replmond::simulator {

struct table_name {
    std::string database;
    std::string table;

    auto operator<=>(const table_name&) const = default;
};

/// SELECT MAX(column) FROM database.table
struct select_max {
    table_name from;
    std::string column;
};

/// INSERT INTO database.table (id, column) VALUES (1, EXPRESSION) ON DUPLICATE KEY UPDATE column =
/// VALUES(column), where EXPRESSION has UTC_TIMESTAMP(6) in it
struct upsert {
    table_name into;
    std::string key;
    std::string column;
};

/// SELECT EXPRESSION, with UTC_TIMESTAMP(6) in it
struct select_clock {
    std::string expression;
};

/// SET NAMES and SET character_set_…: what clients say of themselves
struct set_names {};

/// Everything else, and where it stops being one of those.
struct syntax_error {
    std::size_t position = 0; // a byte of the statement; its size at the end
};

using mysql_statement = std::variant<select_max, upsert, select_clock, set_names, syntax_error>;

/// Understands the statements above and no other. Names may stand in backquotes, with doubled ones within;
/// keywords may have any case; one semicolon may follow. `writable`: upsert and select_clock are understood.
mysql_statement parse_statement(std::string_view text, bool writable);

} // namespace replmond::simulator
