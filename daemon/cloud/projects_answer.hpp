#pragma once

#include "daemon/model/failure.hpp"
#include "daemon/net/http.hpp"

#include <string>
#include <string_view>

namespace replmond::cloud {

/// `/v3/projects?name=<region>`, of IAM (KeystoneListProjects).
std::string projects_target(std::string_view region);

/// The id of the one project that is named like the region. Fails as failure_of() does for another status
/// than 200. Fails with `protocol` where the answer is no such list, and also where none or several have that
/// name: the credential is good, but the answer does not say which project is meant. Its text then names what
/// was found and says to configure project_id.
result<std::string> decode_projects_answer(const net::http_response& answer, std::string_view region);

} // namespace replmond::cloud
