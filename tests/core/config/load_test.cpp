#include "daemon/core/config/load.hpp"
#include "daemon/core/config/secret.hpp"
#include "tests/core/config/samples.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <thread>
#include <unistd.h>

// What is read from the disk, and what is refused because it could be waited for without an end.

namespace replmond::config {

namespace {

class ConfigFile : public ::testing::Test {
protected:
    void SetUp() override {
        std::string name = std::filesystem::temp_directory_path() / "replmond-file-XXXXXX";
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::string path(const char* name) const { return (folder_ / name).string(); }

    std::string write(const char* name, const std::string& text) const {
        std::ofstream(path(name), std::ios::binary) << text;
        return path(name);
    }

    std::filesystem::path folder_;
};

TEST_F(ConfigFile, IsReadWhole) {
    const std::string text(100'000, 'x');
    EXPECT_EQ(read_file(write("a", text)).content, text);
    EXPECT_EQ(read_file(write("b", "")).content, "");
    EXPECT_EQ(read_file(path("none")).error, std::errc::no_such_file_or_directory);
    const std::string largest(1024 * 1024, 'x');
    EXPECT_EQ(read_file(write("largest", largest)).content, largest);
    EXPECT_EQ(read_file(write("large", largest + 'x')).error, std::errc::file_too_large);
}

// Nobody writes into it: opened as other files are, it would be waited for without an end.
TEST_F(ConfigFile, AFifoIsRefusedAtOnce) {
    ASSERT_EQ(::mkfifo(path("fifo").c_str(), 0600), 0);
    EXPECT_EQ(read_file(path("fifo")).error.message(), "it is not a regular file");

    lookup from = system_lookup();
    from.directory = folder_.string();
    EXPECT_EQ(read_secret({secret_source::kind::file, "fifo"}, from).failure,
              "cannot read " + path("fifo") + ": it is not a regular file");
}

TEST_F(ConfigFile, SoIsAllElseThatIsNoFile) {
    EXPECT_EQ(read_file(folder_.string()).error, std::errc::is_a_directory);
    EXPECT_EQ(read_file("/dev/zero").error.message(), "it is not a regular file");

    const int listener = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path("socket").copy(address.sun_path, sizeof address.sun_path - 1);
    ASSERT_EQ(::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(read_file(path("socket")).error.message(), "it is not a regular file");
    ::close(listener);
}

TEST_F(ConfigFile, AtAStartTheConfigurationMayBeAPipe) {
    ASSERT_EQ(::mkfifo(path("fifo").c_str(), 0600), 0);
    std::thread writer([this] { std::ofstream(path("fifo")) << "instances: []\n"; });
    lookup from = system_lookup();
    from.read_file = [](const std::string& opened) {
        ADD_FAILURE() << opened << " is opened beside its reading: its writer may write to nobody";
        return file_outcome{{}, std::make_error_code(std::errc::invalid_argument)};
    };
    const auto outcome = load_file(path("fifo"), from);
    writer.join();
    EXPECT_TRUE(outcome.loaded);
    EXPECT_EQ(read_again(outcome.files, system_lookup()), outcome.files);

    lookup running = system_lookup();
    running.read_at_start = nullptr;
    const auto again = load_file(path("fifo"), running);
    ASSERT_EQ(messages(again).size(), 1U);
    EXPECT_EQ(messages(again)[0], path("fifo") + ": cannot be read: it is not a regular file");
}

TEST_F(ConfigFile, ASecretHasABound) {
    lookup from = system_lookup();
    from.directory = folder_.string();
    write("most", std::string(64 * 1024, 'x'));
    write("more", std::string(64 * 1024 + 1, 'x'));
    EXPECT_TRUE(read_secret({secret_source::kind::file, "most"}, from).secret);
    EXPECT_EQ(read_secret({secret_source::kind::file, "more"}, from).failure,
              "the file " + path("more") + " is larger than 64 KiB, a secret is one line");
}

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using kind = secret_source::kind;

settings load_good(std::string_view text) {
    const load_outcome outcome = load_text(text, "good.yaml", sample_lookup());
    EXPECT_THAT(messages(outcome), IsEmpty());
    return outcome.loaded.value_or(settings());
}

TEST(ConfigLoad, ShowsAnUnknownKeyThatCanBeOne) {
    const auto said_of = [](const std::string& key) {
        const auto outcome = load_text("instances: []\n" + key + ": 1\n", "c.yaml", sample_lookup());
        return messages(outcome).front().substr(0, 58);
    };
    const std::string letters(33, 'k');
    EXPECT_EQ(said_of(letters + "AZaz09_"), "c.yaml:2:1: unknown key \"" + letters); // 40 characters
    EXPECT_EQ(said_of(letters + "AZaz09_-"), "c.yaml:2:1: unknown key (allowed: poll, alerts, state, pro");
    for (const char* odd : {"a`", "a{", "a[", "a/", "a@"})
        EXPECT_EQ(said_of(odd), "c.yaml:2:1: unknown key (allowed: poll, alerts, state, pro") << odd;
}

// All messages about a text, one a line.
std::string said_about(std::string_view text) {
    std::string said;
    for (const std::string& line : messages(load_text(text, "f", sample_lookup())))
        said += line + '\n';
    return said;
}

TEST(ConfigLoad, ShowsAPlainWordInPlaceOfAType) {
    const auto of_type = [](const std::string& word) {
        return said_about("projects: [{name: p, region: r, auth: {type: " + word + "}}]\n");
    };
    const std::string expected =
        "f:1:46: projects[0].auth.type: expected one of aksk, password, token, metadata, pod_identity, "
        "oidc, default";
    const std::string longest = std::string(22, 'm') + "_z";
    EXPECT_EQ(of_type(longest), expected + ", got \"" + longest + "\"\n");
    EXPECT_EQ(of_type(longest + "a"), expected + '\n');
    EXPECT_EQ(of_type("\"\""), expected + '\n');
}

TEST(ConfigLoad, MissesEachPartOfACredential) {
    struct row {
        const char* auth;
        const char* missing;
    };
    const row table[] = {
        {"type: aksk, secret_key: hunter2", "access_key"},
        {"type: aksk, access_key: hunter2", "secret_key"},
        {"type: password, user: hunter2, password: hunter2", "domain"},
        {"type: password, domain: hunter2, password: hunter2", "user"},
        {"type: password, domain: hunter2, user: hunter2", "password"},
    };
    for (const row& r : table)
        EXPECT_EQ(said_about(std::string("projects: [{name: p, region: r, auth: {") + r.auth + "}}]\n"),
                  fmt::format("f:1:39: projects[0].auth: one of {0}, {0}_file or {0}_env is required\n",
                              r.missing));
}

TEST(ConfigLoad, ANameHas128BytesAndAWord64) {
    const auto said_of = [](std::size_t name, std::size_t word) {
        return said_about(
            fmt::format("projects: [{{name: {}, region: {}, project_id: {}, auth: {{type: default}}}}]\n",
                        std::string(name, 'n'), std::string(word, 'r'), std::string(word, 'i')));
    };
    EXPECT_EQ(said_of(128, 64), "");
    EXPECT_THAT(said_of(129, 64), testing::HasSubstr("expected a name of 1 to 128 bytes"));
    EXPECT_THAT(said_of(1, 65), testing::HasSubstr(".region: expected 1 to 64 letters"));
    EXPECT_THAT(said_of(1, 65), testing::HasSubstr(".project_id: expected 1 to 64 letters"));
}

// A text in the place of {} of a valid project.
std::string said_of_project(const std::string& more) {
    return said_about("projects: [{name: p, region: azAZ09-_, auth: {type: default}, " + more + "}]\n");
}

TEST(ConfigLoad, TakesTheBoundsOfARateLimit) {
    for (const char* good : {"1/1s", "1000000/24h", "9/5m"})
        EXPECT_EQ(said_of_project(std::string("rate_limit: ") + good), "") << good;
    for (const char* bad : {"-5/5m", "2x/5m", "99999999999/5m", "200/", "200/x", "/5m", "200/24h1ms"})
        EXPECT_THAT(said_of_project(std::string("rate_limit: ") + bad),
                    testing::HasSubstr("expected requests/duration such as 200/5m"))
            << bad;
}

TEST(ConfigLoad, TakesHttpsAndLoopback) {
    for (const char* good : {"https://a.example", "http://127.0.0.1:8080", "http://localhost"})
        EXPECT_EQ(said_of_project(std::string("endpoint: ") + good), "") << good;
    EXPECT_THAT(said_of_project("endpoint: http://a.example"),
                testing::HasSubstr("plain http:// is allowed"));
}

TEST(ConfigLoad, APatternHas256Bytes) {
    EXPECT_EQ(said_of_project("discover: {include: " + std::string(256, 'a') + "}"), "");
    EXPECT_THAT(said_of_project("discover: {include: " + std::string(257, 'a') + "}"),
                testing::HasSubstr("expected a regular expression of 1 to 256 bytes"));
}

TEST(ConfigLoad, LabelsHaveLettersDigitsAndUnderscores) {
    EXPECT_EQ(said_of_project("discover: {labels: {a: x, z: x, A: x, Z: x, _x: x, b09: x, az_AZ: x}}"), "");
    for (const char* bad : {"\"\"", "a-b", "a:b", "9a", "a.b", "\"a b\"", "ä"})
        EXPECT_THAT(
            said_of_project(std::string("discover: {labels: {") + bad + ": x}}"),
            testing::HasSubstr(": expected a label name: letters, digits and _, not starting with a digit"))
            << bad;
}

// What is wrong with an instance is said once: it is not also the double of another one.
TEST(ConfigLoad, WrongInstancesAreNoDoubles) {
    const std::string project = "projects: [{name: p, region: r, auth: {type: default}}]\n";
    EXPECT_EQ(said_about(project + "instances:\n  - {id: short}\n  - {id: short}\n"),
              "f:3:10: instances[0].id: expected 36 letters and digits, got \"short\"\n"
              "f:4:10: instances[1].id: expected 36 letters and digits, got \"short\"\n");
    const std::string id = "0123456789abcdef0123456789abcdefin17";
    const std::string expected =
        "expected the name of a project that is configured under projects, got \"nobody\"\n";
    EXPECT_EQ(said_about(project + "instances:\n  - {project: nobody, name: a, id: " + id +
                         "}\n  - {project: nobody, name: b, id: " + id + "}\n"),
              "f:3:15: instances[0].project: " + expected + "f:4:15: instances[1].project: " + expected);
}

constexpr std::string_view every_key = R"(
poll: {interval: 30s, timeout: 5s, page_size: 50, concurrency: 8, stale_after: 0s}
alerts: {repeat_interval: 2h}
state: {path: /tmp/state.db, retention: 1d12h}
projects:
  - name: "prod: one"
    region: ap-southeast-3
    project_id: 0123456789abcdef0123456789abcdef
    endpoint: https://GaussDB.example.com:8443/
    iam_endpoint: http://10.0.0.1
    insecure_http: true
    ca_file: ca.pem
    proxy_url: http://user:hunter2@proxy.example:3128/
    rate_limit: 100/1m
    language: zh-cn
    auth:
      type: aksk
      access_key_file: good
      secret_key_env: TEST_GOOD
      security_token: hunter2
    discover:
      interval: 1h
      include: "^prod-"
      exclude: "-test$"
      labels: {team: data, tier: 1, paid: true, empty: ""}
  - {name: two, region: r, auth: {type: password, domain: hunter, user_file: good, password_env: TEST_GOOD}}
  - {name: three, region: r, project_id: x, auth: {type: token, token_file: good}}
  - {name: four, region: r, auth: {type: metadata}, discover: {}}
  - {name: 5, region: r, auth: {type: default}}
instances:
  - name: orders
    id: 0123456789abcdef0123456789abcdefin17
    project: two
    interval: 15s
    timeout: 1s
    page_size: 10
    labels: {team: payments, ratio: 0.50}
  - {id: 0123456789abcdef0123456789abcdefin18, project: "5"}
  - {id: 0123456789abcdef0123456789abcdefin17, name: same-id, project: four}
)";

TEST(ConfigLoad, ReadsGlobalSettings) {
    const settings all = load_good(every_key);
    EXPECT_EQ(all.poll.interval, 30s);
    EXPECT_EQ(all.poll.timeout, 5s);
    EXPECT_EQ(all.poll.page_size, 50);
    EXPECT_EQ(all.poll.concurrency, 8);
    EXPECT_EQ(all.poll.stale_after, 0s);
    EXPECT_EQ(all.alerts.repeat_interval, 2h);
    EXPECT_EQ(all.state.path, "/tmp/state.db");
    EXPECT_EQ(all.state.retention, 36h);
    EXPECT_EQ(all.directory, "/etc/test");
}

TEST(ConfigLoad, ReadsProjects) {
    const settings all = load_good(every_key);
    ASSERT_EQ(all.projects.size(), 5u);
    const project_settings& project = all.projects[0];
    EXPECT_EQ(project.name, "prod: one");
    EXPECT_EQ(project.region, "ap-southeast-3");
    EXPECT_EQ(project.project_id, "0123456789abcdef0123456789abcdef");
    EXPECT_EQ(project.endpoint, "https://gaussdb.example.com:8443");
    EXPECT_EQ(project.iam_endpoint, "http://10.0.0.1");
    EXPECT_TRUE(project.insecure_http);
    EXPECT_EQ(project.ca_file, "ca.pem");
    EXPECT_EQ(project.proxy_url, "http://user:hunter2@proxy.example:3128");
    EXPECT_EQ(project.limit.requests, 100);
    EXPECT_EQ(project.limit.window, 1min);
    EXPECT_EQ(project.language, cloud_language::zh_cn);
    EXPECT_EQ(all.projects[1].language, cloud_language::en_us);

    ASSERT_TRUE(project.discover);
    EXPECT_EQ(project.discover->interval, 1h);
    EXPECT_EQ(project.discover->include, "^prod-");
    EXPECT_EQ(project.discover->exclude, "-test$");
    EXPECT_THAT(project.discover->labels, ElementsAre(Pair("empty", ""), Pair("paid", "true"),
                                                      Pair("team", "data"), Pair("tier", "1")));
    ASSERT_TRUE(all.projects[3].discover);
    EXPECT_EQ(all.projects[3].discover->interval, 10min);
    EXPECT_FALSE(all.projects[4].discover);
}

TEST(ConfigLoad, ReadsEveryTypeOfCredential) {
    const settings all = load_good(every_key);
    ASSERT_EQ(all.projects.size(), 5u);
    const auto& aksk = std::get<aksk_auth>(all.projects[0].auth);
    EXPECT_EQ(aksk.access_key.from, kind::file);
    EXPECT_EQ(aksk.access_key.text, "good"); // as written: the place is kept, not the secret
    EXPECT_EQ(aksk.secret_key.from, kind::environment);
    EXPECT_EQ(aksk.secret_key.text, "TEST_GOOD");
    ASSERT_TRUE(aksk.security_token);
    EXPECT_EQ(aksk.security_token->from, kind::value);
    EXPECT_EQ(aksk.security_token->text, "hunter2");

    const auto& password = std::get<password_auth>(all.projects[1].auth);
    EXPECT_EQ(password.domain.text, "hunter");
    EXPECT_EQ(password.user.from, kind::file);
    EXPECT_EQ(password.password.from, kind::environment);
    EXPECT_EQ(std::get<token_auth>(all.projects[2].auth).token.from, kind::file);
    EXPECT_TRUE(std::holds_alternative<metadata_auth>(all.projects[3].auth));
    EXPECT_TRUE(std::holds_alternative<default_auth>(all.projects[4].auth));
}

TEST(ConfigLoad, ReadsInstances) {
    const settings all = load_good(every_key);
    ASSERT_EQ(all.instances.size(), 3u);
    EXPECT_EQ(all.instances[0].name, "orders");
    EXPECT_EQ(all.instances[0].id, "0123456789abcdef0123456789abcdefin17");
    EXPECT_EQ(all.instances[0].project, "two");
    EXPECT_EQ(all.instances[0].interval, 15s);
    EXPECT_EQ(all.instances[0].timeout, 1s);
    EXPECT_EQ(all.instances[0].page_size, 10);
    EXPECT_THAT(all.instances[0].labels, ElementsAre(Pair("ratio", "0.50"), Pair("team", "payments")));

    EXPECT_EQ(all.instances[1].name, all.instances[1].id);
    EXPECT_EQ(all.instances[1].project, "5");
    EXPECT_EQ(all.instances[1].interval, 30s); // poll's, not the built-in default
    EXPECT_EQ(all.instances[1].timeout, 5s);
    EXPECT_EQ(all.instances[1].page_size, 50);
}

TEST(ConfigLoad, FillsInDefaults) {
    const settings all = load_good("projects: [{name: p, region: r, auth: {type: default}}]\n"
                                   "instances: [{id: 0123456789abcdef0123456789abcdefin17}]\n");
    EXPECT_EQ(all.poll.interval, 1min);
    EXPECT_EQ(all.poll.timeout, 10s);
    EXPECT_EQ(all.poll.page_size, 100);
    EXPECT_EQ(all.poll.concurrency, 16);
    EXPECT_EQ(all.poll.stale_after, 15min);
    EXPECT_EQ(all.alerts.repeat_interval, 1h);
    EXPECT_EQ(all.state.path, "");
    EXPECT_EQ(all.state.retention, 720h);
    ASSERT_EQ(all.projects.size(), 1u);
    EXPECT_EQ(all.projects[0].limit.requests, 200);
    EXPECT_EQ(all.projects[0].limit.window, 5min);
    EXPECT_EQ(all.projects[0].endpoint, std::nullopt);
    ASSERT_EQ(all.instances.size(), 1u);
    EXPECT_EQ(all.instances[0].project, "p"); // the only one
    EXPECT_EQ(all.instances[0].interval, 1min);
}

// As every relative path: never beside whoever starts it.
TEST(ConfigLoad, ARelativeStatePathStartsBesideTheFile) {
    lookup from = sample_lookup();
    from.directory = "/etc/replmond";
    const auto path_of = [&](const std::string& given) {
        return load_text("state: {path: " + given + "}\n", "f", from).loaded->state.path;
    };
    EXPECT_EQ(path_of("state.db"), "/etc/replmond/state.db");
    EXPECT_EQ(path_of("../state/r.db"), "/etc/state/r.db");
    EXPECT_EQ(path_of("/var/lib/r.db"), "/var/lib/r.db");
}

TEST(ConfigLoad, WarnsOfTwoEntriesForOneProject) {
    const std::string id = "0123456789abcdef0123456789abcdef";
    const auto entry = [](const std::string& name, const std::string& project_id) {
        return "  - {name: " + name + ", region: r, project_id: " + project_id + ", auth: {type: default}}\n";
    };
    const load_outcome outcome =
        load_text("projects:\n" + entry("a", id) + entry("b", std::string(32, 'f')) + entry("c", id) +
                      "instances: [{id: 0123456789abcdef0123456789abcdefin17, project: a}]\n",
                  "f", sample_lookup());
    ASSERT_TRUE(outcome.loaded);
    ASSERT_EQ(outcome.warnings.size(), 1u);
    EXPECT_EQ(outcome.warnings[0],
              "projects a and c have the same project_id: an instance of both is polled once, by "
              "the entry that configures it; keep one of the entries");
}

TEST(ConfigLoad, TakesTheBounds) {
    const settings low = load_good("poll: {interval: 1s, timeout: 100ms, page_size: 1, concurrency: 1}\n"
                                   "alerts: {repeat_interval: 1s}\nstate: {retention: 1h}\n");
    EXPECT_EQ(low.poll.timeout, 100ms);
    const settings high = load_good("poll: {interval: 1h, timeout: 2m, concurrency: 1024, stale_after: 30d}\n"
                                    "alerts: {repeat_interval: 30d}\nstate: {retention: 3650d}\n");
    EXPECT_EQ(high.state.retention, 24h * 3650);
}

TEST(ConfigLoad, WarnsOnceOfWhatPollsNothing) {
    for (const char* text : {"", "# nothing\n", "projects:\ninstances:\npoll:\n", "projects: []\n"}) {
        const load_outcome outcome = load_text(text, "f", sample_lookup());
        EXPECT_TRUE(outcome.loaded) << text;
        EXPECT_THAT(outcome.warnings, ElementsAre("no projects are configured: nothing is polled")) << text;
    }
    const load_outcome idle = load_text("projects: [{name: p, region: r, auth: {type: default}, discover: }]",
                                        "f", sample_lookup());
    EXPECT_TRUE(idle.loaded);
    EXPECT_THAT(
        idle.warnings,
        ElementsAre(
            "projects[0].discover: has no value and is left out; write {} to discover with the defaults",
            "no instances are configured and no project discovers any: nothing is polled"));
    EXPECT_THAT(load_text(every_key, "f", sample_lookup()).warnings, IsEmpty());
    const auto warnings_of = [](const std::string& more) {
        return load_text("projects: [{name: p, region: r, auth: {type: default}" + more, "f", sample_lookup())
            .warnings;
    };
    EXPECT_THAT(warnings_of(", discover: {}}]\n"), IsEmpty());
    EXPECT_THAT(warnings_of("}]\ninstances: [{id: 0123456789abcdef0123456789abcdefin17}]\n"), IsEmpty());
}

TEST(ConfigLoad, SaysWhyAFileCannotBeRead) {
    EXPECT_THAT(messages(load_file("/nonexistent/replmond.yaml", system_lookup())),
                ElementsAre("/nonexistent/replmond.yaml: cannot be read: No such file or directory"));
    EXPECT_THAT(messages(load_file("/", system_lookup())), ElementsAre("/: cannot be read: Is a directory"));
    EXPECT_THAT(messages(load_file("/dev/zero", system_lookup())),
                ElementsAre("/dev/zero: cannot be read: File too large"));
    EXPECT_THAT(load_file("/", system_lookup()).problems,
                ElementsAre(problem{0, 0, "cannot be read: Is a directory"}));
}

// Takes the comment mark off the example's lines: "# " begins an example, "## " an explanation. The first
// line is for editors.
std::string with_examples(const std::string& text) {
    std::istringstream lines(text);
    std::string out;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("# ") && !line.starts_with("# yaml-language-server: $schema="))
            line.erase(0, 2);
        out += line + '\n';
    }
    return out;
}

const std::string shipped = REPLMOND_SOURCE_DIR "/config/replmond.yaml";

TEST(ConfigExample, IsValidAsItStands) {
    const load_outcome outcome = load_file(shipped, system_lookup());
    EXPECT_THAT(messages(outcome), IsEmpty());
    ASSERT_TRUE(outcome.loaded);
    EXPECT_THAT(outcome.loaded->projects, IsEmpty());
    EXPECT_EQ(outcome.loaded->directory, REPLMOND_SOURCE_DIR "/config");
    EXPECT_EQ(outcome.loaded->state.path, "/var/lib/replmond/state.db");
    const settings defaults;
    EXPECT_EQ(outcome.loaded->poll.interval, defaults.poll.interval); // it says that it repeats them
    EXPECT_EQ(outcome.loaded->poll.timeout, defaults.poll.timeout);
    EXPECT_EQ(outcome.loaded->poll.page_size, defaults.poll.page_size);
    EXPECT_EQ(outcome.loaded->poll.concurrency, defaults.poll.concurrency);
    EXPECT_EQ(outcome.loaded->poll.stale_after, defaults.poll.stale_after);
    EXPECT_EQ(outcome.loaded->alerts.repeat_interval, defaults.alerts.repeat_interval);
    EXPECT_EQ(outcome.loaded->state.retention, defaults.state.retention);
}

TEST(ConfigExample, IsValidWithItsExamples) {
    lookup anything;
    anything.read_file = [](const std::string& path) {
        return file_outcome{path.ends_with(".pem") ? read_sample_file("ca.pem") : "hunter2\n", {}};
    };
    anything.environment = [](const std::string& name) {
        const std::map<std::string, std::string> variables{
            {"REPLMOND_PASSWORD", "hunter2"},
            {"HC_CONTAINER_CREDENTIALS_FULL_URI", "http://169.254.0.1/v1/credentials"},
            {"HC_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/run/pod/token"}};
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional(found->second);
    };
    const load_outcome outcome = load_text(with_examples(read_sample(shipped)), "example", anything);
    EXPECT_THAT(messages(outcome), IsEmpty());
    ASSERT_TRUE(outcome.loaded);
    EXPECT_EQ(outcome.loaded->projects.size(), std::variant_size_v<auth_settings>);
    EXPECT_EQ(outcome.loaded->instances.size(), 2u);
    EXPECT_THAT(outcome.warnings, IsEmpty());
}

} // namespace

} // namespace replmond::config
