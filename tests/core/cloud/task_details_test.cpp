#include "daemon/core/cloud/endpoints.hpp"
#include "daemon/core/cloud/task_details.hpp"

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
    for (const std::size_t length : {1024U, 1025U})
        EXPECT_EQ(
            decode_configuration(R"({"error_msg": ")" + std::string(length, 'x') + R"("})")->error_text(),
            std::string(1024, 'x'));
}

TEST(Configuration, TargetEncodesTheName) {
    EXPECT_EQ(
        configuration_target("p", {"i", "a b/订&="}),
        "/v3/p/instances/i/starrocks/databases/replication/configuration?task_name=a%20b%2F%E8%AE%A2%26%3D");
}

TEST(TaskDetails, ReadsTheSdksNames) {
    const auto read = decode_task_details(R"({
        "source_instance_id": "s1", "source_node_id": "", "target_database_name": "orders_sr",
        "database_info": {"database_name": "orders",
            "db_config_check_results": [{"param_name": "a", "value": "1", "check_result": "success"}]},
        "table_infos": [{"table_name": "t1", "check_result": "success"},
                        {"table_name": "t2", "check_result": "Failed"},
                        {"table_name": "t3", "check_result": "success"}, {"table_name": "t4"}, 7],
        "is_tables_change": true, "is_instance_level_sync": "false", "database_repl_scope": "part",
        "error_msg": "binlog is gone", "last_error_of_alter_table": "no such column"})");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->source_instance_id, "s1");
    EXPECT_EQ(read->source_node_id, std::nullopt);
    EXPECT_EQ(read->source_database, "orders");
    EXPECT_EQ(read->target_database, "orders_sr");
    EXPECT_EQ(read->scope, "part");
    EXPECT_EQ(read->instance_level, false);
    EXPECT_EQ(read->tables_change, true);
    EXPECT_EQ(read->tables, (check_counts{{"failed", 1}, {"success", 2}, {"unknown", 2}}));
    EXPECT_EQ(read->parameters, (check_counts{{"success", 1}}));
    EXPECT_EQ(read->errors.error_msg, "binlog is gone");
    EXPECT_EQ(read->errors.last_error_of_alter_table, "no such column");
}

TEST(TaskDetails, ReadsTerraformsNames) {
    const auto read = decode_task_details(
        R"({"database_info": {"databaseName": "orders", "dbCfgCheckResults": [{"checkResult": "fail"}]}})");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->source_database, "orders");
    EXPECT_EQ(read->parameters, (check_counts{{"fail", 1}}));
}

TEST(TaskDetails, ReadsFlagsAndResultsAsWords) {
    const auto read = decode_task_details(
        R"({"is_tables_change": " TRUE\n", "is_instance_level_sync": false, "table_infos": [{"check_result": ")" +
        std::string(32, 'x') + R"("}, {"check_result": ")" + std::string(33, 'x') + R"("}]})");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->tables_change, true);
    EXPECT_EQ(read->instance_level, false);
    EXPECT_EQ(read->tables, (check_counts{{std::string(32, 'x'), 2}}));
}

TEST(TaskDetails, AnythingMayBeMissingOrOdd) {
    for (const char* body :
         {"{}", R"({"database_info": null, "table_infos": null})",
          R"({"database_info": [], "table_infos": {}, "is_tables_change": "perhaps"})",
          R"({"database_info": {"db_config_check_results": 3}, "source_instance_id": 1})"}) {
        const auto read = decode_task_details(body);
        ASSERT_TRUE(read) << body;
        EXPECT_EQ(read->source_instance_id, std::nullopt);
        EXPECT_EQ(read->tables_change, std::nullopt);
        EXPECT_TRUE(read->tables.empty());
    }
    for (const char* body : {"", "[]", "<html>"})
        EXPECT_FALSE(decode_task_details(body)) << body;
}

} // namespace

} // namespace replmond::cloud
