#include "daemon/core/web/json_objects.hpp"
#include "tests/support/wire.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace replmond::web {
namespace {

using std::chrono_literals::operator""min;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

const timestamp read_at{milliseconds(1'800'014'400'007)}; // 2027-01-15T12:00:00.007Z
const metrics::render_context at_noon{read_at, 15min};

const std::string whose = R"("project":"prod","starrocks_instance":"orders",)"
                          R"("instance_id":"0123456789abcdef0123456789abcdefin17",)";

instance_state new_instance() {
    instance_state state;
    state.identity.project = "prod";
    state.identity.region = "ap-southeast-3";
    state.identity.name = "orders";
    state.identity.id = "0123456789abcdef0123456789abcdefin17";
    state.interval = 15s;
    return state;
}

task_state task_of(const std::string& fields) {
    task_state task;
    task.reading = test::make_task(fields);
    return task;
}

std::string object_of(const task_state& task, const metrics::render_context& context = at_noon) {
    std::string json;
    append_task_object(json, new_instance(), task, context);
    return json;
}

std::string object_of(const instance_state& state) {
    std::string json;
    append_instance_object(json, state, add_up(state, {{at_noon.now, at_noon.now}, at_noon.stale_after}));
    return json;
}

TEST(TaskObject, HasEverythingThatIsKnown) {
    task_state task = task_of(R"("task_name": "t", "source_database": "shop", "target_database": "shop_sr",
        "status": "No", "stage": "Incremental", "percentage": 42.5, "catchup_stage": "Full",
        "catchup_percentage": "7%", "is_need_repair": true, "is_main_task": true)");
    task.stage_changed = read_at - 2s;
    task.status_changed = read_at - 1s;
    task.progress_changed = read_at;
    task.abnormal_since = read_at - 1s;
    task.reason.text = "disk \"full\"";
    EXPECT_EQ(object_of(task),
              "{" + whose +
                  R"("task":"t","source_database":"shop","target_database":"shop_sr","main_task":true,)"
                  R"("status":"no","stage":"incremental","percentage":42.5,"catchup_stage":"full",)"
                  R"("catchup_percentage":7,"needs_repair":true,"reason":"disk \"full\"",)"
                  R"("stage_changed":"2027-01-15T11:59:58.007Z","status_changed":"2027-01-15T11:59:59.007Z",)"
                  R"("progress_changed":"2027-01-15T12:00:00.007Z",)"
                  R"("abnormal_since":"2027-01-15T11:59:59.007Z","stale":false})");
}

TEST(TaskObject, LeavesOutWhatIsNotKnown) {
    EXPECT_EQ(object_of(task_of(R"("task_name": "t")")),
              "{" + whose + R"("task":"t","stage":"unknown","stale":false})");
}

TEST(TaskObject, GivesTheCloudsWordOfAnUnknownStage) {
    EXPECT_EQ(object_of(task_of(R"("task_name": "t", "stage": "Warp", "status": "yes")")),
              "{" + whose +
                  R"("task":"t","status":"yes","stage":"unknown","stage_raw":"Warp","stale":false})");
}

TEST(TaskObject, IsStaleWhenItsSeriesAreGone) {
    task_state task = task_of(R"("task_name": "t")");
    const auto end = [&](milliseconds unseen) {
        task.unseen_since = read_at - unseen;
        const std::string object = object_of(task);
        return object.substr(object.rfind("\"unseen_since"));
    };
    EXPECT_EQ(end(15min - 1ms), R"("unseen_since":"2027-01-15T11:45:00.008Z","stale":false})");
    EXPECT_EQ(end(15min), R"("unseen_since":"2027-01-15T11:45:00.007Z","stale":true})");
}

TEST(InstanceObject, BeforeTheFirstPoll) {
    EXPECT_EQ(object_of(new_instance()),
              "{" + whose + R"("region":"ap-southeast-3","discovered":false,"interval":15})");
}

