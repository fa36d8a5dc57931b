#pragma once

#include "daemon/core/http/message.hpp"
#include "daemon/core/model/failure.hpp"
#include "daemon/core/model/time.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace replmond::cloud {

/// `/v3/projects?name=<region>`, IAM's KeystoneListProjects (API.md, section 5.3).
std::string projects_target(std::string_view region);

/// The id of the only project that has the region's name. Fails as failure_of() does for another status than
/// 200. Fails with `protocol` if the answer is not a list of projects, or if none or several projects have
/// that name: the credential is good, but the answer does not tell which project is meant. The message then
/// names the projects that were found and tells the user to configure project_id.
result<std::string> decode_projects_answer(const http::http_response& answer, std::string_view region);

/// An IAM user, and the project that the token is for.
struct password_login {
    std::string domain; ///< the account's name
    std::string user;
    std::string password;
    std::string region;                    ///< also the name of the region's default project
    std::optional<std::string> project_id; ///< replaces the region's default project
};

/// `POST /v3/auth/tokens?nocatalog=true` (API.md, section 5.1). The body contains the password.
http::http_request make_token_request(const password_login& login);

/// An identity provider's word for who asks, and the project that the keys are for.
struct oidc_login {
    std::string idp_id; ///< the identity provider's name in IAM
    std::string id_token;
    std::string region;                    ///< also the name of the region's default project
    std::optional<std::string> project_id; ///< replaces the region's default project
};

/// `POST /v3.0/OS-AUTH/id-token/tokens` with the header X-Idp-Id (API.md, section 13). The body contains the
/// id token.
http::http_request make_id_token_request(const oidc_login& login);

/// `POST /v3.0/OS-CREDENTIAL/securitytokens` with the method `token`: keys of 6 hours for a token (API.md,
/// section 13). The body contains the token. decode_temporary_keys() decodes the answer.
http::http_request make_temporary_keys_request(const std::string& token);

/// An IAM token (KeystoneCreateUserTokenByPassword).
struct issued_token {
    std::string token; ///< X-Subject-Token, may have several KiB
    std::optional<timestamp> expires_at;
    std::optional<std::string> project_id; ///< of a project-scoped token
};

/// Decodes the answer to a request for a token: 201 with the token in a header. Fails as failure_of() does
/// for another status, and with `protocol` if the header is missing. Values that the body does not have are
/// left empty.
result<issued_token> decode_token_answer(const http::http_response& answer);

} // namespace replmond::cloud
