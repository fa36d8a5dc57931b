#pragma once

#include <optional>
#include <string>
#include <string_view>

/// Who may read the pages: the web configuration file in force. Passwords are compared, never shown.
namespace replmond::access {

struct basic_credentials {
    std::string user;
    std::string password;
};

/// The value of an Authorization header (RFC 7617). None where it is another scheme, or broken.
std::optional<basic_credentials> parse_basic(std::string_view header);

} // namespace replmond::access
