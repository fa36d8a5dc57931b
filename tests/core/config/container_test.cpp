#include "daemon/core/config/dump.hpp"
#include "daemon/core/config/file_digests.hpp"
#include "daemon/core/config/load.hpp"
#include "daemon/core/config/pod_identity.hpp"
#include "tests/core/config/samples.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

// What a container adds to a configuration: credentials from its environment, and files that change.

namespace replmond::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

constexpr const char* address = "HC_CONTAINER_CREDENTIALS_FULL_URI";
constexpr const char* token_file = "HC_CONTAINER_AUTHORIZATION_TOKEN_FILE";

struct container {
    std::map<std::string, std::string> variables;
    std::map<std::string, std::string> files;

    [[nodiscard]] lookup look() const {
        lookup from;
        from.environment = [this](const std::string& name) -> std::optional<std::string> {
            const auto found = variables.find(name);
            return found == variables.end() ? std::nullopt : std::optional(found->second);
        };
        from.read_file = [this](const std::string& path) -> file_outcome {
            const auto found = files.find(path);
            if (found == files.end())
                return {{}, std::make_error_code(std::errc::no_such_file_or_directory)};
            return {found->second, {}};
        };
        from.directory = "/etc/replmond";
        return from;
    }

    [[nodiscard]] load_outcome load(const std::string& auth, const std::string& more = "") const {
        return load_text("projects: [{name: p, region: r, auth: {" + auth + "}" + more + "}]\n", "f", look());
    }

    [[nodiscard]] std::string mistakes(const std::string& auth, const std::string& more = "") const {
        std::string all;
        for (const std::string& line : messages(load(auth, more)))
            all += line + '\n';
        return all;
    }
};

container pod(const std::string& uri = "http://169.254.1.2/v1/credentials") {
    return {{{address, uri}, {token_file, "/run/pod/token"}}, {{"/run/pod/token", " eyJ.hunter2\n"}}};
}

TEST(PodIdentity, IsReadFromTheEnvironment) {
    const auto here = pod("https://Pods.example:8443/v1/credentials?x=1#y");
    const auto read = read_pod_identity(here.look(), false);
    ASSERT_TRUE(read.found) << read.failure;
    EXPECT_EQ(read.found->origin, "https://Pods.example:8443");
    EXPECT_EQ(read.found->target, "/v1/credentials?x=1");
    EXPECT_EQ(read_pod_token(*read.found, here.look()).secret, "eyJ.hunter2");
    EXPECT_EQ(read_pod_identity(pod("http://[::1]:80").look(), false).found->target, "/");
    EXPECT_EQ(read_pod_identity(pod("http://localhost?a=b").look(), false).found->target, "/?a=b");
    EXPECT_EQ(here.mistakes("type: pod_identity"), "");
    EXPECT_TRUE(
        std::holds_alternative<pod_identity_auth>(here.load("type: pod_identity").loaded->projects[0].auth));
}

TEST(PodIdentity, NeedsBothVariables) {
    for (const char* lacking : {address, token_file}) {
        auto here = pod();
        here.variables[lacking] = "";
        EXPECT_EQ(here.mistakes("type: pod_identity"),
                  "f:1:39: projects[0].auth: the environment variable " + std::string(lacking) +
                      " is not set; a pod identity needs HC_CONTAINER_CREDENTIALS_FULL_URI and "
                      "HC_CONTAINER_AUTHORIZATION_TOKEN_FILE\n");
        EXPECT_TRUE(names_pod_identity(here.look()));
    }
    EXPECT_FALSE(names_pod_identity(container{}.look()));
}

