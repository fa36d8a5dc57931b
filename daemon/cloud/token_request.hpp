#pragma once

#include "daemon/net/http.hpp"

#include <optional>
#include <string>

namespace replmond::cloud {

/// An IAM user, and the project that its token is for.
struct password_login {
    std::string domain; ///< account name
    std::string user;
    std::string password;
    std::string region;                    ///< also the name of the region's default project
    std::optional<std::string> project_id; ///< beats the region
};

/// `POST /v3/auth/tokens?nocatalog=true` (IAM API reference). Its body holds the password.
net::http_request make_token_request(const password_login& login);

} // namespace replmond::cloud
