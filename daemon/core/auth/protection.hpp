#pragma once

#include "daemon/core/config/settings.hpp"

#include <string>

namespace replmond::auth {

/// The kinds of access protection that a web configuration has. The certificates, names and passwords
/// themselves are not part of it, because they change in normal operation.
struct protection {
    bool tls = false;
    bool passwords = false;
    bool clients_show_certificates = false;
    bool clients_are_checked = false; ///< a client's certificate is verified against client_ca_file
    bool clients_are_named = false;   ///< a client's certificate must have a name of client_allowed_sans
    bool tls13_only = false;

    bool operator==(const protection&) const = default;
};

protection protection_of(const config::web_settings& settings);

/// The kinds of protection that `before` has and `after` lacks, in words for a message; empty if there are
/// none. If TLS is lacking, the kinds that are part of TLS are not listed too.
std::string taken_away(const protection& before, const protection& after);

} // namespace replmond::auth
