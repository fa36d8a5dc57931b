#include "daemon/core/cloud/endpoints.hpp"
#include "daemon/core/cloud/task_change.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <type_traits>
#include <vector>

namespace replmond::cloud {

namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::string source = "0123456789abcdef0123456789abcdefin07";

create_request::fields good() {
    create_request::fields f;
    f.source_instance_id = source;
    f.source_database = "orders";
    f.target_database = "orders_sr";
    f.task_name = "orders_sync";
    return f;
}

std::vector<std::string> bad_fields(const create_request::fields& texts) {
    std::vector<std::string> fields;
    const auto made = create_request::from(texts);
    if (const auto* mistakes = std::get_if<std::vector<field_mistake>>(&made)) {
        for (const field_mistake& mistake : *mistakes)
            fields.push_back(mistake.field);
    }
    return fields;
}

TEST(TaskName, IsNeverEmptyNorBlank) {
    const std::string nul(1, '\0');
    for (const std::string text : {"", " ", "\t\n", "\x7f", "\xff", "a\xc3"})
        EXPECT_FALSE(task_name::from(text)) << text;
    EXPECT_FALSE(task_name::from(nul));
    for (const char* text : {"a", "订单同步", "two words", "-"})
        EXPECT_EQ(task_name::from(text)->text(), text);
}

// A moved-from string is empty: such a name would reach the wire.
TEST(TaskName, StaysWhatItIsWhenMovedFrom) {
    auto name = task_name::from("a name that is longer than what a string keeps in itself");
    const task_name other = std::move(*name);
    EXPECT_EQ(name->text(), other.text());
    static_assert(!std::is_default_constructible_v<task_name>);
    static_assert(!std::is_default_constructible_v<create_request>);
}

TEST(TaskName, BodyIsJson) {
    EXPECT_EQ(named_body(*task_name::from("t1")), R"({"task_name":"t1"})");
    EXPECT_EQ(named_body(*task_name::from("a\"\n")), R"({"task_name":"a\"\n"})");
}

TEST(CreateOrder, Body) {
    auto texts = good();
    EXPECT_EQ(std::get<create_request>(create_request::from(texts)).body(),
              R"({"source_instance_id":"0123456789abcdef0123456789abcdefin07","source_database":"orders",)"
              R"("target_database":"orders_sr","task_name":"orders_sync"})");
    texts.source_node_id = "fedcba9876543210fedcba9876543210no07";
    EXPECT_EQ(std::get<create_request>(create_request::from(texts)).body(),
              R"({"source_instance_id":"0123456789abcdef0123456789abcdefin07","source_database":"orders",)"
              R"("target_database":"orders_sr","task_name":"orders_sync",)"
              R"("source_node_id":"fedcba9876543210fedcba9876543210no07"})");
}

TEST(CreateOrder, LengthsAndAlphabet) {
    struct row {
        std::string text;
        bool good_source;
        bool good_name;
    };
    const std::vector<row> table{{"", false, false},
                                 {"ab", false, false},
                                 {"abc", true, true},
                                 {"A_9", true, true},
                                 {"azAZ09", true, true},
                                 {"ab`", false, false}, // what lies beside the letters and digits
                                 {"ab{", false, false},
                                 {"ab@", false, false},
                                 {"ab[", false, false},
                                 {"ab/", false, false},
                                 {"ab:", false, false},
                                 {std::string(128, 'x'), true, true},
                                 {std::string(129, 'x'), true, false},
                                 {std::string(1024, 'x'), true, false},
                                 {std::string(1025, 'x'), false, false},
                                 {"a-b", false, false},
                                 {"a b c", false, false},
                                 {"订单同步", false, false},
                                 {"abc\n", false, false},
                                 {std::string("abc\0d", 5), false, false}};
    for (const row& r : table) {
        SCOPED_TRACE(r.text);
        auto texts = good();
        texts.source_database = r.text;
        EXPECT_EQ(bad_fields(texts).empty(), r.good_source);
        texts = good();
        texts.target_database = r.text;
        EXPECT_EQ(bad_fields(texts).empty(), r.good_name);
        texts = good();
        texts.task_name = r.text;
        EXPECT_EQ(bad_fields(texts).empty(), r.good_name);
    }
    EXPECT_THAT(bad_fields(good()), IsEmpty());
}

