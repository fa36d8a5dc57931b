#pragma once

#include "tests/simulator/clock.hpp"

#include <boost/json/array.hpp>

#include <cstddef>
#include <deque>
#include <optional>
#include <string>

namespace replmond::simulator {

/// One command to a database server and what came of it.
struct logged_query {
    virtual_time now{0};
    wall_time real;
    std::string address; // of the server
    std::size_t connection = 0;
    std::string user;
    std::string command;              // `login`, `query`, `ping`, …
    std::string statement;            // of a query; the database of `init_db`; the plugin of `login`
    std::string outcome;              // `ok`, a fault, or the code of an error
    std::optional<std::string> value; // what a SELECT found, unless that is NULL
};

/// The latest commands, at most 10,000.
class query_log {
public:
    void add(logged_query query);
    void clear() { queries_.clear(); }
    boost::json::array to_json() const; // oldest first

private:
    std::deque<logged_query> queries_;
};

} // namespace replmond::simulator
