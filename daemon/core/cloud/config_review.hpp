#pragma once

#include "daemon/core/config/settings.hpp"

#include <string>
#include <string_view>
#include <vector>

/// What a configuration comes to, for `replmond check-config`. No text contains a secret. Names are as
/// configured: they may need to be made safe for a terminal.
namespace replmond::cloud {

/// True for a region of the official SDKs' lists (API.md, section 6), and for those of the European site.
bool is_known_region(std::string_view region);

/// The known region that was probably meant; empty if none is near.
std::string_view closest_region(std::string_view region);

/// What requests of the project are signed with, and where that comes from: "access_key from file ak,
/// secret_key from file sk".
std::string credential_words(const config::auth_settings& auth);

/// How many requests the polls of a project's configured instances need in a window of its rate limit, with
/// one page each and rounded up. What discovery and the instances that it finds need is not known.
double requests_needed(const config::settings& all, const config::project_settings& project);

/// What is legal and surely wrong, a sentence each, by project and then by instance.
std::vector<std::string> review(const config::settings& all);

} // namespace replmond::cloud
