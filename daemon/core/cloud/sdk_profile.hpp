#pragma once

#include "daemon/core/cloud/credential.hpp"
#include "daemon/core/config/secret.hpp"
#include "daemon/core/model/failure.hpp"

#include <optional>

/// The places where the cloud's official SDKs look for keys (their provider chain; API.md, section 5.5), for
/// auth.type `default`. A function returns nothing if its source does not exist; the caller then tries the
/// next one. A failure (`auth`; its message contains no value) means that the source exists but cannot be
/// used. The caller must not go on then, because the next source may have a key that the user did not intend.
namespace replmond::cloud {

/// HUAWEICLOUD_SDK_AK, _SK, _SECURITY_TOKEN, _PROJECT_ID and _IAM_ENDPOINT. An empty variable counts as not
/// set. The source exists if AK or SK is set.
std::optional<result<credential>> from_environment(const config::lookup& from);

/// Section [basic] of the file that HUAWEICLOUD_SDK_CREDENTIALS_FILE names, else of
/// $HOME/.huaweicloud/credentials: ak, sk, security_token, project_id and iam_endpoint. If the variable names
/// the file, it is an error if the file or its section does not exist.
std::optional<result<credential>> from_profile(const config::lookup& from);

} // namespace replmond::cloud
