#include "daemon/core/config/secret.hpp"

#include <gtest/gtest.h>

#include <map>

namespace replmond::config {
namespace {

using secret_kind = secret_source::kind;

struct world {
    std::map<std::string, std::string> variables;
    std::map<std::string, std::string> files;
    std::map<std::string, std::errc> broken;

    [[nodiscard]] lookup look() const {
        lookup from;
        from.directory = "/etc/replmond";
        from.environment = [this](const std::string& name) -> std::optional<std::string> {
            const auto found = variables.find(name);
            return found == variables.end() ? std::nullopt : std::optional(found->second);
        };
        from.read_file = [this](const std::string& path) -> file_outcome {
            if (const auto bad = broken.find(path); bad != broken.end())
                return {{}, std::make_error_code(bad->second)};
            const auto found = files.find(path);
            if (found == files.end())
                return {{}, std::make_error_code(std::errc::no_such_file_or_directory)};
            return {found->second, {}};
        };
        return from;
    }

    [[nodiscard]] secret_outcome read(secret_kind from, const std::string& text) const {
        return read_secret({from, text}, look());
    }
};

TEST(ConfigSecret, IsReadFromAllThreePlaces) {
    world w;
    w.variables["MY_KEY"] = "from-variable";
    w.files["/etc/replmond/ak"] = "from-file";
    EXPECT_EQ(w.read(secret_kind::value, "plain").secret, "plain");
    EXPECT_EQ(w.read(secret_kind::environment, "MY_KEY").secret, "from-variable");
    EXPECT_EQ(w.read(secret_kind::file, "ak").secret, "from-file");
    EXPECT_EQ(w.read(secret_kind::file, "/etc/replmond/ak").secret, "from-file");
}

TEST(ConfigSecret, LosesOneTrailingNewlineOfAFile) {
    world w;
    w.files = {{"/a", "x\n"}, {"/b", "x\r\n"}, {"/c", "x\n\n"}, {"/d", "x\r"}, {"/e", " x "}, {"/f", "\n"}};
    EXPECT_EQ(w.read(secret_kind::file, "/a").secret, "x");
    EXPECT_EQ(w.read(secret_kind::file, "/b").secret, "x");
    EXPECT_EQ(w.read(secret_kind::file, "/c").secret, std::nullopt);
    EXPECT_EQ(w.read(secret_kind::file, "/d").secret, std::nullopt);
    EXPECT_EQ(w.read(secret_kind::file, "/e").secret, " x ");
    EXPECT_EQ(w.read(secret_kind::file, "/f").failure, "the file /f is empty");
}

TEST(ConfigSecret, PrefersTheCredentialsDirectory) {
    world w;
    w.variables["CREDENTIALS_DIRECTORY"] = "/run/credentials/replmond";
    w.files = {{"/run/credentials/replmond/ak", "handed"},
               {"/etc/replmond/ak", "beside"},
               {"/etc/replmond/sk", "sk"},
               {"/abs", "absolute"}};
    EXPECT_EQ(w.read(secret_kind::file, "ak").secret, "handed");
    EXPECT_EQ(w.read(secret_kind::file, "sk").secret, "sk");
    EXPECT_EQ(w.read(secret_kind::file, "/abs").secret, "absolute");
    EXPECT_EQ(
        w.read(secret_kind::file, "none").failure,
        "cannot read /etc/replmond/none: No such file or directory, nor is it in $CREDENTIALS_DIRECTORY");

    w.variables["CREDENTIALS_DIRECTORY"] = "";
    EXPECT_EQ(w.read(secret_kind::file, "ak").secret, "beside");
    EXPECT_EQ(w.read(secret_kind::file, "none").failure,
              "cannot read /etc/replmond/none: No such file or directory");
}

TEST(ConfigSecret, DoesNotFallBackFromACredentialThatCannotBeRead) {
    world w;
    w.variables["CREDENTIALS_DIRECTORY"] = "/run/c";
    w.broken["/run/c/ak"] = std::errc::permission_denied;
    w.files["/etc/replmond/ak"] = "old";
    EXPECT_EQ(w.read(secret_kind::file, "ak").failure, "cannot read /run/c/ak: Permission denied");
}

TEST(ConfigSecret, RefusesWhatCannotBeASecret) {
    world w;
    for (const std::string& bad : {std::string("hunter2\nx"), std::string("hunter2\r"),
                                   std::string("hunter2\0", 8), std::string("hunter2\xFF"), std::string()}) {
        w.variables["MY_KEY"] = bad;
        for (const secret_outcome& outcome :
             {w.read(secret_kind::value, bad), w.read(secret_kind::environment, "MY_KEY")}) {
            EXPECT_FALSE(outcome.secret);
            EXPECT_NE(outcome.failure, "");
            EXPECT_EQ(outcome.failure.find("hunter"), std::string::npos) << outcome.failure;
        }
    }
}

TEST(ConfigSecret, DoesNotShowWhatStandsForAVariable) {
    const world w;
    EXPECT_EQ(w.read(secret_kind::environment, "MY_KEY").failure,
              "the environment variable MY_KEY is not set");
    for (const char* slip : {"hunter2", "HUNTER2", "hunter_2", "HUNTER_2!"})
        EXPECT_EQ(w.read(secret_kind::environment, slip).failure,
                  "the environment variable named here is not set");
    const std::string longest = "A_" + std::string(62, 'B');
    EXPECT_EQ(w.read(secret_kind::environment, longest).failure,
              "the environment variable " + longest + " is not set");
    EXPECT_EQ(w.read(secret_kind::environment, longest + "C").failure,
              "the environment variable named here is not set");
}

TEST(ConfigSecret, DoubtsWhatSurroundsIt) {
    struct row {
        const char* secret;
        const char* doubt; // how it begins
    };
    const row table[] = {
        {"hunter2", ""},
        {" hunter2", "the secret begins or ends with a blank"},
        {"hunter2\t", "the secret begins or ends with a blank"},
        {"\"hunter2\"", "the secret stands in quotes"},
        {"'hunter2'", "the secret stands in quotes"},
        {"\"hunter2", ""},
        {"\"", ""},
        {"${HUNTER}", "the secret looks like ${NAME}"},
        {"$HUNTER", ""},
        {"sk=hunter2", "the secret begins with a name"},
        {"Password: hunter2", "the secret begins with a name"},
        {"hunter=2", ""},
        {"=sk", ""},
        {"password", ""},
    };
    for (const row& r : table) {
        const std::string doubt = doubt_about_secret(r.secret);
        EXPECT_EQ(doubt.substr(0, std::string_view(r.doubt).size()), r.doubt) << r.secret;
        EXPECT_EQ(doubt.empty(), *r.doubt == '\0') << doubt;
        EXPECT_EQ(doubt.find("hunter"), std::string::npos) << doubt;
        EXPECT_EQ(doubt.find("HUNTER"), std::string::npos) << doubt;
    }
}

} // namespace
} // namespace replmond::config
