#pragma once

#include "daemon/core/cloud/credential.hpp"
#include "daemon/core/http/message.hpp"
#include "daemon/core/model/failure.hpp"

namespace replmond::cloud {

/// Reads the metadata service's answer of `GET /openstack/latest/securitykey` (ECS user guide, "metadata"):
/// keys with their security token and end; `issued_at` is left to the caller, which knows the time. Fails
/// with `auth` and a text of our own where no agency is configured, as failure_of() does for another status,
/// and with `protocol` where a field is missing or cannot be used. No failure shows anything of a key.
result<credential> decode_security_key(const http::http_response& answer);

/// A 401 because the server has no agency: another metadata token would not help.
bool is_agency_missing(const http::http_response& answer);

} // namespace replmond::cloud
