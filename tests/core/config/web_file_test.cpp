#include "daemon/core/config/web_file.hpp"
#include "tests/core/config/samples.hpp"
#include "tests/support/certificates.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

namespace replmond::config {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const fs::path bad_web_files = REPLMOND_SOURCE_DIR "/tests/data/config/web_bad";

constexpr auto hash = "$2y$10$mDwo.lAisC94iLAyP81MCesa29IzH37oigHC/42V2pdJlUprsJPze";

const replmond::testing::certificate& authority() {
    static const auto made = replmond::testing::make_authority("unit");
    return made;
}

const replmond::testing::certificate& server() {
    static const auto made = replmond::testing::make_certificate(authority());
    return made;
}

/// sample_lookup() with server.pem, server.key, other.key, and locked.key, which has a password.
lookup web_lookup() {
    static const std::map<std::string, std::string> files{
        {"/etc/test/server.pem", server().pem() + authority().pem()},
        {"/etc/test/server.key", server().key_pem()},
        {"/etc/test/other.key", authority().key_pem()},
        {"/etc/test/locked.key", server().key_pem("hunter2")},
    };
    lookup from = sample_lookup();
    from.read_file = [others = from.read_file](const std::string& path) -> file_outcome {
        const auto found = files.find(path);
        return found == files.end() ? others(path) : file_outcome{found->second, {}};
    };
    return from;
}

std::string printed(const web_outcome& outcome) {
    std::string text;
    for (const std::string& line : messages(outcome))
        text += line + '\n';
    return text;
}

web_settings load(const std::string& text, const lookup& from = web_lookup()) {
    const auto outcome = load_web_text(text, "web.yml", from);
    EXPECT_THAT(printed(outcome), IsEmpty());
    return outcome.loaded.value_or(web_settings());
}

TEST(WebFile, EmptyMeansNeitherTlsNorPasswords) {
    for (const char* text : {"", "# nothing\n", "{}", "tls_server_config:\n", "tls_server_config: {}\n",
                             "http_server_config: {}\n"}) {
        SCOPED_TRACE(text);
        const auto all = load(text);
        EXPECT_FALSE(all.tls);
        EXPECT_THAT(all.users, IsEmpty());
        EXPECT_THAT(all.headers, IsEmpty());
    }
}

// An editor that stops half-way leaves such a file; who wants no protection writes `{}`.
TEST(WebFile, SaysWhetherItSaysAnything) {
    for (const char* text : {"", "\n", "# nothing\n", "---\n", "~\n", "null\n"})
        EXPECT_TRUE(load(text).is_empty) << text;
    for (const char* text : {"{}", "tls_server_config:\n", "http_server_config: {}\n"})
        EXPECT_FALSE(load(text).is_empty) << text;
}

TEST(WebFile, ReadsAll) {
    const auto all = load(fmt::format(R"(
tls_server_config:
  cert_file: server.pem
  key_file: /etc/test/server.key
  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: server.pem
  client_allowed_sans: [prometheus.example, 192.0.2.1]
  min_version: TLS13
  max_version: TLS13
  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_AES_128_GCM_SHA256]
  curve_preferences: [X25519, CurveP256]
  prefer_server_cipher_suites: false
http_server_config:
  http2: true
  headers:
    X-Frame-Options: DENY
    Strict-Transport-Security: max-age=31536000
    X-XSS-Protection: ""
basic_auth_users:
  alice: {0}
  "bob smith": {0}
)",
                                      hash));
    ASSERT_TRUE(all.tls);
    EXPECT_THAT(all.tls->certificate, HasSubstr("BEGIN CERTIFICATE"));
    EXPECT_EQ(all.tls->key, server().key_pem());
    EXPECT_EQ(all.tls->clients, client_certificates::needed_and_checked);
    EXPECT_THAT(all.tls->client_sans, ElementsAre("prometheus.example", "192.0.2.1"));
    EXPECT_EQ(all.tls->min_version, tls_version::tls13);
    EXPECT_THAT(all.tls->ciphers, ElementsAre("ECDHE-RSA-AES128-GCM-SHA256"));
    EXPECT_THAT(all.tls->curves, ElementsAre("X25519", "P-256"));
    EXPECT_FALSE(all.tls->server_prefers);
    ASSERT_EQ(all.headers.size(), 2U);
    EXPECT_EQ(all.headers[0].first, "X-Frame-Options");
    EXPECT_EQ(all.headers[1].second, "max-age=31536000");
    ASSERT_EQ(all.users.size(), 2U);
    EXPECT_EQ(all.users[1].name, "bob smith");
    EXPECT_EQ(all.users[0].hash, hash);
    EXPECT_THAT(all.files, ElementsAre("web.yml", "/etc/test/server.pem", "/etc/test/server.key",
                                       "/etc/test/server.pem"));
}

