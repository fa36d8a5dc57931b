#pragma once

#include "tests/simulator/access_control.hpp"
#include "tests/simulator/call.hpp"

namespace replmond::simulator {

/// `POST /v3/auth/tokens`: a password for a token, scoped to a project by name or id, or to the domain.
testing::script issue_token(access_control& access, call& now);

/// `GET /v3/projects?name=`, for a caller who has been let in already.
testing::script list_projects(const access_control& access, const call& now);

/// `POST /v3.0/OS-AUTH/id-token/tokens`: a token for the id token of an identity provider.
testing::script issue_token_for_id_token(access_control& access, call& now);

/// `POST /v3.0/OS-CREDENTIAL/securitytokens`: temporary keys for a token in the body.
testing::script issue_temporary_keys(access_control& access, call& now);

} // namespace replmond::simulator
