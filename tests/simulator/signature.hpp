#pragma once

#include "tests/support/exchange.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// SDK-HMAC-SHA256, written from the signing guide and checked against known answers of the cloud's own
// clients. Pure: no keys are kept here and no clock is read.
namespace replmond::simulator {

/// The header `Authorization: SDK-HMAC-SHA256 Access=…, SignedHeaders=a;b, Signature=…`.
struct authorization {
    std::string access;
    std::vector<std::string> signed_headers; // as listed
    std::string signature;
};

/// Nothing for another scheme, another order, or an empty part.
std::optional<authorization> parse_authorization(std::string_view header);

/// The path as it is signed: every segment percent-encoded, `/` at the end.
std::string canonical_uri(std::string_view decoded_path);

/// The query of a request target as it is signed: sorted by name and value, percent-encoded. A `+` on the
/// wire is a plus sign: whoever means a space has to write %20.
std::string canonical_query(std::string_view target);

/// What is hashed, with the listed headers in the order of the list. Nothing where one of them is missing in
/// the request. The last line is X-Sdk-Content-Sha256 where the request has it, else the hash of the body.
std::optional<std::string> canonical_request(const testing::request& request,
                                             const std::vector<std::string>& signed_headers);

/// The signature in hex over `canonical` at `date` (X-Sdk-Date as it was sent).
std::string sign(std::string_view secret, std::string_view date, std::string_view canonical);

} // namespace replmond::simulator
