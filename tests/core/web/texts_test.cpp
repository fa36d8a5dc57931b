#include "daemon/core/model/condition.hpp"
#include "daemon/core/model/task.hpp"
#include "daemon/core/web/assets.hpp"
#include "daemon/core/web/texts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace replmond::web {
namespace {

using ::testing::UnorderedElementsAreArray;

std::vector<std::string> matches_of(const std::string& text, const std::string& pattern) {
    const std::regex wanted(pattern);
    std::vector<std::string> found;
    for (std::sregex_iterator at(text.begin(), text.end(), wanted), end; at != end; ++at)
        found.push_back(at->str(1));
    return found;
}

std::string unescaped(std::string text) {
    for (std::size_t at = 0; (at = text.find("\\\"", at)) != std::string::npos; ++at)
        text.erase(at, 1);
    return text;
}

std::size_t placeholders(std::string_view text) {
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '{'));
}

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

TEST(PageTexts, EachHasItsTranslation) {
    std::set<std::string_view> seen;
    for (const page_text& each : page_texts()) {
        EXPECT_TRUE(seen.insert(each.english).second) << each.english << ": twice";
        EXPECT_FALSE(each.chinese.empty()) << each.english;
        EXPECT_EQ(placeholders(each.english), placeholders(each.chinese)) << each.english;
        EXPECT_TRUE(each.english == "UTC" || !is_ascii(each.chinese)) << each.english << ": not Chinese";
    }
}

// All that the sources show through the table, found in their text.
TEST(PageTexts, EveryWordOfThePagesIsInTheTable) {
    std::set<std::string_view> known;
    for (const page_text& each : page_texts())
        known.insert(each.english);
    const std::filesystem::path folder = std::string(REPLMOND_SOURCE_DIR) + "/daemon/core/web";
    std::size_t found = 0;
    for (const auto& file : std::filesystem::directory_iterator(folder)) {
        if (file.path().extension() != ".cpp" || file.path().filename() == "texts.cpp")
            continue;
        std::ostringstream text;
        text << std::ifstream(file.path()).rdbuf();
        const std::string literal = R"re("((?:[^"\\]|\\.)+)")re";
        for (const std::string& call :
             {std::string("[.>]words\\(\\s*"), std::string("label\\(\\s*"),
              std::string("translated\\([\\w.()]+,\\s*"), std::string("span_words\\(\"[^\"]*\",\\s*"),
              std::string("append_(?:words|fact|time|text)\\(\\w+,\\s*"),
              std::string("append_column\\(out, query,\\s*"), std::string("counted\\(in, [\\w.]+,\\s*"),
              std::string("add\\([^,;]+,\\s*")}) {
            for (const std::string& used : matches_of(text.str(), call + literal)) {
                ++found;
                EXPECT_TRUE(known.contains(unescaped(used))) << file.path().filename() << ": " << used;
            }
        }
    }
    EXPECT_GT(found, 100U);
    for (const condition each : all_conditions)
        EXPECT_TRUE(known.contains(to_string(each))) << to_string(each);
    for (const poll_result each : all_poll_results)
        EXPECT_TRUE(known.contains(to_string(each))) << to_string(each);
    for (const stage each : all_stages)
        EXPECT_TRUE(known.contains(to_string(each))) << to_string(each);
}

std::string source_of(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(REPLMOND_SOURCE_DIR "/" + path).rdbuf();
    return text.str();
}

// The messages of the events that the pages show: literals of several words, with none of their placeholders.
TEST(PageTexts, EveryMessageOfAStoredEventIsInTheTable) {
    std::set<std::string_view> known;
    for (const page_text& each : page_texts())
        known.insert(each.english);
    const std::set<std::string> elsewhere{
        // an error_msg
        "the task has no single database of its own; name its table under lag.tasks",
        // events that are not stored
        "the instances of the project cannot be listed; replmond keeps those that it knew before",
        "the instances of the project can be listed again"};
    std::size_t found = 0;
    for (const char* path : {"daemon/core/tracking/task_events.cpp", "daemon/core/lag/lag_tracker.cpp",
                             "daemon/core/tracking/failure_reporter.cpp"}) {
        const std::string joined = std::regex_replace(source_of(path), std::regex("\"\\s*\\n\\s*\""), "");
        for (const std::string& message : matches_of(joined, R"re("([A-Za-z][^"{}\n\\]* [^"{}\n\\]*)")re")) {
            found += known.contains(message) ? 1U : 0U;
            EXPECT_TRUE(known.contains(message) || elsewhere.contains(message)) << path << ": " << message;
        }
    }
    EXPECT_EQ(found, 27U);
}

TEST(PageTexts, TheScriptHasTheOnesThatItShows) {
    const std::string script(find_asset("script.js")->content);
    std::set<std::string> used;
    for (const std::string& arguments : matches_of(script, R"re(\bsay\(((?:[^()"]|"[^"]*")*)\))re")) {
        for (const std::string& text : matches_of(arguments, R"re("([^"]*)")re"))
            used.insert(text);
    }
    EXPECT_THAT(std::vector<std::string>(used.begin(), used.end()),
                UnorderedElementsAreArray(script_texts().begin(), script_texts().end()));
    const std::string json = script_texts_json(language::chinese);
    EXPECT_EQ(json.find('<'), std::string::npos);
    EXPECT_NE(json.find("\"Pause updates\":\"暂停刷新\""), std::string::npos) << json;
    for (const std::string_view text : script_texts())
        EXPECT_NE(translated(language::chinese, text), "") << text;
}

TEST(PageTexts, ATextThatTheTableLacksStaysEnglish) {
    EXPECT_EQ(translated(language::chinese, "no such text"), "no such text");
    EXPECT_EQ(translated(language::english, "Tasks"), "Tasks");
    EXPECT_EQ(translated(language::chinese, "Tasks"), "数据同步任务");
    EXPECT_EQ(translated(language::chinese, "{} instances of {}", 3, "prod"), "prod 的 3 个实例");
}

} // namespace
} // namespace replmond::web
