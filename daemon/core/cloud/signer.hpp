#pragma once

#include "daemon/core/http/message.hpp"
#include "daemon/core/model/time.hpp"

#include <optional>
#include <string>
#include <string_view>

/// AK/SK signing, algorithm SDK-HMAC-SHA256 (API.md, section 5.2). No I/O; the time is an argument.
namespace replmond::cloud {

/// An access key: its id and its secret key (AK and SK).
struct signing_key {
    std::string access;
    std::string secret;
    std::optional<std::string> security_token; ///< of temporary keys
};

/// Every step of one signature, for tests. It contains no secrets.
struct signature {
    std::string canonical_request;
    std::string string_to_sign;
    std::string signed_headers; ///< lower case, sorted, joined by ';'
    std::string value;          ///< 64 lower-case hex digits
};

/// Percent-encodes all characters but the unreserved ones, A-Z a-z 0-9 - _ . ~ (RFC 3986 2.3), with
/// upper-case hex.
std::string percent_encode(std::string_view text);

/// The CanonicalURI of a path: each segment is decoded and encoded again, and a slash is appended if the path
/// does not end in one.
std::string canonical_uri(std::string_view encoded_path);

/// The CanonicalQuery: the parameters are decoded, sorted by key and then by value, and encoded again (a
/// space is %20).
std::string canonical_query(std::string_view encoded_query);

/// Signs `request` with exactly these `headers`. Their names may be in any case; X-Sdk-Date must be one of
/// them, with the value `date`.
signature sign(const http::http_request& request, const http::header_list& headers, std::string_view date,
               std::string_view secret);

/// Adds X-Sdk-Date, X-Project-Id (unless `project_id` is empty), X-Security-Token (for temporary keys) and
/// Authorization. These, Host and all headers of the request are signed, except Content-Type, which
/// intermediaries may change. `authority`: the value that the header Host will have.
void sign_request(http::http_request& request, std::string_view authority, std::string_view project_id,
                  const signing_key& key, timestamp now);

/// The form of X-Sdk-Date: YYYYMMDDTHHMMSSZ, in UTC.
std::string to_sdk_date(timestamp time);

} // namespace replmond::cloud
