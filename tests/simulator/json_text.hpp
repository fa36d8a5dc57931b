#pragma once

#include <boost/json/value.hpp>

#include <string>

namespace replmond::simulator {

/// JSON text as services write it. boost::json::serialize would write 42.5 as 4.25E1.
std::string json_text(const boost::json::value& value);

/// The shortest decimal that reads back the same: 42.5, 100.
std::string decimal(double value);

} // namespace replmond::simulator
