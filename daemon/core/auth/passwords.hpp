#pragma once

#include <optional>
#include <string>
#include <string_view>

/// Who may read the pages: the web configuration file in force. Passwords are compared, never shown.
namespace replmond::auth {

struct basic_credentials {
    std::string user;
    std::string password;
};

/// The value of an Authorization header (RFC 7617). None where it is another scheme, or broken.
std::optional<basic_credentials> parse_basic(std::string_view header);

/// `hash`: bcrypt as `$2a$`, `$2b$` or `$2y$`. Takes as long as its cost says: tens of milliseconds at 10.
/// Only the first 72 bytes of a password count.
bool matches_bcrypt(const std::string& hash, const std::string& password);

/// From 4 on; each one more doubles the time.
int bcrypt_cost(const std::string& hash);

/// A hash of that cost that no password has been found for.
std::string bcrypt_of_nobody(int cost);

} // namespace replmond::auth