TEST(CreateOrder, TellsEveryMistakeWithWhatIsAllowed) {
    create_request::fields texts;
    texts.source_instance_id = "x";
    texts.source_database = "orders";
    texts.target_database = "a-b";
    texts.source_node_id = "";
    EXPECT_THAT(bad_fields(texts),
                ElementsAre("source_instance_id", "target_database", "task_name", "source_node_id"));
    const auto made = create_request::from(texts);
    const auto& mistakes = std::get<std::vector<field_mistake>>(made);
    EXPECT_EQ(mistakes[0].allowed, "expected an id of 36 letters and digits");
    EXPECT_EQ(mistakes[1].allowed, "expected 3 to 128 letters (A-Z, a-z), digits or underscores");
    EXPECT_EQ(mistakes[1].value, "a-b");
}

TEST(Targets, OfReplication) {
    EXPECT_EQ(replication_target("p", "i"), "/v3/p/instances/i/starrocks/databases/replication");
    EXPECT_EQ(replication_target("p", "i", "/pause"),
              "/v3/p/instances/i/starrocks/databases/replication/pause");
}

using kind = change_outcome::kind;

change_outcome answered(int status, std::string body) {
    http::http_response answer;
    answer.status = status;
    answer.headers.emplace_back("X-Request-Id", "r1");
    answer.body = std::move(body);
    return outcome_of(answer);
}

std::string error(const std::string& code) {
    return R"({"error_code":")" + code + R"(","error_msg":"no"})";
}

TEST(ChangeOutcome, AcceptedIsWhatTheStatusSays) {
    struct row {
        int status;
        const char* body;
        std::optional<std::string> job;
    };
    const std::vector<row> table{{200, R"({"job_id":"j-1"})", "j-1"},
                                 {202, R"({"job_id":"j-1"})", "j-1"},
                                 {200, "", std::nullopt},
                                 {200, "<html>", std::nullopt},
                                 {200, "[]", std::nullopt},
                                 {204, "", std::nullopt},
                                 {299, "{}", std::nullopt},
                                 {200, R"({"job_id":""})", std::nullopt},
                                 {200, R"({"job_id":7})", std::nullopt}};
    for (const row& r : table) {
        const auto outcome = answered(r.status, r.body);
        EXPECT_TRUE(outcome.accepted()) << r.body;
        EXPECT_EQ(outcome.job_id, r.job) << r.body;
    }
}

// What may have been done is told apart from what was not: only the latter may be sent again.
TEST(ChangeOutcome, KnowsWhetherItMayHaveBeenDone) {
    for (const int status : {300, 301, 400, 401, 403, 404, 409, 429, 499})
        EXPECT_EQ(answered(status, "").how, kind::refused) << status;
    for (const int status : {500, 502, 503, 504})
        EXPECT_EQ(answered(status, "").how, kind::unknown) << status;
    EXPECT_EQ(outcome_without_answer(failure(), true).how, kind::unknown);
    EXPECT_EQ(outcome_without_answer(failure(), false).how, kind::not_sent);
}

TEST(ChangeOutcome, BusyIsA409OfAKnownCode) {
    for (const char* code :
         {"DBS.200019", "DBS.201014", "DBS.201015", "DBS.200047", "DBS.05000084", "DBS.212033"}) {
        EXPECT_TRUE(answered(409, error(code)).busy()) << code;
        EXPECT_FALSE(answered(400, error(code)).busy()) << code;
        EXPECT_FALSE(answered(503, error(code)).busy()) << code;
    }
    EXPECT_FALSE(answered(409, error("DBS.200022")).busy());
    EXPECT_FALSE(answered(409, "").busy());
}

TEST(ChangeOutcome, KnowsWhatIsSaidOfTheTask) {
    EXPECT_TRUE(answered(400, error("DBS.270022")).no_such_task());
    EXPECT_TRUE(answered(400, error("DBS.05000091")).no_such_task());
    EXPECT_FALSE(answered(404, error("DBS.201028")).no_such_task());
    EXPECT_TRUE(answered(400, error("DBS.200086")).wrong_state());
    EXPECT_FALSE(answered(503, error("DBS.270022")).no_such_task());
    EXPECT_FALSE(answered(503, error("DBS.200086")).wrong_state());
    const auto refused = answered(400, error("DBS.280001"));
    EXPECT_FALSE(refused.no_such_task());
    EXPECT_FALSE(refused.wrong_state());
    EXPECT_EQ(refused.why.http_status, 400);
    EXPECT_EQ(refused.why.error_code, "DBS.280001");
    EXPECT_EQ(refused.why.request_id, "r1");
}

} // namespace

} // namespace replmond::cloud
