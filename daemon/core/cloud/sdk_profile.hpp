#pragma once

#include "daemon/core/cloud/credential.hpp"
#include "daemon/core/config/secret.hpp"
#include "daemon/core/model/failure.hpp"

#include <optional>
#include <string>
#include <variant>

/// The places where the cloud's official SDKs look for keys (their provider chain; API.md, sections 5.5 and
/// 13), for auth.type `default`. A function returns nothing if its source does not exist; the caller then
/// tries the next one. A failure (`auth`; its message contains no value) means that the source exists but
/// cannot be used. The caller must not go on then, because the next source may have a key that the user did
/// not intend.
namespace replmond::cloud {

/// An identity provider, whose id token IAM exchanges for temporary keys.
struct identity_provider {
    std::string idp_id; ///< its name in IAM
    std::string id_token;
    std::optional<std::string> project_id;
    std::optional<std::string> iam_endpoint; ///< an origin, if the source names one
};

/// What one of the places has.
using sdk_credential = std::variant<credential, identity_provider>;

/// HUAWEICLOUD_SDK_IDP_ID and _ID_TOKEN_FILE, else _AK, _SK and _SECURITY_TOKEN; with _PROJECT_ID and
/// _IAM_ENDPOINT. An empty variable counts as not set. The source exists if one of the first four is set. An
/// identity provider that lacks one of its two variables is passed over if AK or SK is set.
std::optional<result<sdk_credential>> from_environment(const config::lookup& from);

/// Section [basic] of the file that HUAWEICLOUD_SDK_CREDENTIALS_FILE names, else of
/// $HOME/.huaweicloud/credentials: idp_id and id_token_file, else ak, sk and security_token; with project_id
/// and iam_endpoint. If the variable names the file, it is an error if the file or its section does not
/// exist.
std::optional<result<sdk_credential>> from_profile(const config::lookup& from);

/// The origin of IAM that the place names, if it does.
std::optional<std::string> iam_endpoint_of(const sdk_credential& found);

} // namespace replmond::cloud
