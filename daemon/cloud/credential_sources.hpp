#pragma once

#include "daemon/cloud/credentials.hpp"
#include "daemon/cloud/permit_source.hpp"
#include "daemon/core/cloud/iam.hpp"
#include "daemon/core/cloud/request_observer.hpp"
#include "daemon/core/cloud/secret_mask.hpp"
#include "daemon/net/client/http_client.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

/// The kinds of credential_source, one for each auth.type.
namespace replmond::cloud {

/// Reads a credential from this host, anew at each call. Fails with `auth` if a secret cannot be read. It is
/// called on a thread of its own (see secret_reader), as are the other readers here.
using local_reader = std::function<result<credential>()>;

/// auth.type aksk and token: secrets in the configuration, in files or in the environment.
std::unique_ptr<credential_source> make_local_source(local_reader read);

/// How IAM is reached. `timeout`: for one request.
struct iam_access {
    std::shared_ptr<client::http_client> client;
    std::chrono::steady_clock::duration timeout{};
    std::shared_ptr<permit_source> permits; ///< token requests count in the project's budget
    request_observer observer;
    secret_mask mask; ///< secrets that are not the credential, such as a proxy's password
};

/// auth.type password: IAM tokens with project scope (API.md, section 5.1). `read` gives the login, anew for
/// each token.
std::unique_ptr<credential_source> make_password_source(std::function<result<password_login>()> read,
                                                        iam_access iam);

/// auth.type oidc: temporary keys for the id token of an identity provider (API.md, section 13). IAM issues a
/// token for it, and the keys for that token. `read` gives the login, anew for each key.
std::unique_ptr<credential_source> make_oidc_source(std::function<result<oidc_login>()> read, iam_access iam);

/// How the metadata service is reached.
struct metadata_access {
    std::shared_ptr<client::http_client> client; ///< never through a proxy
    request_observer observer;
};

/// auth.type metadata: temporary keys of the ECS agency, with a token of the metadata service if it has
/// tokens (API.md, section 5.4).
std::unique_ptr<credential_source> make_metadata_source(metadata_access metadata);

/// How the service of a pod identity is reached.
struct pod_identity_access {
    std::shared_ptr<client::http_client> client; ///< never through a proxy
    std::string target;                          ///< path and query
    request_observer observer;
};

/// auth.type pod_identity: temporary keys of a pod's agency (API.md, section 13). `read_token` gives the
/// token that the service is asked with, anew for each key.
std::unique_ptr<credential_source> make_pod_identity_source(std::function<result<std::string>()> read_token,
                                                            pod_identity_access pod);

/// What the files and variables of this host may hold.
using host_credential = std::variant<credential, oidc_login>;

/// auth.type default: what `read_local` finds on this host, else `otherwise`: a pod identity or the metadata
/// service. `read_local` returns nothing if none of its places is used. `iam`: for an identity provider.
std::unique_ptr<credential_source>
make_chain_source(std::function<std::optional<result<host_credential>>()> read_local, iam_access iam,
                  std::unique_ptr<credential_source> otherwise);

} // namespace replmond::cloud
