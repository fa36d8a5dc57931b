#pragma once

#include <boost/json/fwd.hpp>
#include <boost/json/value.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace replmond::cloud {

/// As boost::json::parse, but every number with a fraction or an exponent is the double nearest to its
/// digits: Boost's own parser is an ulp off for some of more than 15. Numbers too large for a double are
/// infinite, whatever their exponent; too small ones are 0. An escape that is half of a surrogate pair
/// without its other half is U+FFFD: one bad name must not cost a list. Refused: what is nested deeper
/// than 32.
boost::json::value parse_exactly(std::string_view text, boost::json::error_code& error,
                                 boost::json::storage_ptr storage = {});

// Tolerant readings of single JSON values: the cloud's documents, examples and clients disagree on types
// (README, "Not verified"). Blanks around a text mean nothing. Each gives nothing where the value cannot be
// read as what was asked for.

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
