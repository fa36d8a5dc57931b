#include "daemon/core/terminal/task_details.hpp"

#include <gtest/gtest.h>

namespace replmond::terminal {
namespace {

shown_task sample() {
    shown_task task;
    task.instance.project = "prod";
    task.instance.name = "orders";
    task.instance.id = "0a1b2c3d4e5f60718293a4b5c6d7e8f9in17";
    task.listed.emplace();
    task.listed->name = "t1";
    task.listed->source_database = "orders";
    task.listed->status = status::no;
    task.listed->stage = stage::full;
    task.listed->percentage = 42.5;
    task.details.emplace();
    task.details->target_database = "orders_sr";
    task.details->source_instance_id = "s1";
    task.details->tables = {{"failed", 1}, {"success", 12}};
    task.details->errors.error_msg = "binlog\x1b[2J is\ngone";
    return task;
}

TEST(TaskDetailsText, LinesWithoutWhatIsNotKnown) {
    EXPECT_EQ(describe("t1", sample()), "task:            t1\n"
                                        "instance:        orders (0a1b2c3d4e5f60718293a4b5c6d7e8f9in17)\n"
                                        "project:         prod\n"
                                        "source database: orders\n"
                                        "target database: orders_sr\n"
                                        "status:          ABNORMAL\n"
                                        "stage:           full\n"
                                        "progress:        42.5%\n"
                                        "catch-up:        -\n"
                                        "source instance: s1\n"
                                        "table checks:    1 failed, 12 success\n"
                                        "error:           binlog\\x1b[2J is\\ngone\n");
}

TEST(TaskDetailsText, JsonIsTheTasksObjectWithItsConfiguration) {
    EXPECT_EQ(
        describe_as_json("t1", sample(), timestamp()),
        R"({"project":"prod","starrocks_instance":"orders",)"
        R"("instance_id":"0a1b2c3d4e5f60718293a4b5c6d7e8f9in17","task":"t1","source_database":"orders",)"
        R"("status":"no","stage":"full","percentage":42.5,"reason":"binlog\u001b[2J is\u000agone",)"
        R"("stale":false,"configuration":{"source_instance_id":"s1","target_database":"orders_sr",)"
        R"("error_msg":"binlog\u001b[2J is\u000agone","table_checks":{"failed":1,"success":12}}})");
}

TEST(TaskDetailsText, CountsOfChecksHaveSuccessLast) {
    const auto checks = [](cloud::check_counts counts) {
        shown_task task;
        task.details.emplace().parameters = std::move(counts);
        const std::string text = describe("t", task);
        const std::string key = "parameter checks: ";
        const std::size_t at = text.find(key);
        return at == std::string::npos ? "" : text.substr(at + key.size());
    };
    EXPECT_EQ(checks({{"success", 12}, {"unknown", 2}, {"failed", 1}}), "1 failed, 2 unknown, 12 success\n");
    EXPECT_EQ(checks({{"failed", 1}}), "1 failed\n");
    EXPECT_EQ(checks({{"success", 12}}), "12 success\n");
    EXPECT_EQ(checks({}), "");
}

TEST(TaskDetailsText, JsonWithoutAConfigurationIsTheTasksObject) {
    shown_task task = sample();
    task.details.reset();
    const std::string json = describe_as_json("t1", task, timestamp());
    EXPECT_TRUE(json.ends_with(R"("percentage":42.5,"stale":false})")) << json;
}

} // namespace
} // namespace replmond::terminal
