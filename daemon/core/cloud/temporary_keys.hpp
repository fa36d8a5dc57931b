#pragma once

#include "daemon/core/cloud/credential.hpp"
#include "daemon/core/http/message.hpp"
#include "daemon/core/model/failure.hpp"
#include "daemon/core/model/time.hpp"

#include <array>
#include <chrono>
#include <string_view>

namespace replmond::cloud {

/// A service that hands out temporary keys: how its answer spells them, and how messages call it. The keys
/// are read in the spelling of any of the services (API.md, sections 5.4 and 13), because the cloud's own
/// SDKs meet all of them.
struct temporary_key_service {
    std::string_view nothing_found; ///< begins a message: "the metadata service's answer has no keys …"
    std::string_view owner;         ///< ends credential::source: "of the ECS agency"
    std::string_view object;        ///< the member that holds the keys
    std::array<std::string_view, 4> members; ///< key id, secret, security token, end
    milliseconds renew_ahead;                ///< see credential::renew_ahead
};

/// `GET /openstack/latest/securitykey` of the metadata service (API.md, section 5.4).
inline constexpr temporary_key_service metadata_service{
    "the metadata service's answer has no keys of the ECS agency",
    "of the ECS agency",
    "credential",
    {"access", "secret", "securitytoken", "expires_at"},
    std::chrono::minutes(10)};

/// The service of a pod identity (API.md, section 13).
inline constexpr temporary_key_service pod_identity_service{
    "the answer of the pod identity has no keys",
    "of the pod identity",
    "credentials",
    {"accessKeyId", "secretAccessKey", "securityToken", "expiration"},
    std::chrono::minutes(40)};

/// `POST /v3.0/OS-CREDENTIAL/securitytokens` of IAM, with a token that IAM issued for an id token (API.md,
/// section 13).
inline constexpr temporary_key_service identity_provider_service{
    "IAM's answer has no temporary keys",
    "of the identity provider",
    "credential",
    {"access", "secret", "securitytoken", "expires_at"},
    std::chrono::minutes(40)};

/// Decodes temporary keys with their security token and expiry from a 200 or 201. The caller sets
/// `issued_at`, because it knows the time. Fails as failure_of() does for another status, and with `protocol`
/// if a value is missing or cannot be used. An end without an offset is UTC. No message contains a part of a
/// key.
result<credential> decode_temporary_keys(const http::http_response& answer,
                                         const temporary_key_service& service);

/// Decodes the answer of the metadata service. Fails with `auth` and a message of replmond if the server has
/// no agency.
result<credential> decode_security_key(const http::http_response& answer);

/// True for a 401 that means that the server has no agency: a new metadata token would not help (API.md,
/// section 5.4).
bool is_agency_missing(const http::http_response& answer);

} // namespace replmond::cloud
