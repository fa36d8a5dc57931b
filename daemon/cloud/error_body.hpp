#pragma once

#include <string>
#include <string_view>

namespace replmond::cloud {

/// The code and text in the body of an answer that is not a success; either may be empty.
struct error_body {
    std::string code;
    std::string message;
    std::string request_id; ///< APIG puts it into the body
};

/// Reads every variant that the official SDKs do: error_code/error_msg, errorCode/errorMsg, code/message,
/// one of them inside a nested object (IAM) or in "details", a numeric code, plain text, HTML, nothing. A
/// pair at the top beats a nested one. What is no JSON is kept as its first 200 bytes of text.
error_body decode_error_body(std::string_view body);

} // namespace replmond::cloud