std::string indented(const std::string& pem) {
    std::string text = "|\n    ";
    for (const char c : pem)
        text += c == '\n' ? std::string("\n    ") : std::string(1, c);
    return text + '\n';
}

TEST(WebFile, KeysInPlace) {
    const auto all = load("tls_server_config:\n  cert: " + indented(server().pem()) +
                          "  key: " + indented(server().key_pem()));
    ASSERT_TRUE(all.tls);
    EXPECT_EQ(all.tls->clients, client_certificates::unasked);
    EXPECT_EQ(all.tls->min_version, tls_version::tls12);
    EXPECT_THAT(all.files, ElementsAre("web.yml"));
}

TEST(WebFile, AnEmptyValueIsNotGiven) {
    const std::string pair =
        "tls_server_config:\n  cert: " + indented(server().pem()) + "  key: " + indented(server().key_pem());
    for (const char* nothing : {"", "''"}) {
        const auto all = load(pair + "  cert_file: " + nothing + "\n  client_auth_type: " + nothing + '\n');
        ASSERT_TRUE(all.tls);
        EXPECT_EQ(all.tls->certificate, server().pem());
        EXPECT_EQ(all.tls->clients, client_certificates::unasked);
    }
    EXPECT_EQ(
        printed(load_web_text("tls_server_config: {cert_file: '', key_file: server.key}", "w", web_lookup())),
        "w:1:20: tls_server_config: one of cert, cert_file is required\n");
}

TEST(WebFile, ReadsEveryTypeOfClientAuthentication) {
    using kind = client_certificates;
    const auto clients = [](const std::string& rest) {
        return load("tls_server_config: {cert_file: server.pem, key_file: server.key, client_auth_type: " +
                    rest + "}")
            .tls->clients;
    };
    EXPECT_EQ(clients("NoClientCert"), kind::unasked);
    EXPECT_EQ(clients("RequestClientCert"), kind::asked);
    EXPECT_EQ(clients("RequireAnyClientCert, client_allowed_sans: [a.example]"), kind::needed);
    EXPECT_EQ(clients("RequireClientCert"), kind::needed);
    EXPECT_EQ(clients("VerifyClientCertIfGiven, client_ca_file: ca.pem"), kind::checked_if_given);
    EXPECT_EQ(clients("RequireAndVerifyClientCert, client_ca_file: ca.pem"), kind::needed_and_checked);
}

TEST(WebFile, TakesTheValuesOfHeaders) {
    const auto all =
        load("http_server_config:\n  headers:\n    X-Frame-Options: SameOrigin\n"
             "    X-Content-Type-Options: nosniff\n    Content-Security-Policy: default-src ~\n");
    using row = std::pair<std::string, std::string>;
    EXPECT_THAT(all.headers,
                ElementsAre(row("Content-Security-Policy", "default-src ~"),
                            row("X-Content-Type-Options", "nosniff"), row("X-Frame-Options", "SameOrigin")));
}

TEST(WebFile, KnowsABcryptHash) {
    const std::string rest = std::string(hash).substr(7);
    const auto said = [](const std::string& text) {
        return printed(load_web_text("basic_auth_users: {a: '" + text + "'}\n", "w", web_lookup()));
    };
    for (const char* start : {"$2a$10$", "$2b$10$", "$2y$10$", "$2y$04$", "$2y$16$", "$2y$09$"})
        EXPECT_EQ(said(start + rest), "") << start;
    const std::string expected = "w:1:20: basic_auth_users: key \"a\": expected a bcrypt hash of cost 4 to "
                                 "16, as htpasswd -nBC 10 makes it\n";
    for (const char* start :
         {"$2x$10$", "$2y$10.", "$2y$03$", "$2y$17$", "$2y$0:$", "$2y$:0$", "$2y$1x$", "$2y$x1$"})
        EXPECT_EQ(said(start + rest), expected) << start;
    EXPECT_EQ(said("$2y$10$!" + rest.substr(1)), expected);
    EXPECT_EQ(said("$2y$10$" + rest.substr(1)), expected);
    EXPECT_EQ(said("$2y$10$" + rest + "a"), expected);
}

