#pragma once

#include "daemon/core/config/settings.hpp"

#include <string>

namespace replmond::auth {

/// What a web configuration keeps strangers out by. Which certificates, names and passwords are good is no
/// part of it: those come and go.
struct protection {
    bool tls = false;
    bool passwords = false;
    bool clients_show_certificates = false;
    bool clients_are_checked = false; ///< by an authority, where they show a certificate
    bool clients_are_named = false;   ///< by client_allowed_sans
    bool tls13_only = false;

    bool operator==(const protection&) const = default;
};

protection protection_of(const config::web_settings& settings);

/// What `after` lacks of `before`, in words for a message; empty: nothing. TLS stands for all that is part of
/// it.
std::string taken_away(const protection& before, const protection& after);

} // namespace replmond::auth
