#include "daemon/core/cloud/temporary_keys.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace replmond::cloud {
namespace {

constexpr const char* no_agency =
    R"({"error": {"message": "Get Credential failed. Please configure Cloud Service Agency first.", "code": 401}})";

http::http_response metadata_answer(int status, std::string body) {
    return {status, {}, std::move(body)};
}

TEST(SecurityKey, ReadsKeyTokenAndEnd) {
    const auto read =
        decode_security_key(metadata_answer(200, R"({"credential": {"access": "HSTABCDEFGHIJKL1234",
        "secret": "s3cret", "securitytoken": "gQpjbi1ub3J0aA==", "expires_at": "2020-01-08T02:56:19.587000Z"}})"));
    ASSERT_TRUE(read);
    const auto* key = std::get_if<signing_key>(&read->secret);
    ASSERT_NE(key, nullptr);
    EXPECT_EQ(key->access, "HSTABCDEFGHIJKL1234");
    EXPECT_EQ(key->secret, "s3cret");
    EXPECT_EQ(key->security_token, "gQpjbi1ub3J0aA==");
    ASSERT_TRUE(read->expires_at);
    EXPECT_EQ(to_rfc3339(*read->expires_at), "2020-01-08T02:56:19.587Z");
    EXPECT_FALSE(read->issued_at);
    EXPECT_FALSE(read->project_id);
    EXPECT_EQ(read->source, "temporary key ...1234 of the ECS agency");
}

TEST(SecurityKey, ReadsAnEndWithAnOffset) {
    const auto read =
        decode_security_key(metadata_answer(200, R"({"credential": {"access": "a", "secret": "s",
        "securitytoken": "t", "expires_at": "2020-01-08T10:56:19.587000+08:00"}})"));
    ASSERT_TRUE(read);
    EXPECT_EQ(to_rfc3339(read->expires_at.value()), "2020-01-08T02:56:19.587Z");
}

TEST(SecurityKey, RefusesAnswersWithoutUsableKeys) {
    const std::vector<std::pair<std::string, std::string>> table{
        {"", "it is not a JSON object"},
        {"<html>hunter2</html>", "it is not a JSON object"},
        {R"({"credential": {"access": "hunter2")", "it is not a JSON object"},
        {"[]", "it is not a JSON object"},
        {std::string(100'000, '['), "it is not a JSON object"},
        {"{}", "credential is missing"},
        {R"({"credential": "hunter2"})", "credential is missing"},
        {R"({"credential": {}})", "credential.access is missing or not readable"},
        {R"({"credential": {"access": "hunter2\r\nX-Evil: 1"}})",
         "credential.access is missing or not readable"},
        {R"({"credential": {"access": ""}})", "credential.access is missing or not readable"},
        {R"({"credential": {"access": "hunter2", "secret": null}})",
         "credential.secret is missing or not readable"},
        {R"({"credential": {"access": "hunter2", "secret": "hunter3"}})",
         "credential.securitytoken is missing or not readable"},
        {R"({"credential": {"access": "hunter2", "secret": "hunter3", "securitytoken": "hunter4"}})",
         "credential.expires_at is missing or not readable"},
        {R"({"credential": {"access": "hunter2", "secret": "hunter3", "securitytoken": "hunter4",
             "expires_at": "tomorrow"}})",
         "credential.expires_at is missing or not readable"},
    };
    for (const auto& [body, why] : table) {
        const auto read = decode_security_key(metadata_answer(200, body));
        ASSERT_FALSE(read) << body;
        EXPECT_EQ(read.error().result, poll_result::protocol) << body;
        EXPECT_EQ(read.error().http_status, 200) << body;
        EXPECT_EQ(read.error().error_msg,
                  "the metadata service's answer has no keys of the ECS agency: " + why);
    }
}

TEST(SecurityKey, NamesTheAgencyThatIsMissing) {
    EXPECT_TRUE(is_agency_missing(metadata_answer(401, no_agency)));
    EXPECT_TRUE(is_agency_missing(metadata_answer(401, "PLEASE configure cloud service agency FIRST")));
    EXPECT_FALSE(is_agency_missing(metadata_answer(401, "")));
    EXPECT_FALSE(is_agency_missing(metadata_answer(404, no_agency)));

    const auto read = decode_security_key(metadata_answer(401, no_agency));
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().result, poll_result::auth);
    EXPECT_EQ(read.error().http_status, 401);
    EXPECT_NE(read.error().error_msg.find("this ECS has no agency"), std::string::npos);
}

