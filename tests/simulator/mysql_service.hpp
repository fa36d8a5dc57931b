#pragma once

#include "tests/simulator/clock.hpp"
#include "tests/simulator/heartbeats.hpp"
#include "tests/simulator/mysql_faults.hpp"
#include "tests/simulator/mysql_spec.hpp"
#include "tests/simulator/query_log.hpp"

#include <boost/json/value.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace replmond::simulator {

/// What control says of a server, or of one task's table in it.
struct mysql_settings {
    std::optional<std::chrono::microseconds> lag;
    std::optional<std::string> heartbeat; // this instead of the value
    std::optional<wall_time> stopped;     // no heartbeat of the source is newer
    bool dropped = false;                 // the table is not there
    std::optional<std::int64_t> rows;     // of an answer; default 1
    bool null = false;                    // instead of the value
    std::optional<std::string> password;  // instead of the scenario's; of a server only
    std::optional<mysql_fault> fault;
};

/// What one server has seen.
struct mysql_traffic {
    std::size_t connections = 0;
    std::size_t most_connections = 0;
    std::uint64_t logins = 0;
    std::uint64_t refused_logins = 0;
    std::uint64_t queries = 0;
};

/// Everything that the database servers of a scenario remember. Plain state, as `cloud` is.
struct mysql_service {
    explicit mysql_service(std::optional<mysql_spec> given) : spec(std::move(given)) {}

    using settings_key = std::pair<std::string, std::string>; // id of a server; task, or empty

    std::optional<mysql_spec> spec;
    std::optional<std::uint16_t> port; // once somebody listens
    std::map<settings_key, mysql_settings> settings;
    heartbeat_book heartbeats;
    query_log queries;
    std::map<std::string, mysql_traffic> traffic; // by address
    std::size_t accepted = 0;                     // connections so far
    std::size_t connections = 0;                  // now
    std::size_t most_connections = 0;             // at once

    /// A connection to an address begins and ends.
    void connected(const std::string& address);
    void disconnected(const std::string& address);

    /// Null where control has said nothing.
    const mysql_settings* find_settings(const std::string& server, const std::string& task) const;

    /// What the server has to say by control and by the scenario.
    std::string password_of(const std::string& server) const;

    /// Takes one use of the fault of a task's table, where `task` is not empty, or of the server.
    std::optional<mysql_fault> take_fault(const std::string& server, const std::string& task,
                                          mysql_phase phase);

    /// The most connections so far become what is now.
    void forget_most();

    /// Null where there are no servers.
    boost::json::value to_json() const;
};

boost::json::object shown(const mysql_settings& settings);

} // namespace replmond::simulator
