#pragma once

#include "tests/simulator/json_fields.hpp"
#include "tests/simulator/mysql_messages.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace replmond::simulator {

/// What a database server answers to.
enum class mysql_phase { greeting, login, query };

/// What goes wrong with the answer.
enum class mysql_fault_kind {
    hang,        // it never comes
    half_packet, // the first half of it, then FIN
    garbage,     // bytes that are no packets, then FIN
    close,       // FIN instead
    big_text,    // a value of 1 MB
    not_mysql,   // an answer in HTTP, then FIN
    error,       // a refusal
};

struct mysql_fault {
    std::string name; // as control gave it
    mysql_fault_kind kind = mysql_fault_kind::close;
    mysql_phase phase = mysql_phase::query;
    std::optional<std::int64_t> count; // how many more times; without: for ever
    mysql_error error;
};

/// A fault from `fault`, `at`, `count`, `error_code`, `error_state` and `error_msg`; nothing where `fault` is
/// null or absent, or where something is wrong, which `mistake` then says.
std::optional<mysql_fault> read_mysql_fault(json_fields& fields, std::string& mistake);

boost::json::object shown(const mysql_fault& fault);

/// True when what was asked for is not done either.
bool stops_statement(const mysql_fault& fault);

/// What a server that speaks HTTP answers to anything.
std::string http_answer();

/// Bytes that are no packets.
std::string garbage_bytes();

} // namespace replmond::simulator