TEST(SecurityKey, OtherStatusesAreFailuresAsEverywhere) {
    const auto invalid =
        decode_security_key(metadata_answer(401, R"({"message": "token invalid", "code": "X"})"));
    ASSERT_FALSE(invalid);
    EXPECT_EQ(invalid.error().result, poll_result::auth);
    EXPECT_EQ(invalid.error().error_msg, "token invalid");
    EXPECT_EQ(decode_security_key(metadata_answer(429, "")).error().result, poll_result::throttled);
    EXPECT_EQ(decode_security_key(metadata_answer(404, "not here")).error().error_msg, "not here");

    for (const int status : {206, 299}) {
        const auto odd =
            decode_security_key(metadata_answer(status, R"({"credential": {"secret": "hunter2)"));
        ASSERT_FALSE(odd);
        EXPECT_EQ(odd.error().result, poll_result::http);
        EXPECT_EQ(odd.error().error_msg, "") << status;
    }
    EXPECT_EQ(decode_security_key(metadata_answer(300, "not here")).error().error_msg, "not here");
}

TEST(TemporaryKeys, AreReadInEverySpelling) {
    const std::vector<std::string> spellings{
        R"({"credential": {"access": "HSTABCDEFGH1234", "secret": "s3cret", "securitytoken": "tok==",
            "expires_at": "2020-01-08T02:56:19.587000Z"}})",
        R"({"assumedAgency": {"urn": "u"}, "credentials": {"accessKeyId": "HSTABCDEFGH1234",
            "secretAccessKey": "s3cret", "securityToken": "tok==", "expiration": "2020-01-08T02:56:19.587000Z"}})",
        R"({"credentials": {"access_key_id": "HSTABCDEFGH1234", "secret_access_key": "s3cret",
            "security_token": "tok==", "expiration": "2020-01-08T02:56:19.587000"}})",
    };
    for (const auto& service : {metadata_service, pod_identity_service, identity_provider_service}) {
        for (const std::string& body : spellings) {
            const auto read = decode_temporary_keys(metadata_answer(200, body), service);
            ASSERT_TRUE(read) << body;
            const auto& key = std::get<signing_key>(read->secret);
            EXPECT_EQ(key.access + ' ' + key.secret + ' ' + key.security_token.value_or("-"),
                      "HSTABCDEFGH1234 s3cret tok==");
            EXPECT_EQ(to_rfc3339(read->expires_at.value()), "2020-01-08T02:56:19.587Z") << body;
            EXPECT_EQ(read->source, "temporary key ...1234 " + std::string(service.owner));
            EXPECT_EQ(read->renew_ahead, service.renew_ahead);
        }
    }
    EXPECT_EQ(pod_identity_service.renew_ahead, std::chrono::minutes(40));
    EXPECT_EQ(identity_provider_service.renew_ahead, std::chrono::minutes(40));
    EXPECT_TRUE(decode_temporary_keys(metadata_answer(201, spellings[0]), identity_provider_service));
}

TEST(TemporaryKeys, NameWhatIsMissingAsTheServiceSpellsIt) {
    const auto why = [](const std::string& body, const temporary_key_service& service) {
        const auto read = decode_temporary_keys(metadata_answer(200, body), service);
        return read ? std::string() : read.error().error_msg;
    };
    EXPECT_EQ(why("{}", pod_identity_service),
              "the answer of the pod identity has no keys: credentials is missing");
    EXPECT_EQ(
        why(R"({"credentials": {"accessKeyId": "a", "secretAccessKey": "hunter2\n"}})", pod_identity_service),
        "the answer of the pod identity has no keys: credentials.secretAccessKey is missing or not readable");
    EXPECT_EQ(
        why(R"({"credentials": {"accessKeyId": "a", "secretAccessKey": "s", "securityToken": "t",
                   "expiration": "hunter2"}})",
            pod_identity_service),
        "the answer of the pod identity has no keys: credentials.expiration is missing or not readable");
    EXPECT_EQ(why(R"({"credential": {"access": 5}})", identity_provider_service),
              "IAM's answer has no temporary keys: credential.access is missing or not readable");
}

} // namespace
} // namespace replmond::cloud
