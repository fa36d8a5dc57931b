#pragma once

#include "daemon/core/config/secret.hpp"

#include <optional>
#include <string>
#include <vector>

namespace replmond::config {

/// Where a pod gets temporary keys: an address, and the file of the token that it is asked with (API.md,
/// section 13).
struct pod_identity {
    std::string origin;     ///< `http[s]://host[:port]`
    std::string target;     ///< path and query
    std::string token_file; ///< its path
};

/// The place, or why it cannot be used.
struct pod_identity_outcome {
    std::optional<pod_identity> found;
    std::string failure; ///< for messages; empty if there is a place
};

/// True if one of the two variables of read_pod_identity() is set and not empty.
bool names_pod_identity(const lookup& from);

/// Reads HC_CONTAINER_CREDENTIALS_FULL_URI and HC_CONTAINER_AUTHORIZATION_TOKEN_FILE. Both are required.
/// Plain http:// is allowed for addresses that are not public (loopback, link-local and private ones), and
/// for all hosts with `insecure_http`.
pod_identity_outcome read_pod_identity(const lookup& from, bool insecure_http);

/// The files that replace themselves before what they hold expires, and are read anew at each use: the token
/// of a pod identity and the id tokens of `of`. A change of them is no change of the configuration.
std::vector<std::string> self_renewing_files(const settings& of, const lookup& from);

/// The token: the file's text without the blanks around it. Fails if it is empty or cannot be sent in a
/// header.
secret_outcome read_pod_token(const pod_identity& of, const lookup& from);

} // namespace replmond::config