TEST(WebFile, TakesAThousandUsers) {
    const auto with_users = [](int count) {
        std::string text = "basic_auth_users:\n";
        for (int i = 0; i < count; ++i)
            text += fmt::format("  u{}: {}\n", i, hash);
        return load_web_text(text, "w", web_lookup());
    };
    EXPECT_EQ(with_users(1000).loaded.value_or(web_settings()).users.size(), 1000U);
    EXPECT_EQ(printed(with_users(1001)), "w:2:3: basic_auth_users: expected at most 1000 users\n");
}

TEST(WebFile, FilesOfCredentialsDirectoryComeFirst) {
    lookup from = web_lookup();
    from.environment = [](const std::string& name) -> std::optional<std::string> {
        return name == "CREDENTIALS_DIRECTORY" ? std::optional<std::string>("/run/cred") : std::nullopt;
    };
    from.read_file = [others = from.read_file](const std::string& path) -> file_outcome {
        return path == "/run/cred/tls.key" ? file_outcome{server().key_pem(), {}} : others(path);
    };
    const auto all = load("tls_server_config: {cert_file: server.pem, key_file: tls.key}", from);
    EXPECT_THAT(all.files, ElementsAre("web.yml", "/etc/test/server.pem", "/run/cred/tls.key"));
}

TEST(WebFile, AFileThatIsNotThere) {
    const auto outcome = load_web_file("/etc/test/nowhere.yml", web_lookup());
    EXPECT_FALSE(outcome.loaded);
    EXPECT_EQ(printed(outcome), "/etc/test/nowhere.yml: cannot be read: No such file or directory\n");
    EXPECT_THAT(outcome.files, ElementsAre("/etc/test/nowhere.yml"));
    EXPECT_THAT(outcome.problems, ElementsAre(problem{0, 0, "cannot be read: No such file or directory"}));
}

// REPLMOND_UPDATE=1 writes what is missing or differs.
TEST(WebFile, EachBadFileGivesItsMessages) {
    std::size_t count = 0;
    for (const auto& entry : fs::directory_iterator(bad_web_files)) {
        fs::path path = entry.path();
        if (path.extension() != ".yaml") {
            EXPECT_TRUE(fs::exists(path.replace_extension(".yaml"))) << path;
            continue;
        }
        SCOPED_TRACE(path.filename());
        const auto outcome = load_web_text(read_sample(path), path.filename(), web_lookup());
        EXPECT_FALSE(outcome.loaded);
        EXPECT_THAT(outcome.problems, Not(IsEmpty()));
        EXPECT_THAT(outcome.files, Not(IsEmpty())); // so that a change of it is seen
        path.replace_extension(".expected");
        if (std::getenv("REPLMOND_UPDATE") != nullptr)
            std::ofstream(path) << printed(outcome);
        EXPECT_EQ(printed(outcome), read_sample(path));
        ++count;
    }
    EXPECT_GT(count, 30U);
}

// Every hash, password and key in these files contains "hunter"; half a file is what an editor leaves behind.
TEST(WebFile, NoMessageShowsASecret) {
    for (const auto& entry : fs::directory_iterator(bad_web_files)) {
        if (entry.path().extension() != ".yaml")
            continue;
        const std::string text = read_sample(entry.path());
        if (text.find("hunter") == std::string::npos)
            continue;
        for (std::size_t length = 0; length <= text.size(); ++length) {
            const auto outcome = load_web_text(std::string_view(text).substr(0, length), "cut", web_lookup());
            EXPECT_EQ(printed(outcome).find("hunt"), std::string::npos)
                << entry.path() << " cut at " << length;
        }
    }
}

} // namespace
} // namespace replmond::config
