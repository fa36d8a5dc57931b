#include "daemon/core/auth/protection.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace replmond::auth {
namespace {

using clients = config::client_certificates;

config::web_settings with_tls(clients kind, std::vector<std::string> sans = {},
                              config::tls_version least = config::tls_version::tls12) {
    config::web_settings settings;
    settings.tls.emplace();
    settings.tls->clients = kind;
    settings.tls->client_sans = std::move(sans);
    settings.tls->min_version = least;
    return settings;
}

config::web_settings with_users(config::web_settings settings, std::vector<config::web_user> users) {
    settings.users = std::move(users);
    return settings;
}

std::string lost(const config::web_settings& before, const config::web_settings& after) {
    return taken_away(protection_of(before), protection_of(after));
}

TEST(Protection, PasswordsAndTls) {
    const config::web_settings none;
    const auto tls = with_tls(clients::unasked);
    const auto both = with_users(tls, {{"alice", "hash"}});
    const auto users = with_users(none, {{"alice", "hash"}});
    EXPECT_EQ(lost(none, both), "");
    EXPECT_EQ(lost(both, both), "");
    EXPECT_EQ(lost(both, none), "passwords, TLS");
    EXPECT_EQ(lost(both, tls), "passwords");
    EXPECT_EQ(lost(both, users), "TLS");
    EXPECT_EQ(lost(users, tls), "passwords") << "one does not stand for the other";
    EXPECT_EQ(lost(tls, users), "TLS");
}

TEST(Protection, UsersAndCertificatesComeAndGo) {
    const auto before =
        with_users(with_tls(clients::needed_and_checked, {"a"}), {{"alice", "1"}, {"bob", "2"}});
    auto after = with_users(with_tls(clients::needed_and_checked, {"b", "c"}), {{"carol", "3"}});
    after.tls->certificate = "another";
    after.tls->client_ca = "another";
    EXPECT_EQ(lost(before, after), "");
}

TEST(Protection, CertificatesOfClients) {
    struct row {
        clients before;
        clients after;
        const char* lost;
    };
    const char* const shown = "the certificates of clients";
    const char* const checked = "the check of clients' certificates";
    const char* const both = "the certificates of clients, the check of clients' certificates";
    const std::vector<row> table{
        {clients::unasked, clients::asked, ""},
        {clients::asked, clients::unasked, ""}, // who asked for one took anybody
        {clients::asked, clients::needed_and_checked, ""},
        {clients::needed, clients::needed_and_checked, ""},
        {clients::needed, clients::checked_if_given, shown},
        {clients::needed, clients::asked, shown},
        {clients::checked_if_given, clients::needed, checked},
        {clients::checked_if_given, clients::unasked, checked},
        {clients::checked_if_given, clients::needed_and_checked, ""},
        {clients::needed_and_checked, clients::needed, checked},
        {clients::needed_and_checked, clients::checked_if_given, shown},
        {clients::needed_and_checked, clients::asked, both},
        {clients::needed_and_checked, clients::unasked, both},
    };
    for (const row& r : table)
        EXPECT_EQ(lost(with_tls(r.before), with_tls(r.after)), r.lost)
            << static_cast<int>(r.before) << " to " << static_cast<int>(r.after);
    EXPECT_EQ(lost(with_tls(clients::needed_and_checked), {}), "TLS");
}

TEST(Protection, NamesAndVersion) {
    const auto strict = with_tls(clients::needed, {"a"}, config::tls_version::tls13);
    EXPECT_EQ(lost(strict, with_tls(clients::needed, {}, config::tls_version::tls13)), "client_allowed_sans");
    EXPECT_EQ(lost(strict, with_tls(clients::needed, {"a"})), "min_version TLS13");
    EXPECT_EQ(lost(with_tls(clients::needed), strict), "");
}

} // namespace
} // namespace replmond::auth