TEST(InstanceObject, AfterAPoll) {
    instance_state state = new_instance();
    for (const char* fields : {R"("task_name": "a", "stage": "Incremental", "status": "Yes")",
                               R"("task_name": "b", "stage": "incremental", "status": "No")",
                               R"("task_name": "c", "stage": "full", "is_need_repair": true)"}) {
        const task_state task = task_of(fields);
        state.tasks.emplace(task.reading.name, task);
    }
    state.tasks.at("c").unseen_since = read_at - 16min;
    state.task_count = 3;
    state.last_result = poll_result::success;
    state.last_poll = state.last_success = read_at;
    state.last_duration = 125ms;
    state.next_poll = read_at + 15s;
    EXPECT_EQ(object_of(state),
              "{" + whose +
                  R"("region":"ap-southeast-3","discovered":false,"tasks":3,)"
                  R"("stages":{"wait":0,"full":1,"incremental":2,"paused":0,"cancelled":0,"unknown":0},)"
                  R"("abnormal":1,"needs_repair":1,"behind":0,"no_progress":0,"status_unknown":1,"stale":1,)"
                  R"("lag_unknown":0,"gone":0,"wrong":2,)"
                  R"("result":"success","last_poll":"2027-01-15T12:00:00.007Z",)"
                  R"("last_success":"2027-01-15T12:00:00.007Z","next_poll":"2027-01-15T12:00:15.007Z",)"
                  R"("interval":15,"duration":0.125})");
}

TEST(InstanceObject, WithoutTasksIsNotTheSameAsNotKnown) {
    instance_state state = new_instance();
    state.task_count = 0;
    state.last_result = poll_result::success;
    EXPECT_NE(object_of(state).find(R"("tasks":0,"stages":{"wait":0)"), std::string::npos);
}

TEST(InstanceObject, SaysWhyThePollFailed) {
    instance_state state = new_instance();
    state.discovered = true;
    state.last_result = poll_result::http;
    state.last_poll = read_at;
    failure why;
    why.result = poll_result::http;
    why.http_status = 403;
    why.error_code = "DBS.200022";
    why.error_msg = "no <permission>";
    why.request_id = "r-1";
    state.last_failure = why;
    EXPECT_EQ(object_of(state),
              "{" + whose +
                  R"("region":"ap-southeast-3","discovered":true,"result":"http",)"
                  R"("last_poll":"2027-01-15T12:00:00.007Z","interval":15,"duration":0,"http_status":403,)"
                  R"("error_code":"DBS.200022","error_msg":"no <permission>","request_id":"r-1"})");
}

TEST(InstanceObject, OfAFailureWithoutAnAnswerHasItsTextAlone) {
    instance_state state = new_instance();
    state.last_result = poll_result::timeout;
    state.last_failure.emplace().error_msg = "no answer";
    EXPECT_EQ(object_of(state), "{" + whose +
                                    R"("region":"ap-southeast-3","discovered":false,"result":"timeout",)"
                                    R"("interval":15,"duration":0,"error_msg":"no answer"})");
}

// Names and texts come from the cloud: whatever they hold, the object stays one, with the keys it has.
TEST(TaskObject, StaysWholeWhateverTheNamesHold) {
    for (const std::string& name : std::vector<std::string>{
             "\"", "\\", "a\nb", "</script>", "\x01", "\xE2\x80\xA8", "任务", "\",\"stale\":true,\"x\":\""}) {
        task_state task = task_of(R"("task_name": "t")");
        task.reading.name = name;
        task.reading.source_database = name;
        task.reason.text = name;
        const auto parsed = boost::json::parse(object_of(task));
        EXPECT_EQ(parsed.at("task").as_string(), name);
        EXPECT_EQ(parsed.at("reason").as_string(), name);
        EXPECT_EQ(parsed.as_object().size(), 8U);
    }
    task_state broken = task_of(R"("task_name": "t")");
    broken.reason.text = "\xFF";
    EXPECT_EQ(boost::json::parse(object_of(broken)).at("reason").as_string(), "\u00FF");
}

} // namespace
} // namespace replmond::web
