#include "daemon/store/event_rows.hpp"

#include <gtest/gtest.h>

namespace replmond::store {
namespace {

using std::string_literals::operator""s;

TEST(EventFields, ReadBackAsTheyWere) {
    const std::vector<std::pair<const char*, event_fields>> table{
        {"none", {}},
        {"a word", {{"stage", "full"s}}},
        {"an empty word", {{"stage", ""s}}},
        {"numbers keep their digits",
         {{"a", decimal{"42.50"}}, {"b", decimal{"-0"}}, {"c", decimal{"1e+21"}}, {"d", decimal{"0.1"}}}},
        {"large numbers",
         {{"a", decimal{"18446744073709551615"}}, {"b", decimal{"123456789012345678901234567890"}}}},
        {"booleans", {{"a", true}, {"b", false}}},
        {"order and a key that stands twice", {{"b", "1"s}, {"a", "2"s}, {"b", "3"s}}},
        {"words that look like something else", {{"a", "true"s}, {"b", "1"s}, {"c", "null"s}, {"d", "{}"s}}},
        {"quoting", {{"a\"\\", "\"\\\n\r\t\x1F\x7F/ \0z"s}}},
        {"not ASCII", {{"任", "务 \xF0\x9F\x98\x80 \xC2\x85 \xE2\x80\xA8"s}}},
        {"no UTF-8", {{"a", "\xFF \xC0\x8A \xED\xA0\x80 cut \xE4\xBB"s}}},
        {"long", {{"a", std::string(100'000, 'x') + '"'}}},
    };
    for (const auto& [what, fields] : table) {
        const std::string json = to_json(fields);
        const auto back = parse_fields(json);
        ASSERT_TRUE(back.has_value()) << what << ": " << json;
        EXPECT_EQ(*back, fields) << what << ": " << json;
    }
}

TEST(EventFields, AreJson) {
    EXPECT_EQ(to_json({{"a", "x\n"s}, {"b", decimal{"1.50"}}, {"c", true}}),
              R"({"a":"x\n","b":1.50,"c":true})");
}

TEST(EventFields, NothingElseIsRead) {
    for (const char* text :
         {"", "{", "[]", "1", "{\"a\":null}", "{\"a\":[1]}", "{\"a\":{}}", "{\"a\":1} x", "{\"a\":}", "null"})
        EXPECT_EQ(parse_fields(text), std::nullopt) << text;
}

} // namespace
} // namespace replmond::store
