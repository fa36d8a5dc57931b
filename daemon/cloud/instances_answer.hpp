#pragma once

#include "daemon/model/failure.hpp"
#include "daemon/model/task.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace replmond::cloud {

struct taurusdb_instance {
    std::string id; ///< 36 letters and digits
    std::string name;
    std::string status; ///< the cloud's word

    bool operator==(const taurusdb_instance&) const = default;
};

/// One page of ListGaussMySqlInstances, read as far as it can be read.
struct instances_page {
    std::optional<std::uint64_t> total_count; ///< absent where not reported or not readable
    std::vector<taurusdb_instance> instances; ///< the records with a usable id, in the order received
    std::size_t records = 0;                  ///< all of them: what the next offset counts
    std::size_t unusable = 0;                 ///< records that were left out
    std::vector<unexpected_value> unexpected; ///< what could not be read; none of it fails the page
};

/// Decodes the body of a 200 answer. Tolerant: counts as numbers or strings, null or absent for "not
/// reported", unknown fields. Fails (protocol) only for a body that is no such list: not JSON in valid UTF-8,
/// not an object, `instances` not an array, or neither `instances` nor `total_count` there.
result<instances_page> decode_instances(std::string_view body);

} // namespace replmond::cloud
