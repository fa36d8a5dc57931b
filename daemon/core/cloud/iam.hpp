#pragma once

#include "daemon/core/http/message.hpp"
#include "daemon/core/model/failure.hpp"
#include "daemon/core/model/time.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace replmond::cloud {

/// `/v3/projects?name=<region>`, of IAM (KeystoneListProjects).
std::string projects_target(std::string_view region);

/// The id of the one project that is named like the region. Fails as failure_of() does for another status
/// than 200. Fails with `protocol` where the answer is no such list, and also where none or several have that
/// name: the credential is good, but the answer does not say which project is meant. Its text then names what
/// was found and says to configure project_id.
result<std::string> decode_projects_answer(const http::http_response& answer, std::string_view region);

/// An IAM user, and the project that its token is for.
struct password_login {
    std::string domain; ///< account name
    std::string user;
    std::string password;
    std::string region;                    ///< also the name of the region's default project
    std::optional<std::string> project_id; ///< beats the region
};

/// `POST /v3/auth/tokens?nocatalog=true` (IAM API reference). Its body holds the password.
http::http_request make_token_request(const password_login& login);

/// An IAM token (IAM API reference, KeystoneCreateUserTokenByPassword).
struct issued_token {
    std::string token; ///< X-Subject-Token, several KiB
    std::optional<timestamp> expires_at;
    std::optional<std::string> project_id; ///< of a project-scoped token
};

/// Reads the answer of POST /v3/auth/tokens: 201 with the token in a header. Fails as failure_of() does for
/// another status, and with `protocol` where the header is missing. What the body does not tell is left
/// empty.
result<issued_token> decode_token_answer(const http::http_response& answer);

} // namespace replmond::cloud
