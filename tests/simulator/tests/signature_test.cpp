#include "tests/simulator/clock.hpp"
#include "tests/simulator/digest.hpp"
#include "tests/simulator/signature.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace replmond::simulator {
namespace {

using ::testing::ElementsAre;

constexpr auto empty_hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

// A known answer: what is asked, the signed headers with their values, and the signature of AccessKey and
// SecretKey. Where it is known, the hash of the canonical request too.
struct vector {
    const char* name;
    const char* method;
    std::string target;
    std::string body;
    std::vector<testing::field> signed_headers;
    const char* signature;
    const char* hash = nullptr;
};

testing::request to_request(const vector& v) {
    testing::request asked;
    asked.method = v.method;
    asked.target = v.target;
    asked.body = v.body;
    asked.headers = v.signed_headers;
    asked.headers.emplace_back("TEST_UNDERSCORE", "not signed");
    testing::split_target(asked);
    return asked;
}

const std::string vpc = "/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpc";
const std::string replication = "/v3/0123456789abcdef0123456789abcdef/instances/"
                                "fedcba9876543210fedcba9876543210in17/starrocks/databases/replication";
const testing::field java_date{"x-sdk-date", "20191115T033655Z"};
const testing::field python_host{"host", "service.endpoint.myhuaweicloud.com"};
const testing::field python_date{"x-sdk-date", "20200608T023900Z"};
const testing::field go_date{"x-sdk-date", "20060102T150405Z"};
const testing::field own_date{"x-sdk-date", "20260102T030405Z"};
const testing::field own_host{"host", "gaussdb.cn-north-4.myhuaweicloud.com"};
const testing::field own_language{"x-language", "en-us"};
const testing::field own_project{"x-project-id", "0123456789abcdef0123456789abcdef"};

// J, P and G are of the tests of the cloud's clients for Java, Python and Go; O are our own.
const std::vector<vector> known_answers{
    {"J1",
     "GET",
     vpc + "s?limit=2&marker=13551d6b-755d-4757-b956-536f674975c0",
     "",
     {{"host", "service.region.example.com"}, java_date},
     "fd95e7da6f695cfb4cabbb9d6b0968aec155bc576b064835282473539ae9ea1d",
     "0e84e7853cf87931d965c80e83bffb15aa865326db3a6f57aa2560a7601dfe18"},
    {"J2",
     "POST",
     vpc + "/123",
     R"({"key":"value"})",
     {{"host", "service.region.example.com"}, java_date},
     "b5649aa774f6cac7437631662f08815fc65c70e40e486df6db2436ce68902771"},
    {"J3",
     "GET",
     "",
     "",
     {{"host", "example.com"}, java_date},
     "919ad8b75d4ad49da0d377e63ee21c4a7a54b752f6bf2878b4adbe9c19927da6",
     "845f5f053e69e0d7cdf17c143bd6ffbc72d7be020b93b6ca2da8022efee7d6b8"},
    {"J4",
     "GET",
     vpc + "s",
     "",
     {{"host", "service.test-region-1.myhuaweicloud.com"}, java_date},
     "fbfa53d70fa0dec48f511be2e9e522172f9dca6d56f8856d12d7e575b978d9be"},
    {"J5",
     "POST",
     vpc + "/123",
     R"({"key":"value"})",
     {{"host", "service.test-region-1.myhuaweicloud.com"}, java_date},
     "f65c535f8f86d95e963fbd795d6d41dbf59e675a8b4ae161356cf8cd93f1ec4c"},
    {"P1",
     "GET",
     "/resources?size=1",
     "",
     {python_host, python_date},
     "cfb4171acec81de07d50e53d57eb77edd537414d66ddb1d7d780f128e12cd842"},
    {"P2",
     "POST",
     "/resources?size=1",
     R"({"name":"test","id":1})",
     {python_host, python_date},
     "436b1ac0a1ae03705934bb70ef2f2e09f7bfed2117d731a38235053199323a1f"},
    {"G1",
     "GET",
     "/path?limit=1",
     "",
     {go_date},
     "5a2ce64c865e0e6046321c6f3d5a77ba8413eeaf355c3166c03d58d02ac79624"},
    {"G2",
     "POST",
     "/path?key=value",
     "{\"Name\":\"test\",\"Id\":1}\n",
     {go_date},
     "cecc2af119b18ab70b4d094c0750f3b42c02f254903179a0fc2cc72fc9db4f59"},
    {"O1",
     "GET",
     replication + "?limit=100&offset=0",
     "",
     {own_host, own_language, own_project, own_date},
     "12a667655c59a08a365c920fa4c35340f6247d4040e25b9e2b9454969a649bd6",
     "82282c52665ab64102fafb4a93a2bf33168340c27fc5d08c775cd8efa9192793"},
    {"O2",
     "POST",
     replication + "/pause",
     R"({"task_name":"t1"})",
     {own_host, own_language, own_project, own_date, {"x-security-token", "TOKEN/abc+def=="}},
     "f4b655bba16f83ca97c16f0ebb688a0767faa1c2b4125ac1f5a2c912e3e59729",
     "806817063decb6f1d60311fa7923a314e3b2cd8a0f795438abb1c9c1b1c6a609"},
    {"O3",
     "GET",
     "/a%20b/"
     "%E4%B8%80?test=%E4%B8%80%20%28%26%3D%3F%21%23%25.%2A%29&path=%2Ftmp%2F123&multi=3&multi=1&empty=",
     "",
     {{"host", "h.example.com"}, own_date},
     "957a38dc28a3937fbe14443e612ebd3ab8170232a6ede1ec69fcf73ff15e839f"},
};

TEST(SimulatorSignature, KnownAnswers) {
    for (const auto& v : known_answers) {
        std::vector<std::string> names;
        std::string date;
        for (const auto& [name, value] : v.signed_headers) {
            names.push_back(name);
            if (name == "x-sdk-date")
                date = value;
        }
        const auto canonical = canonical_request(to_request(v), names);
        ASSERT_TRUE(canonical) << v.name;
        EXPECT_EQ(sign("SecretKey", date, *canonical), v.signature) << v.name << "\n" << *canonical;
        if (v.hash) {
            EXPECT_EQ(hex(sha256(*canonical)), v.hash) << v.name;
        }
    }
}

TEST(SimulatorSignature, Digests) {
    EXPECT_EQ(hex(sha256("")), empty_hash);
    EXPECT_EQ(hex(sha256(R"({"task_name":"t1"})")),
              "57cfba6fcd419657c5729d529664d02fad956296cb6abd3ca4bba23b7e110fd7");
    // RFC 4231, cases 2 and 6: a short key, and one longer than a block.
    EXPECT_EQ(hex(hmac_sha256("Jefe", "what do ya want for nothing?")),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(
        hex(hmac_sha256(std::string(131, '\xAA'), "Test Using Larger Than Block-Size Key - Hash Key First")),
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(SimulatorSignature, CanonicalUri) {
    const std::vector<std::pair<std::string, std::string>> table{
        {"", "/"},
        {"/", "/"},
        {"/a", "/a/"},
        {"/a/", "/a/"},
        {"/a b/一", "/a%20b/%E4%B8%80/"},
        {"/A-z_0.9~", "/A-z_0.9~/"},
        {"/a//b", "/a//b/"},
        {"/a+b:c@d", "/a%2Bb%3Ac%40d/"},
    };
    for (const auto& [path, expected] : table)
        EXPECT_EQ(canonical_uri(path), expected) << path;
}

TEST(SimulatorSignature, CanonicalQuery) {
    const std::vector<std::pair<std::string, std::string>> table{
        {"/p", ""},
        {"/p?", ""},
        {"/p?b=2&a=1", "a=1&b=2"},
        {"/p?a=2&a=10&a=1", "a=1&a=10&a=2"},
        {"/p?empty", "empty="},
        {"/p?a=%7e%2f", "a=~%2F"},
        {"/p?a=x%20y", "a=x%20y"},
        {"/p?a=x+y", "a=x%2By"}, // who means a space has to say so
        {"/p?limit=1&enable=true&test=%E4%B8%80%20(%26%3D?!%23%25.*)&path=/tmp/123&multi=1&multi=2&multi=3",
         "enable=true&limit=1&multi=1&multi=2&multi=3&path=%2Ftmp%2F123&"
         "test=%E4%B8%80%20%28%26%3D%3F%21%23%25.%2A%29"},
    };
    for (const auto& [target, expected] : table)
        EXPECT_EQ(canonical_query(target), expected) << target;
}

TEST(SimulatorSignature, CanonicalHeaders) {
    testing::request asked;
    asked.method = "GET";
    asked.target = asked.path = "/";
    asked.headers = {{"X-Two", " \t b c  "}, {"X-One", "a"}};
    EXPECT_EQ(canonical_request(asked, {"x-two", "x-one"}),
              std::string("GET\n/\n\nx-two:b c\nx-one:a\n\nx-two;x-one\n") + empty_hash);
    EXPECT_EQ(canonical_request(asked, {"x-three"}), std::nullopt);
    asked.headers.emplace_back("X-Sdk-Content-Sha256", "UNSIGNED-PAYLOAD");
    EXPECT_EQ(canonical_request(asked, {"x-one"}), "GET\n/\n\nx-one:a\n\nx-one\nUNSIGNED-PAYLOAD");
}

TEST(SimulatorSignature, ParsesAuthorization) {
    const auto parsed =
        parse_authorization("SDK-HMAC-SHA256 Access=AK, SignedHeaders=host;x-sdk-date, Signature=0af");
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->access, "AK");
    EXPECT_THAT(parsed->signed_headers, ElementsAre("host", "x-sdk-date"));
    EXPECT_EQ(parsed->signature, "0af");
    for (const char* wrong :
         {"", "Basic QTpC", "SDK-HMAC-SHA256", "SDK-HMAC-SHA256 Access=A, SignedHeaders=h",
          "SDK-HMAC-SHA256 Access=A,SignedHeaders=h,Signature=s",
          "SDK-HMAC-SHA256 Access=, SignedHeaders=h, Signature=s",
          "SDK-HMAC-SHA256 Access=A, SignedHeaders=, Signature=s",
          "SDK-HMAC-SHA256 Access=A, SignedHeaders=h;, Signature=s",
          "SDK-HMAC-SHA256 Access=A, SignedHeaders=h, Signature=",
          "SDK-HMAC-SM3 Access=A, SignedHeaders=h, Signature=s"})
        EXPECT_FALSE(parse_authorization(wrong)) << wrong;
}

TEST(SimulatorClock, WritesAndReadsTimes) {
    using namespace std::chrono_literals;
    const wall_time time = std::chrono::sys_days(std::chrono::year(2026) / 1 / 2) + 3h + 4min + 5s + 678900us;
    EXPECT_EQ(basic_time(time), "20260102T030405Z");
    EXPECT_EQ(iso_time(time), "2026-01-02T03:04:05.678900Z");
    EXPECT_EQ(http_date(time), "Fri, 02 Jan 2026 03:04:05 GMT");
    EXPECT_EQ(parse_basic_time("20260102T030405Z"), time - 678900us);
    EXPECT_TRUE(parse_basic_time("20240229T235959Z"));
    for (const char* wrong :
         {"", "20260102T030405", "2026-01-02T03:04Z", "20260230T030405Z", "20260102T240405Z",
          "20260102T036005Z", "20260102T030460Z", "2026010 T030405Z", "20260102 030405Z"})
        EXPECT_EQ(parse_basic_time(wrong), std::nullopt) << wrong;
}

} // namespace
} // namespace replmond::simulator
