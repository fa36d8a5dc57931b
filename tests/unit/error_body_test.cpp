#include "daemon/cloud/error_body.hpp"
#include "daemon/model/text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace replmond::cloud {
namespace {

TEST(ErrorBody, ReadsEveryVariant) {
    struct row {
        const char* variant;
        std::string body;
        std::string code;
        std::string message;
        std::string request_id = {};
    };
    const std::vector<row> table{
        {"a service", R"({"error_code": "DBS.200022", "error_msg": "Instance not found."})", "DBS.200022",
         "Instance not found."},
        {"the gateway, with its request id",
         R"({"error_code": "APIG.0308", "error_msg": "policy user over ratelimit,limit:200,time:5 minute",
             "request_id": "7b1c"})",
         "APIG.0308", "policy user over ratelimit,limit:200,time:5 minute", "7b1c"},
        {"camel case", R"({"errorCode": "X.1", "errorMsg": "m"})", "X.1", "m"},
        {"code and message", R"({"code": "X.2", "message": "m"})", "X.2", "m"},
        {"IAM with a number",
         R"({"error": {"code": 401, "message": "wrong password", "title": "Unauthorized"}})", "401",
         "wrong password"},
        {"IAM with a string", R"({"error": {"code": "IAM.0066", "message": "expired"}})", "IAM.0066",
         "expired"},
        {"nested error_code", R"({"fault": {"error_code": "X.3", "error_msg": "m"}})", "X.3", "m"},
        {"details", R"({"details": [{"code": "X.4", "message": "m"}, {"code": "X.5", "message": "n"}]})",
         "X.4", "m"},
        {"details of the services", R"({"details": [{"error_code": "X.9", "error_msg": "m"}]})", "X.9", "m"},
        {"the top beats its details",
         R"({"details": [{"code": "X.5"}], "error_code": "top", "error_msg": "t"})", "top", "t"},
        {"error_code and error_message", R"({"error_code": "X.10", "error_message": "m"})", "X.10", "m"},
        {"the gateway, with more beside it",
         R"({"error_msg": "no", "encoded_authorization_message": "aGk=", "error_code": "APIGW.0302"})",
         "APIGW.0302", "no"},
        {"a number at the top", R"({"code": 400, "message": "m"})", "400", "m"},
        {"the request id beside a nested pair", R"({"request_id": "r", "error": {"code": "X.11"}})", "X.11",
         "", "r"},
        {"the top beats what is nested before it",
         R"({"error": {"code": "nested", "message": "nested"}, "error_code": "top", "error_msg": "t"})",
         "top", "t"},
        {"a nested pair after other objects",
         R"({"meta": {"a": 1}, "list": [1, {}], "error": {"code": "X.6"}})", "X.6", ""},
        {"only a code", R"({"error_code": "X.7"})", "X.7", ""},
        {"only a text", R"({"error_msg": "m"})", "", "m"},
        {"nulls are nothing", R"({"error_code": null, "error_msg": null, "code": "X.8", "message": "m"})",
         "X.8", "m"},
        {"an object without any", R"({"foo": "bar"})", "", ""},
        {"an empty object", "{}", "", ""},
        {"plain text", "Service Unavailable", "", "Service Unavailable"},
        {"HTML", "<html>502</html>", "", "<html>502</html>"},
        {"JSON text", R"("busy")", "", R"("busy")"},
        {"cut JSON", R"({"error_code": "X)", "", R"({"error_code": "X)"},
        {"nothing", "", "", ""},
    };
    for (const row& r : table) {
        SCOPED_TRACE(r.variant);
        const error_body read = decode_error_body(r.body);
        EXPECT_EQ(read.code, r.code);
        EXPECT_EQ(read.message, r.message);
        EXPECT_EQ(read.request_id, r.request_id);
    }
}

TEST(ErrorBody, KeepsTheFirst200BytesOfOtherText) {
    EXPECT_EQ(decode_error_body(std::string(200, 'x')).message, std::string(200, 'x'));
    EXPECT_EQ(decode_error_body(std::string(9000, 'x')).message, std::string(200, 'x'));

    // cut between characters
    EXPECT_EQ(decode_error_body(std::string(199, 'x') + "任务").message, std::string(199, 'x'));
    EXPECT_EQ(decode_error_body(std::string(197, 'x') + "任务").message, std::string(197, 'x') + "任");
}

TEST(ErrorBody, KeepsTheTextOfALatin1Page) {
    const std::string page = "Acc\xE8s refus\xE9 " + std::string(400, '.');
    EXPECT_EQ(decode_error_body(page).message, page.substr(0, 200));
}

TEST(ErrorBody, CutsLongFieldsBetweenCharacters) {
    const std::string body = R"({"error_code": ")" + std::string(999, 'c') + R"(", "error_msg": ")" +
                             std::string(1023, 'm') + "任务" + R"(", "request_id": ")" +
                             std::string(999, 'r') + "\"}";
    const error_body read = decode_error_body(body);
    EXPECT_EQ(read.code, std::string(200, 'c'));
    EXPECT_EQ(read.message, std::string(1023, 'm'));
    EXPECT_EQ(read.request_id, std::string(200, 'r'));
}

} // namespace
} // namespace replmond::cloud
