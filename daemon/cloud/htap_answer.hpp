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

struct starrocks_instance {
    std::string id;     ///< 36 letters and digits
    std::string name;   ///< the cloud's; may be empty
    std::string status; ///< the cloud's word: normal, creating, createfail, abnormal

    bool operator==(const starrocks_instance&) const = default;
};

/// The HTAP instances of one TaurusDB instance (ListHtapInstanceInfo): those that are StarRocks.
struct htap_list {
    std::optional<std::uint64_t> total;        ///< of all engines; absent where not reported or not readable
    std::size_t records = 0;                   ///< of all engines
    std::vector<starrocks_instance> starrocks; ///< in the order received
    std::size_t unusable = 0;                 ///< StarRocks without a usable id, or nobody knows which engine
    std::vector<unexpected_value> unexpected; ///< what could not be read; none of it fails the list

    /// All records there are, and each could be read: who is not in it, is not there.
    bool proves_absence() const { return unusable == 0 && total.value_or(records) == records; }
};

/// Decodes the body of a 200 answer; tolerant as decode_instances(), fails as it does. What counts as
/// StarRocks is an `engine_name` of "starrocks" without regard to case, '-' and '_'; a record without an
/// engine is counted as unusable and left out.
result<htap_list> decode_htap(std::string_view body);

} // namespace replmond::cloud
