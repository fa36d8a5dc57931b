#pragma once

#include <optional>
#include <string>
#include <string_view>

/// HTTP Basic authentication (RFC 7617) against the bcrypt hashes of the web configuration file. Passwords
/// are compared, never shown.
namespace replmond::auth {

/// A user's name and password as a client sent them; not checked.
struct basic_credentials {
    std::string user;
    std::string password;
};

/// Parses the value of an Authorization header (RFC 7617). Nothing if the scheme is not Basic or the value is
/// not well-formed.
std::optional<basic_credentials> parse_basic(std::string_view header);

/// True if `password` has the bcrypt hash `hash` (`$2a$`, `$2b$` or `$2y$`). Blocks for tens of milliseconds
/// at cost 10. bcrypt ignores everything after the first 72 bytes of a password.
bool matches_bcrypt(const std::string& hash, const std::string& password);

/// The cost of a bcrypt hash, 4 or more; each additional one doubles the time of a check. 0 for a text that
/// is too short.
int bcrypt_cost(const std::string& hash);

/// A valid hash of that cost for which no password is known.
std::string unmatchable_bcrypt_hash(int cost);

} // namespace replmond::auth