TEST(PodIdentity, GoesInClearTextToPrivateAddressesOnly) {
    const std::vector<std::string> allowed{"127.0.0.1",  "localhost",  "[::1]",      "169.254.170.23",
                                           "10.1.2.3",   "172.16.0.1", "172.31.9.9", "192.168.7.7",
                                           "100.64.0.1", "[fe80::1]",  "[fd00::5]"};
    for (const std::string& host : allowed)
        EXPECT_TRUE(read_pod_identity(pod("http://" + host + ":80/x").look(), false).found) << host;
    for (const std::string host : {"8.8.8.8", "172.32.0.1", "172.15.0.1", "100.128.0.1", "192.169.0.1",
                                   "169.255.0.1", "11.0.0.1", "pods.example", "[2001:db8::1]"}) {
        const auto read = read_pod_identity(pod("http://" + host + "/x").look(), false);
        EXPECT_EQ(read.failure,
                  "the environment variable HC_CONTAINER_CREDENTIALS_FULL_URI: expected https://, "
                  "because the host is not a private address (or say insecure_http: true in the "
                  "project)")
            << host;
        EXPECT_TRUE(read_pod_identity(pod("http://" + host + "/x").look(), true).found) << host;
        EXPECT_TRUE(read_pod_identity(pod("https://" + host + "/x").look(), false).found) << host;
    }
    EXPECT_EQ(pod("http://pods.example/x").mistakes("type: pod_identity", ", insecure_http: true"), "");
    for (const std::string bad : {"x", "ftp://10.0.0.1/", "http://", "http://u:p@10.0.0.1/x",
                                  "http://10.0.0.1:99999/", "http://10.0.0.1/a b"})
        EXPECT_THAT(read_pod_identity(pod(bad).look(), false).failure, HasSubstr("expected a URL such as"))
            << bad;
}

TEST(PodIdentity, TheTokenMustFitAHeader) {
    const std::vector<std::pair<std::string, std::string>> table{
        {"", "the file /run/pod/token is empty"},
        {" \r\n", "the file /run/pod/token is empty"},
        {"hunter2\nX-Evil: 1",
         "the file /run/pod/token: expected a token of at most 64 KiB of visible ASCII characters"},
        {std::string(65537, 'h'),
         "the file /run/pod/token: expected a token of at most 64 KiB of visible ASCII characters"},
    };
    for (const auto& [text, why] : table) {
        auto here = pod();
        here.files["/run/pod/token"] = text;
        EXPECT_EQ(here.mistakes("type: pod_identity"), "f:1:39: projects[0].auth: " + why + '\n');
    }
    auto here = pod();
    here.files.clear();
    EXPECT_EQ(here.mistakes("type: pod_identity"),
              "f:1:39: projects[0].auth: cannot read /run/pod/token: No such file or directory\n");
}

TEST(Oidc, TakesItsTwoValuesFromKeysOrVariables) {
    const container plain{{}, {{"/etc/replmond/token", "eyJ.hunter2\n"}}};
    const auto by_keys = plain.load("type: oidc, idp_id: idp, id_token_file: token");
    ASSERT_TRUE(by_keys.loaded) << plain.mistakes("type: oidc, idp_id: idp, id_token_file: token");
    const auto keys = std::get<oidc_auth>(by_keys.loaded->projects[0].auth);
    EXPECT_EQ(keys.idp_id, (secret_source{secret_source::kind::value, "idp"}));
    EXPECT_EQ(keys.id_token, (secret_source{secret_source::kind::file, "token"}));

    container here = plain;
    here.variables = {{"HUAWEICLOUD_SDK_IDP_ID", "sdk-idp"},
                      {"HUAWEICLOUD_SDK_ID_TOKEN_FILE", "/etc/replmond/token"}};
    const auto sdk = here.load("type: oidc");
    ASSERT_TRUE(sdk.loaded) << here.mistakes("type: oidc");
    const auto read = std::get<oidc_auth>(sdk.loaded->projects[0].auth);
    EXPECT_EQ(read.idp_id, (secret_source{secret_source::kind::environment, "HUAWEICLOUD_SDK_IDP_ID"}));
    EXPECT_EQ(read.id_token, (secret_source{secret_source::kind::file, "/etc/replmond/token"}));
    dumping shown(*sdk.loaded);
    while (!shown.step()) {
    }
    EXPECT_THAT(shown.text(), HasSubstr("type: oidc\n      idp_id_env: \"HUAWEICLOUD_SDK_IDP_ID\"\n"
                                        "      id_token_file: \"/etc/replmond/token\"\n"));
    const auto mixed = here.load("type: oidc, idp_id: idp");
    ASSERT_TRUE(mixed.loaded);
    EXPECT_EQ(std::get<oidc_auth>(mixed.loaded->projects[0].auth).idp_id.text, "idp");
}

