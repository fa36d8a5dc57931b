#include "daemon/cloud/configuration.hpp"
#include "daemon/cloud/targets.hpp"

#include <gtest/gtest.h>

namespace replmond::cloud {
namespace {

TEST(Configuration, ErrorTextIsWhatIsThere) {
    struct row {
        const char* body;
        std::optional<std::string> text;
    };
    const std::vector<row> table{
        {R"({})", std::nullopt},
        {R"({"error_msg": null, "last_error_of_alter_table": ""})", std::nullopt},
        {R"({"error_msg": "binlog is gone"})", "binlog is gone"},
        {R"({"last_error_of_alter_table": "no such column"})", "no such column"},
        {R"({"error_msg": "a", "last_error_of_alter_table": "b"})", "a; b"},
        {R"({"error_msg": "a", "last_error_of_alter_table": "a"})", "a"},
        {R"({"error_msg": 7, "last_error_of_alter_table": "b", "is_tables_change": false})", "b"},
    };
    for (const row& r : table) {
        SCOPED_TRACE(r.body);
        const auto read = decode_configuration(r.body);
        ASSERT_TRUE(read);
        EXPECT_EQ(read->error_text(), r.text);
    }
}

TEST(Configuration, RefusesWhatIsNoObject) {
    for (const char* body : {"", "[]", "null", "<html>", "{\"error_msg\": \"\xff\"}"}) {
        const auto read = decode_configuration(body);
        ASSERT_FALSE(read) << body;
        EXPECT_EQ(read.error().result, poll_result::protocol);
    }
}

TEST(Configuration, CutsLongTextsBetweenCharacters) {
    std::string text;
    while (text.size() < 2000)
        text += "错误";
    const auto read = decode_configuration(R"({"error_msg": ")" + text + R"("})");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->error_text(), text.substr(0, 1023)); // three bytes a character
}

TEST(Configuration, TargetEncodesTheName) {
    EXPECT_EQ(
        configuration_target("p", {"i", "a b/订&="}),
        "/v3/p/instances/i/starrocks/databases/replication/configuration?task_name=a%20b%2F%E8%AE%A2%26%3D");
}

} // namespace
} // namespace replmond::cloud
