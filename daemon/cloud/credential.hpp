#pragma once

#include "daemon/cloud/signer.hpp"
#include "daemon/model/time.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace replmond::cloud {

/// What requests are authenticated with, and what is known of it.
struct credential {
    std::variant<std::string, signing_key> secret; ///< a token, or a key to sign with
    std::optional<timestamp> issued_at;
    std::optional<timestamp> expires_at;   ///< none: does not expire, or nobody said when
    std::optional<std::string> project_id; ///< where the credential's source reveals it
    std::string source; ///< for people, never secret: "access key ...CESS from the environment"
    std::optional<std::string> iam_endpoint = {}; ///< origin, where the source names one
};

/// Whether the cloud would see the same credential: times, project and source do not count.
bool same_secret(const credential& a, const credential& b);

/// Overwrites the secret in memory, for when it is not needed any more.
void wipe(credential& spent);

/// `...` and the last 4 characters of an access key's id. Nothing of it where it is shorter than 8, or is not
/// the visible ASCII that ids consist of: it may be something else by mistake.
std::string last_four(std::string_view key_id);

/// Fit for a path as it is: 1 to 64 letters, digits, '-' and '_'.
bool is_project_id(std::string_view text);

/// When to fetch the next one. Tokens: when an hour or 20 % of their life is left, whichever is less (an hour
/// where their life is not known). Keys: 10 minutes before the end, but not in the first half of their life.
/// Never after the end. Nothing where `expires_at` is not known.
std::optional<timestamp> renew_at(const credential& held);

} // namespace replmond::cloud
