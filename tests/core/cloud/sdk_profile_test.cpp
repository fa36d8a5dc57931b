#include "daemon/core/cloud/sdk_profile.hpp"

#include <gtest/gtest.h>

#include <map>
#include <vector>

namespace replmond::cloud {
namespace {

using variable_map = std::map<std::string, std::string>;

constexpr const char* usual = "/home/u/.huaweicloud/credentials";

struct world {
    variable_map variables;
    std::map<std::string, std::string> files;
    std::map<std::string, std::errc> broken;

    [[nodiscard]] config::lookup look() const {
        config::lookup from;
        from.environment = [this](const std::string& name) -> std::optional<std::string> {
            const auto found = variables.find(name);
            return found == variables.end() ? std::nullopt : std::optional(found->second);
        };
        from.read_file = [this](const std::string& path) -> config::file_outcome {
            if (const auto bad = broken.find(path); bad != broken.end())
                return {{}, std::make_error_code(bad->second)};
            const auto found = files.find(path);
            if (found == files.end())
                return {{}, std::make_error_code(std::errc::no_such_file_or_directory)};
            return {found->second, {}};
        };
        return from;
    }
};

std::optional<result<sdk_credential>> read_profile(std::string content) {
    return from_profile(world{{{"HOME", "/home/u"}}, {{usual, std::move(content)}}, {}}.look());
}

// "-": not there; "! text": a failure; else what was read.
std::string shown(const std::optional<result<sdk_credential>>& read) {
    if (!read)
        return "-";
    if (!*read) {
        EXPECT_EQ(read->error().result, poll_result::auth);
        return "! " + read->error().error_msg;
    }
    if (const auto* provider = std::get_if<identity_provider>(&**read))
        return "provider " + provider->idp_id + " " + provider->id_token + " " +
               provider->project_id.value_or("-") + " " + provider->iam_endpoint.value_or("-");
    const credential& made = std::get<credential>(**read);
    const auto& key = std::get<signing_key>(made.secret);
    return key.access + " " + key.secret + " " + key.security_token.value_or("-") + " " +
           made.project_id.value_or("-") + " " + made.iam_endpoint.value_or("-") + " | " + made.source;
}

TEST(SdkProfile, ReadsTheEnvironment) {
    const variable_map both{{"HUAWEICLOUD_SDK_AK", "AKIDACCESS"}, {"HUAWEICLOUD_SDK_SK", "hunter2=="}};
    const auto with = [&](const variable_map& more) {
        world w{more, {}, {}};
        w.variables.insert(both.begin(), both.end());
        return shown(from_environment(w.look()));
    };
    const auto only = [](const variable_map& all) {
        return shown(from_environment(world{all, {}, {}}.look()));
    };

    EXPECT_EQ(with({}), "AKIDACCESS hunter2== - - - | access key ...CESS from the environment");
    EXPECT_EQ(
        with({{"HUAWEICLOUD_SDK_SECURITY_TOKEN", "tok=="},
              {"HUAWEICLOUD_SDK_PROJECT_ID", "p1"},
              {"HUAWEICLOUD_SDK_IAM_ENDPOINT", "https://IAM.example/"}}),
        "AKIDACCESS hunter2== tok== p1 https://iam.example | temporary key ...CESS from the environment");
    EXPECT_EQ(with({{"HUAWEICLOUD_SDK_SECURITY_TOKEN", ""}, {"HUAWEICLOUD_SDK_PROJECT_ID", ""}}), with({}));
    EXPECT_EQ(with({{"HUAWEICLOUD_SDK_IAM_ENDPOINT", "http://127.0.0.1:1"}}),
              "AKIDACCESS hunter2== - - http://127.0.0.1:1 | access key ...CESS from the environment");

    EXPECT_EQ(only({}), "-");
    EXPECT_EQ(only({{"HUAWEICLOUD_SDK_AK", ""}, {"HUAWEICLOUD_SDK_SK", ""}}), "-");
    EXPECT_EQ(only({{"HUAWEICLOUD_SDK_SECURITY_TOKEN", "t"}, {"HUAWEICLOUD_SDK_PROJECT_ID", "p"}}), "-");
    EXPECT_EQ(
        only({{"HUAWEICLOUD_SDK_IDP_ID", "hunter2"}}),
        "! the environment variable HUAWEICLOUD_SDK_IDP_ID is given without HUAWEICLOUD_SDK_ID_TOKEN_FILE");
    EXPECT_EQ(
        only({{"HUAWEICLOUD_SDK_ID_TOKEN_FILE", "/t"}}),
        "! the environment variable HUAWEICLOUD_SDK_ID_TOKEN_FILE is given without HUAWEICLOUD_SDK_IDP_ID");
    EXPECT_EQ(with({{"HUAWEICLOUD_SDK_IDP_ID", "idp"}}), with({}));
    EXPECT_EQ(only({{"HUAWEICLOUD_SDK_AK", "AKIDACCESS"}}),
              "! the environment variable HUAWEICLOUD_SDK_AK is given without HUAWEICLOUD_SDK_SK");
    EXPECT_EQ(only({{"HUAWEICLOUD_SDK_AK", ""}, {"HUAWEICLOUD_SDK_SK", "hunter2"}}),
              "! the environment variable HUAWEICLOUD_SDK_SK is given without HUAWEICLOUD_SDK_AK");

    const std::string place = "! the environment variable HUAWEICLOUD_SDK_";
    const std::string hidden = " (the value is not shown)";
    for (const char* bad : {"hunter2\n", "hunter 2", "hunter2\r\nX-Evil: 1", "hunter\xC3\xA9", "\x01hunter"})
        EXPECT_EQ(with({{"HUAWEICLOUD_SDK_SK", bad}}),
                  place + "SK: expected visible ASCII characters without spaces" + hidden);
    EXPECT_EQ(with({{"HUAWEICLOUD_SDK_PROJECT_ID", "../hunter2"}}),
              place + "PROJECT_ID: expected 1 to 64 letters, digits, - and _" + hidden);
    for (const char* bad :
         {"iam.example", "http://iam.example", "https://u:hunter2@iam.example", "https://a/b", ":"})
        EXPECT_EQ(with({{"HUAWEICLOUD_SDK_IAM_ENDPOINT", bad}}),
                  place + "IAM_ENDPOINT: expected https://host[:port] without user, path, query or fragment" +
                      hidden);
}

TEST(SdkProfile, ReadsTheProfile) {
    const std::string plain = "AKIDACCESS hunter2 - - - | access key ...CESS from " + std::string(usual);
    const std::vector<std::string> same{
        "[basic]\nak = AKIDACCESS\nsk = hunter2\n",
        "[basic]\nak=AKIDACCESS\nsk=hunter2",
        "\xEF\xBB\xBF[basic]\r\nak=AKIDACCESS\r\nsk=hunter2\r\n",
        "# a\n; b\n\n \t[ BASIC ] ; c\n  AK\t=  AKIDACCESS \t\n\n  # sk = wrong\nsk : hunter2\n",
        "[basic]\nak = \"AKIDACCESS\"\nsk = 'hunter2'\n",
        "[basic]\nak = OLD\nak = AKIDACCESS\nsk = hunter2\nsecurity_token =\nidp_id = x\n",
        "[global]\nak = G\nno sign\n[basic]\nak = AKIDACCESS\nsk = hunter2\n[other]\nsk = O\n= x\n",
        "[basic]\nak = AKIDACCESS\n[global]\nak = G\n[basic]\nsk = hunter2\n",
        "ak = outside\nno sign\n[basic]\nak = AKIDACCESS\nsk = hunter2\n",
        "[DEFAULT]\nak = OTHER\nsk = hunter2\n[basic]\nak = AKIDACCESS\n",
        "[basic]\nak = AKIDACCESS\n[default]\nsk = hunter2\n",
    };
    for (const std::string& content : same)
        EXPECT_EQ(shown(read_profile(content)), plain) << content;
    // Quotes that do not stand around a value are a part of it.
    for (const std::string value : {"\"hunter2", "hunter2'", "\"hunter2'", "hunter2h", "'"})
        EXPECT_EQ(shown(read_profile("[basic]\nx=y\nak=AKIDACCESS\nsk=" + value + "\n")),
                  "AKIDACCESS " + value + " - - - | access key ...CESS from " + std::string(usual));
    EXPECT_EQ(shown(read_profile("[basic]\nak=AKIDACCESS\nsk=hun=ter:2==\nsecurity_token=a=b==\n"
                                 "project_id=p1\niam_endpoint=https://iam.example:8443\n")),
              "AKIDACCESS hun=ter:2== a=b== p1 https://iam.example:8443 | temporary key ...CESS from " +
                  std::string(usual));
}

TEST(SdkProfile, NamesTheLineButNoValue) {
    const std::vector<std::pair<std::string, std::string>> table{
        {"[basic]\nsk = hunter2\n", ":2: sk is given without ak"},
        {"[basic]\n\n# x\r\nak = hunter2\nsk =\n", ":4: ak is given without sk"},
        {"[basic]\nak = a\nsk = hunter2\nhunter3\n", ":4: expected key = value"},
        {"[basic]\n = hunter2\n", ":2: expected key = value"},
        {"\n[basic\nak = hunter2\n", ":2: expected [section]"},
        {"[basic]\nak = hunter2 # mine\nsk = b\n",
         ":2: ak: expected visible ASCII characters without spaces (the value is not shown)"},
        {std::string("[basic]\nak = a\nsk = hunter2\0x\n", 29),
         ":3: sk: expected visible ASCII characters without spaces (the value is not shown)"},
        {"[basic]\nak = a\nsk = b\nproject_id = hunter2/\n",
         ":4: project_id: expected 1 to 64 letters, digits, - and _ (the value is not shown)"},
        {"[basic]\nak = a\nsk = b\niam_endpoint = hunter2\n",
         ":4: iam_endpoint: expected https://host[:port] without user, path, query or fragment (the value is "
         "not shown)"},
        {"[basic]\nsk = a\n; x\nak = b\nhunter2\n", ":5: expected key = value"},
        {"[basic]\n", ": no ak and sk in the section [basic]"},
        {"[basic]\nidp_id = hunter2\nak = \"\"\n", ":2: idp_id is given without id_token_file"},
        {"[basic]\nidp_id = a b\nid_token_file = /t\n",
         ":2: idp_id: expected visible ASCII characters without spaces (the value is not shown)"},
        {"[basic]\nidp_id = a\nid_token_file = /t\n",
         ":3: id_token_file: cannot read /t: No such file or directory"},
        {"[DEFAULT]\nak = hunter2\n[basic]\nsk =\n", ":2: ak is given without sk"},
    };
    for (const auto& [content, why] : table)
        EXPECT_EQ(shown(read_profile(content)), "! " + std::string(usual) + why) << content;
}

TEST(SdkProfile, IsLookedForWhereTheSdksDo) {
    const std::string good = "[basic]\nak = AKIDACCESS\nsk = hunter2\n";
    const std::string read = "AKIDACCESS hunter2 - - - | access key ...CESS from ";
    const std::string var = "HUAWEICLOUD_SDK_CREDENTIALS_FILE";
    struct row {
        variable_map variables;
        std::string expected;
    };
    const std::vector<row> table{
        {{}, "-"},
        {{{"HOME", ""}}, "-"},
        {{{"HOME", "/home/u"}}, read + usual},
        {{{"HOME", "/home/u"}, {var, ""}}, read + usual},
        {{{"HOME", "/home/u"}, {var, "/else"}}, read + "/else"},
        {{{"HOME", "/home/nobody"}}, "-"},
        {{{"HOME", "/home/file"}}, "-"},
        {{{"HOME", "/home/other"}}, "-"},
        {{{"HOME", "/home/empty"}}, "-"},
        {{{"HOME", "/home/denied"}},
         "! cannot read /home/denied/.huaweicloud/credentials: Permission denied"},
        // what is named must be there: no falling back to another file
        {{{"HOME", "/home/u"}, {var, "/none"}},
         "! cannot read /none (from $HUAWEICLOUD_SDK_CREDENTIALS_FILE): No such file or directory"},
        {{{"HOME", "/home/u"}, {var, "/home/other/.huaweicloud/credentials"}},
         "! /home/other/.huaweicloud/credentials: no ak and sk in the section [basic]"},
    };
    const world w{{},
                  {{usual, good},
                   {"/else", good},
                   {"/home/other/.huaweicloud/credentials", "[global]\nak = hunter2\n"},
                   {"/home/empty/.huaweicloud/credentials", ""}},
                  {{"/home/denied/.huaweicloud/credentials", std::errc::permission_denied},
                   {"/home/file/.huaweicloud/credentials", std::errc::not_a_directory}}};
    for (const row& r : table) {
        world here = w;
        here.variables = r.variables;
        EXPECT_EQ(shown(from_profile(here.look())), r.expected);
    }
}

// As in the SDKs' chain (API.md, section 13).
TEST(SdkProfile, AnIdentityProviderComesBeforeAKey) {
    const std::string prefix = "HUAWEICLOUD_SDK_";
    world w{{{prefix + "AK", "AKIDACCESS"},
             {prefix + "SK", "hunter2"},
             {prefix + "IDP_ID", "idp"},
             {prefix + "ID_TOKEN_FILE", "/token"},
             {prefix + "PROJECT_ID", "p1"},
             {prefix + "IAM_ENDPOINT", "https://iam.example/"}},
            {{"/token", "eyJ.hunter3\n"}},
            {}};
    EXPECT_EQ(shown(from_environment(w.look())), "provider idp eyJ.hunter3 p1 https://iam.example");
    EXPECT_EQ(iam_endpoint_of(**from_environment(w.look())), "https://iam.example");
    w.variables.erase(prefix + "AK"); // half a key does not matter then
    EXPECT_EQ(shown(from_environment(w.look())), "provider idp eyJ.hunter3 p1 https://iam.example");
    w.files["/token"] = "";
    EXPECT_EQ(shown(from_environment(w.look())),
              "! the environment variable HUAWEICLOUD_SDK_ID_TOKEN_FILE: the file /token is empty");

    world home{{{"HOME", "/home/u"}},
               {{usual, "[basic]\nak = AKIDACCESS\nsk = hunter2\nidp_id = idp\nid_token_file = /token\n"},
                {"/token", "eyJ.hunter3"}},
               {}};
    EXPECT_EQ(shown(from_profile(home.look())), "provider idp eyJ.hunter3 - -");
}

} // namespace
} // namespace replmond::cloud
