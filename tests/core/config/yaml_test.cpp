#include "daemon/core/config/yaml_tree.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

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
                             "a: !!str 'x\n", "a: &n \"x", "'", "\"", "a: 'it''"})
        EXPECT_NE(only_problem(text).find(message), std::string::npos)
            << text << " gave " << only_problem(text);
    for (const char* text :
         {"a: 'it''s'\n", "a: \"\\\"\"\n", "a: ''\n", "a: !!str 'x'\n", "a: |\n  'x\n", "'x'", "a: '\\'\n"})
        EXPECT_TRUE(parse_yaml(text).problems.empty()) << text;
    // The text ends where it ends, not where the memory behind it has a quote.
    EXPECT_NE(only_problem(std::string_view("a: 'x'", 5)).find(message), std::string::npos);
    EXPECT_TRUE(parse_yaml(std::string_view("'x''", 3)).problems.empty());
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
    EXPECT_EQ(parse_yaml(repeated("#", largest_yaml + 1)).problems.at(0),
              (problem{0, 0, "larger than 1024 KiB"}));
}

TEST(ConfigYaml, RefusesControlCharacters) {
    EXPECT_EQ(only_problem(std::string_view("a: \0", 4)), "f:1:4: control character U+0000 is not allowed");
    EXPECT_EQ(only_problem("a: 1\n\x04"), "f:2:1: control character U+0004 is not allowed");
    EXPECT_EQ(only_problem("a: 1\rb: 2"), "f:1:5: control character U+000D is not allowed");
    EXPECT_EQ(only_problem(std::string_view("a: 1\r\n", 5)),
              "f:1:5: control character U+000D is not allowed");
    EXPECT_EQ(only_problem("\x01"), "f:1:1: control character U+0001 is not allowed");
    EXPECT_EQ(only_problem("a: \x1F"), "f:1:4: control character U+001F is not allowed");
    EXPECT_EQ(only_problem("a: \x7F"), "f:1:4: control character U+007F is not allowed");
    EXPECT_TRUE(parse_yaml("a: 'x\t~'\n").problems.empty());
}

TEST(ConfigYaml, SaysWhatIsWrongInClearWords) {
    struct row {
        const char* text;
        const char* said;
    };
    const row table[] = {
        {"a:\n  b: 1\n c: 2\n", "3:2: not valid YAML: expected a key, indented like those above"},
        {"a: b: c\n",
         "1:5: not valid YAML: a colon is not expected here; quote text that has one, and indent keys alike"},
        {"a: *b\n", "1:4: not valid YAML: there is no such anchor; quote text that starts with *"},
        {"a: @x\n", "1:4: not valid YAML: unexpected character; quote text that starts with one of @ ` %"},
        {"a: [1", "1:6: not valid YAML: end of sequence flow not found"},
        {"a: \"\\z\"\n",
         "1:7: not valid YAML: unknown escape character"}, // which one is not said: it may be a secret's
        {"a:\n\tb: c: d\n", "2:3: not valid YAML: indent with spaces, not with tabs"},
        {"a:\n  b: c:\td\n",
         "2:7: not valid YAML: a colon is not expected here; quote text that has one, and indent keys alike"},
    };
    for (const row& r : table)
        EXPECT_EQ(only_problem(r.text), std::string("f:") + r.said) << r.text;
}

TEST(ConfigProblem, QuotesWhatIsShown) {
    const std::string whole(64, 'x');
    const std::vector<std::pair<std::string_view, std::string>> table{
        {"", R"("")"},
        {"a b", R"("a b")"},
        {"a\"b\\c", R"("a\"b\\c")"},
        {"\na\x1F\x7F", R"("\x0aa\x1f\x7f")"},
        {"\xC2\x80\xC2\x9F", R"("\x80\x9f")"},
        {"\xC2\xA0\xC3\x85", "\"\xC2\xA0\xC3\x85\""},
        {std::string_view("a\xC2\x80").substr(0, 2), "\"a\xC2\""},
        {std::string_view(whole), '"' + whole + '"'},
    };
    for (const auto& [text, shown] : table)
        EXPECT_EQ(config::quoted(text), shown);
    EXPECT_EQ(config::quoted(whole + 'x'), '"' + whole + "...\"");
    EXPECT_EQ(config::quoted(whole.substr(1) + "ä"), '"' + whole.substr(1) + "...\"");
}

TEST(ConfigProblem, FindsControlCharactersAnywhere) {
    for (const char* text : {"\n", "a\x1F", "\x7F", "a\xC2\x9F"})
        EXPECT_TRUE(has_control_character(text)) << text;
    for (const char* text : {"", "a b", "\xC2\xA0", "ä", "~"})
        EXPECT_FALSE(has_control_character(text)) << text;
}

} // namespace
} // namespace replmond::config
