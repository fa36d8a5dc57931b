#include "daemon/core/http/url.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace replmond::http {
namespace {

TEST(Origin, ReadsSchemeHostAndPort) {
    struct row {
        std::string url;
        bool tls;
        std::string host;
        int port;
        std::string authority;
    };
    const std::vector<row> table{
        {"https://gaussdb.cn-north-4.myhuaweicloud.com", true, "gaussdb.cn-north-4.myhuaweicloud.com", 443,
         "gaussdb.cn-north-4.myhuaweicloud.com"},
        {"https://host/", true, "host", 443, "host"},
        {"https://host:443", true, "host", 443, "host"},
        {"https://host:8443/", true, "host", 8443, "host:8443"},
        {"https://host:80", true, "host", 80, "host:80"},
        {"http://127.0.0.1:9000", false, "127.0.0.1", 9000, "127.0.0.1:9000"},
        {"http://localhost", false, "localhost", 80, "localhost"},
        {"http://host:443", false, "host", 443, "host:443"},
        {"https://[::1]", true, "::1", 443, "[::1]"},
        {"http://[fe80::1]:65535", false, "fe80::1", 65535, "[fe80::1]:65535"},
        {"https://host:1", true, "host", 1, "host:1"},
        {"https://AZ-az_09.example.", true, "az-az_09.example.", 443, "az-az_09.example."},
    };
    for (const row& r : table) {
        SCOPED_TRACE(r.url);
        const auto read = parse_origin(r.url);
        ASSERT_TRUE(read.has_value());
        EXPECT_EQ(*read, (origin{r.tls, r.host, static_cast<std::uint16_t>(r.port)}));
        EXPECT_EQ(read->authority(), r.authority);
        EXPECT_THAT(read->host_and_port(), ::testing::StartsWith(r.authority));
        EXPECT_THAT(read->host_and_port(), ::testing::EndsWith(':' + std::to_string(r.port)));
    }
}

TEST(Origin, RefusesAllElse) {
    const std::vector<std::string> table{
        "",
        "host",
        "host:443",
        "//host",
        "https://",
        "https:///",
        "https:host",
        "ftp://host",
        "https://user@host",
        "https://user:secret@host",
        "https://host/path",
        "https://host//",
        "https://host?x=1",
        "https://host/?",
        "https://host#x",
        "https://host:",
        "https://host:0",
        "https://host:65536",
        "https://host:99999999999999999999",
        "https://host:-1",
        "https://host:http",
        "https://host:80x",
        "https://[nonsense]",
        "https://.host",
        "https://a..b",
        "https://ho`st",
        "https://ho{st",
        "https://[::1",
        "https://::1",
        "https://ho st",
        "https://host\r\nX: y",
        "https://host%0d%0aX%3a%20y",
        "https://ho%20st",
        " https://host",
        "https://host ",
    };
    for (const std::string& url : table)
        EXPECT_EQ(parse_origin(url), std::nullopt) << url;
}

TEST(Origin, AHostHasAtMost253Characters) {
    const std::string longest(253, 'a');
    EXPECT_TRUE(parse_origin("https://" + longest));
    EXPECT_FALSE(parse_origin("https://" + longest + 'a'));
}

} // namespace
} // namespace replmond::http
