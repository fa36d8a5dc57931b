#pragma once

#include "daemon/core/cloud/credential.hpp"
#include "daemon/core/http/message.hpp"
#include "daemon/core/model/failure.hpp"

namespace replmond::cloud {

/// Decodes the metadata service's answer to `GET /openstack/latest/securitykey` (API.md, section 5.4):
/// temporary keys with their security token and expiry. The caller sets `issued_at`, because it knows the
/// time. Fails with `auth` and a message of replmond if the server has no agency, as failure_of() does for
/// another status, and with `protocol` if a field is missing or cannot be used. No message contains a part of
/// a key.
result<credential> decode_security_key(const http::http_response& answer);

/// True for a 401 that means that the server has no agency: a new metadata token would not help (API.md,
/// section 5.4).
bool is_agency_missing(const http::http_response& answer);

} // namespace replmond::cloud
