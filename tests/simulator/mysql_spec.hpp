#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace replmond::simulator {

/// How a heartbeat is written into its column.
enum class heartbeat_form {
    seconds, // since 1970, as integers
    milliseconds,
    microseconds,
    text,   // `2026-01-02 03:04:05.678900`, UTC
    text_t, // the same with a T, as pt-heartbeat writes it
};

/// Nothing for an unknown name.
std::optional<heartbeat_form> heartbeat_form_named(std::string_view name);

/// The account and the heartbeat table of every database server of a scenario.
struct mysql_spec {
    std::string user;
    std::string password;
    std::string table = "heartbeat"; // in each database of a task
    std::string column = "ts";
    heartbeat_form form = heartbeat_form::microseconds;
};

} // namespace replmond::simulator
