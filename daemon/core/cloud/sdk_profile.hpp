#pragma once

#include "daemon/core/cloud/credential.hpp"
#include "daemon/core/config/secret.hpp"
#include "daemon/core/model/failure.hpp"

#include <optional>

/// Where the cloud's official SDKs look for keys (their README, "provider chain"), for auth.type `default`.
/// Each gives nothing where its source is not there: go on to the next. A failure (`auth`, its text shows no
/// value) means: it is there and cannot be used; going on could take up a key that nobody meant.
namespace replmond::cloud {

/// HUAWEICLOUD_SDK_AK, _SK, _SECURITY_TOKEN, _PROJECT_ID and _IAM_ENDPOINT; empty counts as not set. There
/// when AK or SK is.
std::optional<result<credential>> from_environment(const config::lookup& from);

/// Section [basic] of the file that HUAWEICLOUD_SDK_CREDENTIALS_FILE names, else of
/// $HOME/.huaweicloud/credentials: ak, sk, security_token, project_id and iam_endpoint. A file that the
/// variable names must be there and have the section.
std::optional<result<credential>> from_profile(const config::lookup& from);

} // namespace replmond::cloud
