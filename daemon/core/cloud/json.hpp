#pragma once

#include <boost/json/fwd.hpp>
#include <boost/json/value.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace replmond::cloud {

/// Like boost::json::parse, with these differences:
/// - A number with a fraction or an exponent is the double nearest to its digits. The parser of Boost 1.81 is
///   one unit in the last place off for some numbers of more than 15 digits.
/// - A number that is too large for a double is infinite, whatever its exponent; one that is too small is 0.
/// - The escape of half a surrogate pair without its other half becomes U+FFFD (the contract, What a poll
///   does), so that one bad name does not fail a whole list.
///
/// Fails for a document that is nested deeper than 32 levels.
boost::json::value parse_exactly(std::string_view text, boost::json::error_code& error,
                                 boost::json::storage_ptr storage = {});

// Conversions of single JSON values. They are tolerant, because the cloud's documents, examples and SDKs
// disagree about types (API.md, section 1). Blanks around a text are ignored. Each returns nothing if the
// value cannot be converted.

/// A number, or a string with a number and possibly '%' at its end. Nothing outside 0..100.
std::optional<double> to_percentage(const boost::json::value& value);

/// A whole number that is not negative: 3, 3.0 or "3".
std::optional<std::uint64_t> to_count(const boost::json::value& value);

/// true, false, or one of these words as a string, case-insensitively.
std::optional<bool> to_boolean(const boost::json::value& value);

/// The value as text for a log line: strings unchanged, other values as JSON; at most 128 bytes, cut between
/// characters.
std::string describe(const boost::json::value& value);

} // namespace replmond::cloud
