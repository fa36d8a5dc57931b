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

/// Decodes the lists of TaurusDB and of HTAP instances (API.md, section 3), as tolerantly as task_page.hpp
/// decodes task lists. A value that cannot be read is added to `unexpected`.
namespace replmond::cloud {

/// In bytes. Longer names are cut; the service allows 64 characters.
inline constexpr std::size_t longest_instance_name = 256;

/// The body of an answer as a JSON object. Fails with `protocol` for any other body, and for bytes that are
/// not UTF-8.
result<boost::json::object> read_object(std::string_view body);

/// The array `instances`. If it is absent or null: nullptr with `counted`, otherwise a failure (`protocol`):
/// an empty list may be sent as null, but then its count is present. Fails with `protocol` if it is not an
/// array.
result<const boost::json::array*> read_instances(const boost::json::object& answer, bool counted);

/// A count at the top level of an answer. Nothing if it is absent, null or cannot be read.
std::optional<std::uint64_t> read_count(const boost::json::object& answer, std::string_view field,
                                        std::vector<unexpected_value>& unexpected);

/// The id of a record; nothing if it does not have the form of an id.
std::optional<std::string> read_instance_id(const boost::json::value& record,
                                            std::vector<unexpected_value>& unexpected);

/// A text of a record, cut at longest_instance_name bytes. Empty if it is absent, null or not a string.
std::string read_text(const boost::json::object& record, std::string_view field,
                      std::vector<unexpected_value>& unexpected);

/// A record of the list of TaurusDB instances.
struct taurusdb_instance {
    std::string id; ///< 36 letters and digits
    std::string name;
    std::string status; ///< the cloud's word

    bool operator==(const taurusdb_instance&) const = default;
};

/// One page of ListGaussMySqlInstances, as far as it could be read.
struct instances_page {
    std::optional<std::uint64_t> total_count; ///< nothing if not reported or not readable
    std::vector<taurusdb_instance> instances; ///< the records with a usable id, in the order received
    std::size_t records = 0;                  ///< the number of all records; the next offset grows by it
    std::size_t unusable = 0;                 ///< the number of records without a usable id
    std::vector<unexpected_value> unexpected; ///< values that could not be read; they do not fail the page
};

/// Decodes the body of a 200 answer. Tolerant: counts may be numbers or strings, "not reported" may be null
/// or absent, unknown fields are ignored. Fails with `protocol` only for a body that is not such a list: not
/// JSON in valid UTF-8, not an object, `instances` not an array, or neither `instances` nor `total_count`
/// present.
result<instances_page> decode_instances(std::string_view body);

/// Where an instance listens for SQL, as a list reports it. Nothing that the list must have: a value that is
/// missing or cannot be used leaves the member as it is here.
struct sql_address {
    std::string host; ///< `data_vip`, else the first `readable_node_infos[].data_ip`; empty: not reported
    int port = 3306;

    bool operator==(const sql_address&) const = default;
};

/// A record of a list of HTAP instances whose engine is StarRocks.
struct starrocks_instance {
    std::string id;     ///< 36 letters and digits
    std::string name;   ///< the cloud's; may be empty
    std::string status; ///< the cloud's word: normal, creating, createfail, abnormal
    sql_address address = {};

    bool operator==(const starrocks_instance&) const = default;
};

/// The HTAP instances of one TaurusDB instance (ListHtapInstanceInfo) whose engine is StarRocks.
struct htap_list {
    std::optional<std::uint64_t> total;        ///< of all engines; nothing if not reported or not readable
    std::size_t records = 0;                   ///< of all engines
    std::vector<starrocks_instance> starrocks; ///< in the order received
    /// Records of StarRocks without a usable id, or of an unknown engine.
    std::size_t unusable = 0;
    std::vector<unexpected_value> unexpected; ///< values that could not be read; they do not fail the list

    /// True if the list is complete and every record could be read: an instance that is not in it does not
    /// exist.
    bool proves_absence() const { return unusable == 0 && total.value_or(records) == records; }
};

/// Decodes the body of a 200 answer, as tolerantly as decode_instances(), with the same failures. An
/// `engine_name` of "starrocks", ignoring case, '-' and '_', is StarRocks (API.md, section 3). A record
/// without an engine counts as unusable and is left out.
result<htap_list> decode_htap(std::string_view body);

} // namespace replmond::cloud
