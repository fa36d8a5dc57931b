#pragma once

#include <boost/json/fwd.hpp>

#include <cstdint>
#include <optional>
#include <string>

/// Tolerant readings of single JSON values: the cloud's documents, examples and clients disagree on types
/// (README, "Not verified"). Blanks around a text mean nothing. Each gives nothing where the value cannot be
/// read as what was asked for.
namespace replmond::cloud {

/// A number or a string with one, with or without '%' at its end; 0..100, else nothing.
std::optional<double> to_percentage(const boost::json::value& value);

/// A whole number of records, not negative: 3, 3.0 or "3".
std::optional<std::uint64_t> to_count(const boost::json::value& value);

/// true, false, "true", "False".
std::optional<bool> to_boolean(const boost::json::value& value);

/// What was sent, for a log line: strings as they are, all else as JSON; at most 128 bytes, cut between
/// characters.
std::string describe(const boost::json::value& value);

} // namespace replmond::cloud
