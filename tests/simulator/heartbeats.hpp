#pragma once

#include "tests/simulator/clock.hpp"
#include "tests/simulator/mysql_spec.hpp"
#include "tests/simulator/mysql_statement.hpp"
#include "tests/simulator/world.hpp"

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace replmond::simulator {

/// Who wrote heartbeats when, and until when each task followed: in real time.
class heartbeat_book {
public:
    /// A row was written into a table of a TaurusDB instance.
    void write(const std::string& taurusdb, const table_name& table, wall_time when);

    /// True where anybody has written: then nothing but what was written is in the table.
    bool written(const std::string& taurusdb, const table_name& table) const;

    /// The newest row that is no newer than `limit`; nothing where there is none. A table that nobody writes
    /// has one of every moment, as though a writer never rested.
    std::optional<wall_time> newest(const std::string& taurusdb, const table_name& table,
                                    wall_time limit) const;

    /// Notes how a task follows at this moment, and tells until when it has: `at.real` where it does; nothing
    /// where it never has. A change since the call before is placed between the two moments, in proportion.
    std::optional<wall_time> follow(const std::string& instance, const std::string& task,
                                    const following& how, const instant& at);

private:
    struct progress {
        virtual_time now{0};
        wall_time real;
        std::optional<wall_time> until;
    };

    std::map<std::pair<std::string, table_name>, std::deque<wall_time>> writes_;
    std::map<std::pair<std::string, std::string>, progress> progress_;
};

/// A heartbeat as its column holds it.
std::string heartbeat_text(wall_time heartbeat, heartbeat_form form);

} // namespace replmond::simulator