TEST(Oidc, SaysWhatIsMissing) {
    const container none;
    EXPECT_EQ(
        none.mistakes("type: oidc"),
        "f:1:39: projects[0].auth: one of id_token, id_token_file or id_token_env is required, or the "
        "environment variable HUAWEICLOUD_SDK_ID_TOKEN_FILE\n"
        "f:1:39: projects[0].auth: one of idp_id, idp_id_file or idp_id_env is required, or the environment "
        "variable HUAWEICLOUD_SDK_IDP_ID\n");
    container here{{{"HUAWEICLOUD_SDK_IDP_ID", "hunter2 x"}, {"HUAWEICLOUD_SDK_ID_TOKEN_FILE", "/none"}}, {}};
    EXPECT_EQ(
        here.mistakes("type: oidc"),
        "f:1:39: projects[0].auth: the environment variable HUAWEICLOUD_SDK_IDP_ID: expected visible ASCII "
        "characters only\n"
        "f:1:39: projects[0].auth: the environment variable HUAWEICLOUD_SDK_ID_TOKEN_FILE: cannot read "
        "/none: No such file or directory\n");
    EXPECT_THAT(none.mistakes("type: oidc, idp_id: a, idp_id_env: B, id_token: t"),
                HasSubstr("expected only one of"));
    EXPECT_THAT(none.mistakes("type: oidc, user: u"), HasSubstr("unknown key"));
}

TEST(FileDigests, NoticeOtherContent) {
    container here{{}, {{"/etc/replmond/sk", "hunter2"}, {"/etc/replmond/ak", "AKID"}}};
    file_digests read;
    const lookup noting = noting_files(here.look(), read);
    EXPECT_EQ(noting.read_file("/etc/replmond/sk").content, "hunter2");
    noting.read_file("/etc/replmond/none");
    EXPECT_EQ(read.size(), 2U);
    EXPECT_EQ(read_again(read, here.look()), read);
    for (const auto& [path, digest] : read)
        EXPECT_EQ(digest.find("hunter2"), std::string::npos);

    here.files["/etc/replmond/ak"] = "not read"; // not one of them
    EXPECT_EQ(read_again(read, here.look()), read);
    here.files["/etc/replmond/sk"] = "hunter3";
    EXPECT_NE(read_again(read, here.look()), read);
    here.files["/etc/replmond/sk"] = "hunter2";
    EXPECT_EQ(read_again(read, here.look()), read);
    here.files["/etc/replmond/none"] = "";
    EXPECT_NE(read_again(read, here.look()), read) << "a file that appears";
    here.files.erase("/etc/replmond/none");
    here.files.erase("/etc/replmond/sk");
    EXPECT_NE(read_again(read, here.look()), read) << "a file that vanishes";
}

TEST(FileDigests, CoverAllThatAConfigurationNames) {
    container here = pod();
    here.files["/etc/replmond/replmond.yaml"] = R"(
projects:
  - {name: a, region: r, ca_file: ca.pem, auth: {type: aksk, access_key_file: ak, secret_key_file: /sk}}
  - {name: b, region: r, auth: {type: oidc, idp_id: i, id_token_file: idt}}
  - {name: c, region: r, auth: {type: pod_identity}}
)";
    here.files["/etc/replmond/ca.pem"] = read_sample_file("ca.pem");
    here.files["/etc/replmond/ak"] = "AKID";
    here.files["/sk"] = "hunter2";
    here.files["/etc/replmond/idt"] = "eyJ";
    const auto outcome = load_file("/etc/replmond/replmond.yaml", here.look());
    ASSERT_TRUE(outcome.loaded) << messages(outcome).front();
    std::vector<std::string> paths;
    for (const auto& [path, digest] : outcome.files)
        paths.push_back(path);
    EXPECT_THAT(paths,
                UnorderedElementsAre("/etc/replmond/replmond.yaml", "/etc/replmond/ca.pem",
                                     "/etc/replmond/ak", "/sk", "/etc/replmond/idt", "/run/pod/token"));
    EXPECT_THAT(self_renewing_files(*outcome.loaded, here.look()),
                UnorderedElementsAre("/run/pod/token", "/etc/replmond/idt"));
    here.variables["CREDENTIALS_DIRECTORY"] = "/cred";
    EXPECT_THAT(candidates_for("ak", here.look()), ElementsAre("/cred/ak", "/etc/replmond/ak"));
    EXPECT_THAT(candidates_for("/sk", here.look()), ElementsAre("/sk"));
}

// `check-config /dev/stdin` and a start from a pipe: it cannot be read twice.
TEST(FileDigests, APipeIsNoChange) {
    container here;
    lookup from = here.look();
    from.read_at_start = [&here](const std::string& path) {
        return file_outcome{"instances: []\n", {}, here.look().read_file(path).error};
    };
    const auto outcome = load_file("/dev/stdin", from);
    ASSERT_TRUE(outcome.loaded);
    EXPECT_EQ(read_again(outcome.files, here.look()), outcome.files);
}

} // namespace
} // namespace replmond::config
