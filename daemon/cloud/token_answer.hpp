#pragma once

#include "daemon/model/failure.hpp"
#include "daemon/model/time.hpp"
#include "daemon/net/http.hpp"

#include <optional>
#include <string>

namespace replmond::cloud {

/// An IAM token (IAM API reference, KeystoneCreateUserTokenByPassword).
struct issued_token {
    std::string token; ///< X-Subject-Token, several KiB
    std::optional<timestamp> expires_at;
    std::optional<std::string> project_id; ///< of a project-scoped token
};

/// Reads the answer of POST /v3/auth/tokens: 201 with the token in a header. Fails as failure_of() does for
/// another status, and with `protocol` where the header is missing. What the body does not tell is left
/// empty.
result<issued_token> decode_token_answer(const net::http_response& answer);

} // namespace replmond::cloud
