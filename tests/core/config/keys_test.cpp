// The tables of keys against the readers: what the tables say of a key is what a file may say.
#include "daemon/core/config/dump.hpp"
#include "daemon/core/config/keys.hpp"
#include "daemon/core/config/load.hpp"
#include "daemon/core/config/values.hpp"
#include "tests/core/config/samples.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <charconv>
#include <optional>
#include <set>

namespace replmond::config {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::vector<const key_section*>& all_sections() {
    static const std::vector<const key_section*> sections{
        &root_keys(),      &poll_keys(),           &alert_keys(),     &state_keys(),
        &project_keys(),   &auth_keys(),           &instance_keys(),  &lag_keys(),
        &discovery_keys(), &discovered_lag_keys(), &lag_source_keys()};
    return sections;
}

std::string required_part(const key_section& section, std::string_view without, std::string_view auth_type);

// A value that is right in the made-up world of sample_lookup().
std::string good_value(const config_key& key) {
    if (key.type == value_type::section)
        return '{' + required_part(*key.section, "", "aksk") + '}';
    if (key.type == value_type::sections)
        return "[]";
    if (key.type == value_type::secret)
        return "hunter2";
    return key.name == "ca_file" ? "ca.pem" : std::string(key.example);
}

// The required keys of a section, but for one.
std::string required_part(const key_section& section, std::string_view without, std::string_view auth_type) {
    std::string text;
    for (const config_key& key : section.keys()) {
        const bool is_of_type = key.auth_type.empty() || key.auth_type == auth_type;
        if (!key.is_required || !is_of_type || key.name == without)
            continue;
        text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", key.name,
                            &section == &auth_keys() && key.name == "type" ? auth_type : good_value(key));
    }
    return text;
}

// A whole file around the text of one section.
std::string file_with(const key_section& section, const std::string& text) {
    const std::string project = "name: prod, region: r, project_id: x, auth: ";
    const std::string projects = "projects: [{" + project + "{type: default}";
    const std::string instance = projects + "}], instances: [{id: 0123456789abcdef0123456789abcdefin17, ";
    const std::string_view path = section.path();
    if (path.empty())
        return '{' + text + '}';
    if (path == "projects[]")
        return "{projects: [{" + text + "}]}";
    if (path == "projects[].auth")
        return "{projects: [{" + project + '{' + text + "}}]}";
    if (path == "projects[].discover")
        return '{' + projects + ", discover: {" + text + "}}]}";
    if (path == "projects[].discover.lag")
        return '{' + projects + ", discover: {lag: {" + text + "}}}]}";
    if (path == "instances[]")
        return '{' + projects + "}], instances: [{" + text + "}]}";
    if (path == "instances[].lag")
        return '{' + instance + "lag: {" + text + "}}]}";
    if (path == "instances[].lag.source")
        return '{' + instance + "lag: {" + required_part(lag_keys(), "", "") + ", source: {" + text + "}}}]}";
    return fmt::format("{{{}: {{{}}}}}", path, text);
}

// The file with one key, named in one of its forms, beside those that the section requires.
std::string file_with(const key_section& section, const config_key& key, std::string_view name,
                      std::string_view value) {
    const std::string_view type = key.auth_type.empty() ? "aksk" : key.auth_type;
    const std::string others = required_part(section, key.name, type);
    return file_with(section, fmt::format("{}{}{}: {}", others, others.empty() ? "" : ", ", name, value));
}

// The made-up world, in a pod and with an identity provider.
lookup pod_world() {
    lookup from = sample_lookup();
    from.environment = [more = from.environment](const std::string& name) -> std::optional<std::string> {
        if (name == "HC_CONTAINER_CREDENTIALS_FULL_URI")
            return "http://127.0.0.1:81/v1";
        const bool is_token = name == "HC_CONTAINER_AUTHORIZATION_TOKEN_FILE";
        return is_token || name.starts_with("HUAWEICLOUD_SDK_ID") ? "/etc/test/good" : more(name);
    };
    return from;
}

std::string problems_of(const std::string& file) {
    std::string text;
    for (const std::string& line : messages(load_text(file, "f", pod_world())))
        text += line + '\n';
    return text;
}

template<class F>
void for_each_key(F&& look) {
    for (const key_section* section : all_sections()) {
        for (const config_key& key : section->keys()) {
            SCOPED_TRACE(fmt::format("{}.{}", section->path(), key.name));
            look(*section, key);
        }
    }
}

TEST(ConfigKeys, ExamplesAndEveryFormOfASecretAreTaken) {
    for_each_key([](const key_section& section, const config_key& key) {
        EXPECT_THAT(problems_of(file_with(section, key, key.name, good_value(key))), IsEmpty());
        if (key.type != value_type::secret)
            return;
        EXPECT_THAT(problems_of(file_with(section, key, key.file_key, "good")), IsEmpty());
        EXPECT_THAT(problems_of(file_with(section, key, key.environment_key, "TEST_GOOD")), IsEmpty());
    });
}

TEST(ConfigKeys, DefaultsHoldWhereTheKeyIsLeftOut) {
    for_each_key([](const key_section& section, const config_key& key) {
        if (key.default_value.empty())
            return;
        const auto written =
            load_text(file_with(section, key, key.name, key.default_value), "f", pod_world()).loaded;
        const auto left_out =
            load_text(file_with(section, required_part(section, "", "aksk")), "f", pod_world()).loaded;
        ASSERT_TRUE(written && left_out);
        EXPECT_EQ(*written, *left_out);
    });
}

