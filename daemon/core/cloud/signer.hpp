#pragma once

#include "daemon/core/http/message.hpp"
#include "daemon/core/model/time.hpp"

#include <optional>
#include <string>
#include <string_view>

/// AK/SK signing, algorithm SDK-HMAC-SHA256 (developer guide "API signing"; the signers of the official
/// SDKs). Pure: the time is an argument.
namespace replmond::cloud {

struct signing_key {
    std::string access;
    std::string secret;
    std::optional<std::string> security_token; ///< of temporary keys
};

/// Every step of one signature, for tests and for messages. Nothing in it is secret.
struct signature {
    std::string canonical_request;
    std::string string_to_sign;
    std::string signed_headers; ///< lower case, sorted, joined by ';'
    std::string value;          ///< 64 lower-case hex digits
};

/// Percent-encodes all but A-Z a-z 0-9 - _ . ~ (RFC 3986, section 2.3), upper-case hex: also how queries are
/// sent.
std::string percent_encode(std::string_view text);

/// The path of the request line as it is signed: decoded, each segment encoded anew, always with a slash at
/// its end.
std::string canonical_uri(std::string_view encoded_path);

/// The query as it is signed: decoded, encoded anew (space is %20), sorted by key and then by value.
std::string canonical_query(std::string_view encoded_query);

/// Signs `request` with exactly `headers`, whose names may be in any case; X-Sdk-Date must be among them.
signature sign(const http::http_request& request, const http::header_list& headers, std::string_view date,
               std::string_view secret);

/// Adds X-Sdk-Date, X-Project-Id (unless empty), X-Security-Token (for temporary keys) and Authorization.
/// Signed are these, Host and all headers that are there, but Content-Type, which intermediaries may change.
/// `authority`: the value that the Host header will have.
void sign_request(http::http_request& request, std::string_view authority, std::string_view project_id,
                  const signing_key& key, timestamp now);

/// YYYYMMDDTHHMMSSZ: the form of X-Sdk-Date.
std::string to_sdk_date(timestamp time);

} // namespace replmond::cloud
