#pragma once

#include "daemon/model/failure.hpp"
#include "daemon/model/task.hpp"

#include <boost/json/fwd.hpp>

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

} // namespace replmond::cloud