// A key that is allowed and that no reader looks at would be taken with any value.
TEST(ConfigKeys, NoKeyIsIgnored) {
    for_each_key([](const key_section& section, const config_key& key) {
        std::vector<std::string_view> names{key.name};
        if (key.type == value_type::secret)
            names.insert(names.end(), {key.file_key, key.environment_key});
        for (const std::string_view name : names)
            EXPECT_THAT(problems_of(file_with(section, key, name, "[[]]")), HasSubstr(std::string(name)))
                << name;
    });
}

TEST(ConfigKeys, RequiredKeysAreRequired) {
    for_each_key([](const key_section& section, const config_key& key) {
        const std::string_view type = key.auth_type.empty() ? "aksk" : key.auth_type;
        const std::string said = problems_of(file_with(section, required_part(section, key.name, type)));
        if (key.is_required) {
            EXPECT_THAT(said, HasSubstr(std::string(key.name)));
        } else {
            EXPECT_THAT(said, IsEmpty());
        }
    });
}

TEST(ConfigKeys, OnlySomeMayBeEmpty) {
    for_each_key([](const key_section& section, const config_key& key) {
        const std::string said = problems_of(file_with(section, key, key.name, "~"));
        EXPECT_EQ(said.empty(), key.may_be_empty) << said;
    });
}

TEST(ConfigKeys, EveryWordIsTakenAndShown) {
    for_each_key([](const key_section& section, const config_key& key) {
        EXPECT_EQ(key.type == value_type::choice, !key.words.empty());
        for (const std::string_view word : key.words) {
            const bool is_type = &section == &auth_keys();
            const std::string file = is_type ? file_with(section, required_part(section, "", word))
                                             : file_with(section, key, key.name, word);
            const load_outcome outcome = load_text(file, "f", pod_world());
            EXPECT_THAT(messages(outcome), IsEmpty());
            dumping all(outcome.loaded.value_or(settings()));
            while (!all.step()) {
            }
            EXPECT_THAT(all.text(), HasSubstr(fmt::format("{}: {}\n", key.name, word)));
        }
    });
}

TEST(ConfigKeys, RangesEndWhereTheTableSays) {
    for_each_key([](const key_section& section, const config_key& key) {
        const auto said_of = [&](const std::string& value) {
            return problems_of(file_with(section, key, key.name, value));
        };
        const bool has_range = key.type == value_type::duration || key.type == value_type::integer;
        EXPECT_EQ(has_range, !key.low.empty() && !key.high.empty());
        if (!has_range)
            return;
        EXPECT_THAT(said_of(std::string(key.low)), IsEmpty());
        EXPECT_THAT(said_of(std::string(key.high)), IsEmpty());
        if (key.type == value_type::integer) {
            EXPECT_THAT(said_of(std::to_string(integers_of(key).low - 1)), Not(IsEmpty()));
            EXPECT_THAT(said_of(std::to_string(integers_of(key).high + 1)), Not(IsEmpty()));
            return;
        }
        const auto low = parse_duration(key.low).value();
        const auto high = parse_duration(key.high).value();
        if (low.count() > 0) {
            EXPECT_THAT(said_of(format_duration(low - milliseconds(1))), Not(IsEmpty()));
        }
        EXPECT_THAT(said_of(format_duration(high + milliseconds(1))), Not(IsEmpty()));
    });
}

TEST(ConfigKeys, EveryRowIsWhole) {
    for_each_key([](const key_section& section, const config_key& key) {
        EXPECT_FALSE(key.meaning.english.empty());
        EXPECT_FALSE(key.meaning.chinese.empty());
        EXPECT_EQ(key.otherwise.english.empty(), key.otherwise.chinese.empty());
        // What holds without it is said exactly once.
        EXPECT_EQ(key.is_required + !key.default_value.empty() + !key.otherwise.english.empty(), 1);
        EXPECT_EQ(section.at(key.name).name, key.name);
        EXPECT_EQ(key.section != nullptr,
                  key.type == value_type::section || key.type == value_type::sections);
        EXPECT_EQ(key.section == nullptr, !key.example.empty());
        if (key.type == value_type::secret) {
            const std::string_view form = key.example.substr(0, key.example.find(':'));
            EXPECT_THAT((std::vector<std::string_view>{key.name, key.file_key, key.environment_key}),
                        Contains(form));
        }
        for (const std::string_view text : {key.meaning.english, key.meaning.chinese}) {
            EXPECT_EQ(text.find('|'), text.npos) << "it would end a cell of the page's table";
            EXPECT_THAT(std::string(text), testing::AnyOf(testing::EndsWith("."), testing::EndsWith("。")));
        }
    });
}

TEST(ConfigKeys, NoSectionHasAKeyTwice) {
    for (const key_section* section : all_sections()) {
        const auto names = section->names();
        EXPECT_EQ(std::set<std::string_view>(names.begin(), names.end()).size(), names.size())
            << section->path();
    }
}

TEST(ConfigKeys, AKeyThatNoTableHasIsAMistakeOfTheProgram) {
    EXPECT_THROW(static_cast<void>(poll_keys().at("intervall")), std::logic_error);
}

} // namespace
} // namespace replmond::config
