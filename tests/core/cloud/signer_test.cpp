#include "daemon/core/cloud/signer.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

// The vectors of the official SDKs' own tests (Java J, Python P, Go G), and ours (O), which an implementation
// that passes all of those computed.
namespace replmond::cloud {
namespace {

struct vector_case {
    const char* name;
    const char* method;
    const char* target;
    const char* body;
    http::header_list headers;
    const char* signature;
};

http::header_list with_host(const char* host, const char* date) {
    return {{"Host", host}, {"X-Sdk-Date", date}};
}

const char* const java_date = "20191115T033655Z";
const char* const java_host = "service.region.example.com";
const char* const java_test_host = "service.test-region-1.myhuaweicloud.com";
const char* const python_date = "20200608T023900Z";
const char* const python_host = "service.endpoint.myhuaweicloud.com";

const std::vector<vector_case> vectors = {
    {"J1", "GET",
     "/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs?limit=2&marker=13551d6b-755d-4757-b956-536f674975c0", "",
     with_host(java_host, java_date), "fd95e7da6f695cfb4cabbb9d6b0968aec155bc576b064835282473539ae9ea1d"},
    {"J2", "POST", "/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpc/123", R"({"key":"value"})",
     with_host(java_host, java_date), "b5649aa774f6cac7437631662f08815fc65c70e40e486df6db2436ce68902771"},
    {"J3", "GET", "", "", with_host("example.com", java_date),
     "919ad8b75d4ad49da0d377e63ee21c4a7a54b752f6bf2878b4adbe9c19927da6"},
    {"J4", "GET", "/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs", "", with_host(java_test_host, java_date),
     "fbfa53d70fa0dec48f511be2e9e522172f9dca6d56f8856d12d7e575b978d9be"},
    {"J5", "POST", "/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpc/123", R"({"key":"value"})",
     with_host(java_test_host, java_date),
     "f65c535f8f86d95e963fbd795d6d41dbf59e675a8b4ae161356cf8cd93f1ec4c"},
    {"P1", "GET", "/resources?size=1", "", with_host(python_host, python_date),
     "cfb4171acec81de07d50e53d57eb77edd537414d66ddb1d7d780f128e12cd842"},
    {"P2", "POST", "/resources?size=1", R"({"name":"test","id":1})", with_host(python_host, python_date),
     "436b1ac0a1ae03705934bb70ef2f2e09f7bfed2117d731a38235053199323a1f"},
    {"G1",
     "GET",
     "/path?limit=1",
     "",
     {{"X-Sdk-Date", "20060102T150405Z"}},
     "5a2ce64c865e0e6046321c6f3d5a77ba8413eeaf355c3166c03d58d02ac79624"},
    {"G2",
     "POST",
     "/path?key=value",
     "{\"Name\":\"test\",\"Id\":1}\n",
     {{"X-Sdk-Date", "20060102T150405Z"}},
     "cecc2af119b18ab70b4d094c0750f3b42c02f254903179a0fc2cc72fc9db4f59"},
};

const std::string replication =
    "/v3/0123456789abcdef0123456789abcdef/instances/fedcba9876543210fedcba9876543210in17"
    "/starrocks/databases/replication";

const signing_key access_key{"AccessKey", "SecretKey", std::nullopt};

// 2026-01-02T03:04:05Z
const timestamp own_date = std::chrono::sys_days(std::chrono::year(2026) / 1 / 2) + std::chrono::hours(3) +
                           std::chrono::minutes(4) + std::chrono::seconds(5);

std::string_view signature_of(const http::http_request& request) {
    const std::string_view authorization = http::find_header(request.headers, "Authorization");
    return authorization.substr(authorization.rfind('=') + 1);
}

TEST(Signer, OfficialVectors) {
    for (const vector_case& row : vectors) {
        SCOPED_TRACE(row.name);
        http::http_request request;
        request.method = row.method;
        request.target = row.target;
        request.body = row.body;
        EXPECT_EQ(
            sign(request, row.headers, http::find_header(row.headers, "X-Sdk-Date"), access_key.secret).value,
            row.signature);
    }
}

TEST(Signer, SignsTheListRequest) { // O1
    http::http_request request;
    request.target = replication + "?limit=100&offset=0";
    request.headers.emplace_back("X-Language", "en-us");
    sign_request(request, "gaussdb.cn-north-4.myhuaweicloud.com", "0123456789abcdef0123456789abcdef",
                 access_key, own_date);
    EXPECT_EQ(http::find_header(request.headers, "X-Sdk-Date"), "20260102T030405Z");
    EXPECT_EQ(http::find_header(request.headers, "Authorization"),
              "SDK-HMAC-SHA256 Access=AccessKey, SignedHeaders=host;x-language;x-project-id;x-sdk-date, "
              "Signature=12a667655c59a08a365c920fa4c35340f6247d4040e25b9e2b9454969a649bd6");
}

TEST(Signer, SignsTheSecurityTokenAndLeavesContentTypeOut) { // O2
    http::http_request request;
    request.method = "POST";
    request.target = replication + "/pause";
    request.body = R"({"task_name":"t1"})";
    request.headers.emplace_back("X-Language", "en-us");
    request.headers.emplace_back("Content-Type", "application/json");
    const signing_key temporary{"AccessKey", "SecretKey", "TOKEN/abc+def=="};
    sign_request(request, "gaussdb.cn-north-4.myhuaweicloud.com", "0123456789abcdef0123456789abcdef",
                 temporary, own_date);
    EXPECT_EQ(signature_of(request), "f4b655bba16f83ca97c16f0ebb688a0767faa1c2b4125ac1f5a2c912e3e59729");
    EXPECT_EQ(http::find_header(request.headers, "X-Security-Token"), "TOKEN/abc+def==");
}

TEST(Signer, SignsTheDecodedPathAndQuery) { // O3
    http::http_request request;
    request.target = "/a%20b/%E4%B8%80?test=%E4%B8%80%20%28%26%3D%3F%21%23%25.%2A%29&path=%2Ftmp%2F123"
                     "&multi=3&multi=1&empty=";
    const http::header_list headers = {{"host", "h.example.com"}, {"x-sdk-date", "20260102T030405Z"}};
    const signature signed_as = sign(request, headers, "20260102T030405Z", access_key.secret);
    EXPECT_EQ(canonical_uri("/a%20b/%E4%B8%80"), "/a%20b/%E4%B8%80/");
    EXPECT_EQ(signed_as.value, "957a38dc28a3937fbe14443e612ebd3ab8170232a6ede1ec69fcf73ff15e839f");
}

TEST(Signer, CanonicalQueryVector) { // the Go and Python SDKs' tests
    EXPECT_EQ(canonical_query(
                  "limit=1&enable=true&test=%e4%b8%80%20(%26%3d%3F!%23%25.*)&path=/tmp/123&multi=1&multi=2"
                  "&multi=3"),
              "enable=true&limit=1&multi=1&multi=2&multi=3&path=%2Ftmp%2F123&test=%E4%B8%80%20%28%26%3D%3F%"
              "21%23%25.%2A%29");
    EXPECT_EQ(canonical_query(""), "");
    EXPECT_EQ(canonical_query("a"), "a=");
    EXPECT_EQ(canonical_query("b=2&a=1&&"), "a=1&b=2");
    // No escapes: kept as they are.
    EXPECT_EQ(canonical_query("a=100%"), "a=100%25");
    EXPECT_EQ(canonical_query("a=%g0%0g%/0%:0%`0%0"), "a=%25g0%250g%25%2F0%25%3A0%25%600%250");
    EXPECT_EQ(canonical_query(std::string_view("a=%41").substr(0, 4)), "a=%254");
}

TEST(Signer, CanonicalUri) {
    EXPECT_EQ(canonical_uri(""), "/");
    EXPECT_EQ(canonical_uri("/"), "/");
    EXPECT_EQ(canonical_uri("/a"), "/a/");
    EXPECT_EQ(canonical_uri("a/b"), "a/b/");
    EXPECT_EQ(canonical_uri("/a/"), "/a/");
    EXPECT_EQ(canonical_uri("/a+b~c"), "/a%2Bb~c/");
}

TEST(Signer, EscapesAllButTheUnreserved) { // RFC 3986, section 2.3
    const std::string unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";
    for (int code = 0; code < 256; ++code) {
        const std::string one(1, static_cast<char>(code));
        const std::string escaped = fmt::format("%{:02X}", code);
        const bool kept = unreserved.find(one) != std::string::npos;
        EXPECT_EQ(canonical_query(escaped), (kept ? one : escaped) + "=");
        EXPECT_EQ(canonical_query(fmt::format("%{:02x}", code)), (kept ? one : escaped) + "=");
    }
}

TEST(Signer, SignsEveryAttemptAnew) {
    http::http_request first, second;
    sign_request(first, "h", "p", access_key, own_date);
    sign_request(second, "h", "p", access_key, own_date + std::chrono::seconds(1));
    EXPECT_NE(signature_of(first), signature_of(second));
}

TEST(Signer, HeaderNamesInAnyCaseAndValuesTrimmed) {
    http::http_request request;
    const http::header_list tidy = {{"host", "h"}, {"x-sdk-date", "20260102T030405Z"}, {"x-a", "b"}};
    const http::header_list untidy = {{"X-A", "  b\t"}, {"HOST", "h"}, {"X-Sdk-Date", "20260102T030405Z"}};
    EXPECT_EQ(sign(request, tidy, "20260102T030405Z", "s").value,
              sign(request, untidy, "20260102T030405Z", "s").value);
}

} // namespace
} // namespace replmond::cloud
