#include "daemon/core/config/yaml_tree.hpp"

#include <gtest/gtest.h>

namespace replmond::config {
namespace {

using node_kind = yaml_node::kind;

std::string repeated(std::string_view part, std::size_t times) {
    std::string text;
    for (std::size_t i = 0; i < times; ++i)
        text += part;
    return text;
}

std::string only_problem(std::string_view text) {
    const yaml_outcome outcome = parse_yaml(text);
    EXPECT_EQ(outcome.root, nullptr);
    return outcome.problems.size() == 1 ? to_string("f", outcome.problems.front()) : "not one problem";
}

TEST(ConfigYaml, KeepsPositionsOfKeysAndValues) {
    const yaml_outcome outcome = parse_yaml("a:\n  - x\n  - {b: \"c\"}\n");
    ASSERT_NE(outcome.root, nullptr);
    const yaml_member& a = outcome.root->members.at(0);
    EXPECT_EQ(a.at.line, 1);
    EXPECT_EQ(a.value->items.at(0)->at.line, 2);
    EXPECT_EQ(a.value->items.at(0)->at.column, 5);
    const yaml_member& b = a.value->items.at(1)->members.at(0);
    EXPECT_EQ(b.at.column, 6);
    EXPECT_EQ(b.value->at.column, 9);
    EXPECT_TRUE(b.value->is_quoted);
    EXPECT_FALSE(a.value->items.at(0)->is_quoted);
}

TEST(ConfigYaml, CountsColumnsInCharacters) {
    EXPECT_EQ(parse_yaml("{任务: ä, b: c}").root->members.at(1).at.column, 9);
    EXPECT_EQ(only_problem("# ä任\xFF"), "f:1:5: not valid UTF-8");
}

TEST(ConfigYaml, TakesWindowsLineEndsAndAByteOrderMark) {
    const yaml_outcome outcome = parse_yaml("\xEF\xBB\xBF"
                                            "a: 1\r\nb: 2\r\n");
    ASSERT_NE(outcome.root, nullptr);
    EXPECT_EQ(outcome.root->members.at(0).at.column, 1);
    EXPECT_EQ(outcome.root->members.at(0).value->text, "1");
    EXPECT_EQ(outcome.root->members.at(1).at.line, 2);
    EXPECT_EQ(outcome.root->members.at(1).value->text, "2");
}

TEST(ConfigYaml, TakesAnEmptyDocument) {
    for (const char* text : {"", "\n\n", "# nothing\n", "---\n", "---\n...\n", "~"}) {
        const yaml_outcome outcome = parse_yaml(text);
        EXPECT_TRUE(outcome.problems.empty()) << text;
        EXPECT_TRUE(outcome.root == nullptr || outcome.root->what == node_kind::null) << text;
    }
}

TEST(ConfigYaml, FollowsAliases) {
    const yaml_outcome outcome = parse_yaml("a: &x {k: v}\nb: *x\n");
    ASSERT_NE(outcome.root, nullptr);
    EXPECT_EQ(outcome.root->members.at(1).value->members.at(0).value->text, "v");
}

TEST(ConfigYaml, FindsQuotesThatAreNeverClosed) {
    const std::string message = "never closed";
    for (const char* text : {"a: 'x\n", "a: \"x\nb: 1\n", "a: 'it''s\n", "a: \"x\\\"\n", "{a: 'x",
                             "a: !!str 'x\n", "a: &n \"x", "'", "\""})
        EXPECT_NE(only_problem(text).find(message), std::string::npos)
            << text << " gave " << only_problem(text);
    for (const char* text :
         {"a: 'it''s'\n", "a: \"\\\"\"\n", "a: ''\n", "a: !!str 'x'\n", "a: |\n  'x\n", "'x'"})
        EXPECT_TRUE(parse_yaml(text).problems.empty()) << text;
}

TEST(ConfigYaml, EndsAtDeepNesting) {
    for (const char* part : {"[", "{", "- ", "? ", ": ", "[{", "{a: ", "[a, ", "- - ", "{? ", "[? ", "- ? "})
        EXPECT_NE(only_problem(repeated(part, 100'000)).find("nested more than 32 levels deep"),
                  std::string::npos)
            << part << " gave " << only_problem(repeated(part, 100'000));
}

TEST(ConfigYaml, SurvivesRepeatedNonsense) {
    for (const char* part :
         {"!a ", "&a ", "*a ", ",",      "---\n", "...\n", "%",     "|\n",   ">", "'",    "\"",      "\t",
          "]",   "}",   "[]",  "a: b\n", "a: ",   "!<a> ", "? a\n", ": a\n", "#", "\r\n", "<<: *a\n"})
        static_cast<void>(parse_yaml(repeated(part, 20'000)));
}

TEST(ConfigYaml, RefusesLargeTexts) {
    EXPECT_TRUE(parse_yaml(repeated("#", largest_yaml)).problems.empty());
    EXPECT_EQ(only_problem(repeated("#", largest_yaml + 1)), "f: larger than 1024 KiB");
}

TEST(ConfigYaml, RefusesControlCharacters) {
    EXPECT_EQ(only_problem(std::string_view("a: \0", 4)), "f:1:4: control character U+0000 is not allowed");
    EXPECT_EQ(only_problem("a: 1\n\x04"), "f:2:1: control character U+0004 is not allowed");
    EXPECT_EQ(only_problem("a: 1\rb: 2"), "f:1:5: control character U+000D is not allowed");
}

} // namespace
} // namespace replmond::config
