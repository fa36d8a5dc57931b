#pragma once

#include <boost/json/value.hpp>

#include <string_view>

namespace replmond::cloud {

/// As boost::json::parse, but every number with a fraction or an exponent is the double nearest to its
/// digits: Boost's own parser is an ulp off for some of more than 15. Numbers too large for a double are
/// infinite, whatever their exponent; too small ones are 0. An escape that is half of a surrogate pair
/// without its other half is U+FFFD: one bad name must not cost a list. Refused: what is nested deeper
/// than 32.
boost::json::value parse_exactly(std::string_view text, boost::json::error_code& error,
                                 boost::json::storage_ptr storage = {});

} // namespace replmond::cloud
