// Finds the protection that a changed web configuration would remove. Only an explicit reload may remove any;
// an automatic one may not.

#include "daemon/core/auth/protection.hpp"

#include <string_view>

namespace replmond::auth {

using clients = config::client_certificates;

protection protection_of(const config::web_settings& settings) {
    protection all;
    all.passwords = !settings.users.empty();
    all.tls = settings.tls.has_value();
    if (!settings.tls)
        return all;
    const clients kind = settings.tls->clients;
    all.clients_show_certificates = kind == clients::needed || kind == clients::needed_and_checked;
    all.clients_are_checked = kind == clients::checked_if_given || kind == clients::needed_and_checked;
    all.clients_are_named = !settings.tls->client_sans.empty();
    all.tls13_only = settings.tls->min_version == config::tls_version::tls13;
    return all;
}

std::string taken_away(const protection& before, const protection& after) {
    std::string text;
    const auto compare = [&](bool had, bool has, std::string_view what) {
        if (had && !has)
            text += (text.empty() ? "" : ", ") + std::string(what);
    };
    compare(before.passwords, after.passwords, "passwords");
    compare(before.tls, after.tls, "TLS");
    if (!after.tls)
        return text;
    compare(before.clients_show_certificates, after.clients_show_certificates, "the certificates of clients");
    compare(before.clients_are_checked, after.clients_are_checked, "the check of clients' certificates");
    compare(before.clients_are_named, after.clients_are_named, "client_allowed_sans");
    compare(before.tls13_only, after.tls13_only, "min_version TLS13");
    return text;
}

} // namespace replmond::auth
