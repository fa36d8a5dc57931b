#pragma once

#include "daemon/core/model/failure.hpp"
#include "daemon/core/model/task.hpp"

#include <boost/json/fwd.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What the lists of TaurusDB and of HTAP instances have in common. Tolerant, as page.hpp is.
namespace replmond::cloud {

/// Longer names are cut: the service allows 64 characters.
inline constexpr std::size_t longest_instance_name = 256;

/// The body of an answer as a JSON object. Fails (protocol) for anything else, as with bytes that are no
/// UTF-8.
result<boost::json::object> read_object(std::string_view body);

/// The array `instances`: nullptr where it is absent or null, which fails (protocol) unless `counted`: an
/// empty list may come as null, but then its count is there. Fails where it is something else.
result<const boost::json::array*> read_instances(const boost::json::object& answer, bool counted);

/// A count at the top of an answer; noted in `unexpected` where it is there and not readable.
std::optional<std::uint64_t> read_count(const boost::json::object& answer, std::string_view field,
                                        std::vector<unexpected_value>& unexpected);

/// The id of a record, if it has the form of one; else noted.
std::optional<std::string> read_instance_id(const boost::json::value& record,
                                            std::vector<unexpected_value>& unexpected);

/// A text of a record: empty where it is not reported or, which is noted, no text. At most
/// longest_instance_name bytes.
std::string read_text(const boost::json::object& record, std::string_view field,
                      std::vector<unexpected_value>& unexpected);

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
