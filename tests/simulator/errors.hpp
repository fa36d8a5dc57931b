#pragma once

#include "tests/support/exchange.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <string_view>

namespace replmond::simulator {

/// An answer with a JSON body.
testing::script json_answer(int status, const boost::json::object& body);

/// A service's refusal: `{"error_code":…,"error_msg":…}`.
testing::script service_error(int status, std::string_view code, std::string_view text);

/// The gateway's: the same, and `request_id`.
testing::script gateway_error(int status, std::string_view code, std::string_view text,
                              std::string_view request_id);

/// The body that usually comes with a status, for faults that name only that.
testing::script usual_error(int status, std::string_view request_id);

/// True when the client asked for Chinese texts (`X-Language: zh-cn`); the cloud's default is English.
bool wants_chinese(const testing::request& request);

} // namespace replmond::simulator
