#pragma once

#include "daemon/net/http.hpp"

#include <optional>
#include <string>
#include <string_view>

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

/// `answer` with `***` wherever the password stands in its body or headers, as it is or escaped once or twice
/// as JSON does: for messages, since some servers quote what they were sent. A 201 is left as it is.
net::http_response without_password(net::http_response answer, std::string_view password);

} // namespace replmond::cloud
