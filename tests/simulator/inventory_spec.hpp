#pragma once

#include "tests/simulator/timeline.hpp"

#include <boost/json/object.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace replmond::simulator {

/// What `total_count` of a list tells.
enum class total_count {
    records,  // how many records there are
    page,     // how many are on this page
    absent,   // nothing
    garbage,  // no number
    changing, // another one on every page
};

/// Nothing for an unknown name.
std::optional<total_count> total_count_named(std::string_view name);
std::string_view name_of(total_count which);

/// When an instance is on the lists of instances, and under which name.
struct inventory_course {
    virtual_time from{0};
    std::optional<virtual_time> until;
    std::optional<virtual_time> rename_at;
    std::string rename_to;
    bool deleted = false;    // stronger than the times
    boost::json::object raw; // laid over the record as it is

    bool lists(virtual_time now) const { return !deleted && now >= from && (!until || now < *until); }
    bool renames(virtual_time now) const { return rename_at && now >= *rename_at; }
};

/// Where the list of TaurusDB instances differs from a well-behaved one.
struct inventory_quirks {
    std::optional<std::size_t> max_page; // serves no more records a page than this
    total_count total = total_count::records;
    bool ignore_offset = false; // every page is the first
};

/// An instance beside a TaurusDB instance, as the latter lists it.
struct htap_spec {
    std::string id; // one of `instances`, which then gives the name, or an instance that nothing else knows
    std::string name;
    std::string engine = "star-rocks";
    std::string status = "normal";
    inventory_course course;
};

struct taurusdb_spec {
    std::string id;
    std::string name;
    std::string project;
    std::string status = "ACTIVE";
    std::vector<htap_spec> htap;
    inventory_course course;
    std::string address; // as that of an instance
};

} // namespace replmond::simulator
