#include "daemon/core/config/values.hpp"
#include "tests/support/certificates.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace replmond::config {

namespace {

using namespace std::chrono_literals;

TEST(ConfigDuration, ReadsEveryUnitAlone) {
    EXPECT_EQ(parse_duration("500ms"), 500ms);
    EXPECT_EQ(parse_duration("30s"), 30s);
    EXPECT_EQ(parse_duration("5m"), 5min);
    EXPECT_EQ(parse_duration("2h"), 2h);
    EXPECT_EQ(parse_duration("30d"), 720h);
    EXPECT_EQ(parse_duration("0s"), 0ms);
    EXPECT_EQ(parse_duration("90m"), 90min);
}

TEST(ConfigDuration, ReadsUnitsInDescendingOrder) {
    EXPECT_EQ(parse_duration("1h30m"), 90min);
    EXPECT_EQ(parse_duration("1d2h3m4s5ms"), 26h + 3min + 4s + 5ms);
    EXPECT_EQ(parse_duration("1m5ms"), 1min + 5ms);
}

TEST(ConfigDuration, RefusesAnythingElse) {
    for (const char* bad :
         {"",     "0",    "30",    "s",    "-5s",   "+5s",  "5 s",  " 5s", "5s ", "1.5s", "5S",
          "5sec", "5min", "30m1h", "1h1h", "1ms1s", "1h30", "0x5s", "5s5", "h1",  "1w",   "1us"})
        EXPECT_EQ(parse_duration(bad), std::nullopt) << bad;
}

TEST(ConfigDuration, RefusesWhatDoesNotFit) {
    EXPECT_EQ(parse_duration("9223372036854775807ms"), milliseconds::max());
    EXPECT_EQ(parse_duration("9223372036854775808ms"), std::nullopt);
    EXPECT_EQ(parse_duration("9223372036854775807s"), std::nullopt);
    EXPECT_EQ(parse_duration("106751991167d"), 106751991167 * 24h);
    EXPECT_EQ(parse_duration("106751991168d"), std::nullopt);
    EXPECT_EQ(parse_duration("106751991167d23h"), std::nullopt);
    EXPECT_EQ(parse_duration("99999999999999999999999999d"), std::nullopt);
}

TEST(ConfigDuration, WritesTheLargestUnits) {
    EXPECT_EQ(format_duration(0ms), "0s");
    EXPECT_EQ(format_duration(500ms), "500ms");
    EXPECT_EQ(format_duration(60s), "1m");
    EXPECT_EQ(format_duration(90min), "1h30m");
    EXPECT_EQ(format_duration(720h), "30d");
    EXPECT_EQ(format_duration(1500ms), "1s500ms");
}

TEST(ConfigDuration, ReadsBackWhatItWrites) {
    for (const milliseconds value :
         {0ms, 1ms, 999ms, milliseconds(26h + 3min + 4s + 5ms), milliseconds::max()})
        EXPECT_EQ(parse_duration(format_duration(value)), value);
}

std::string normalised(std::string_view text) {
    const auto parsed = parse_origin(text);
    return parsed ? parsed->text : "";
}

bool is_loopback(std::string_view text) {
    const auto parsed = parse_origin(text);
    EXPECT_TRUE(parsed) << text;
    return parsed && parsed->is_loopback;
}

TEST(ConfigUrl, NormalisesOrigins) {
    EXPECT_EQ(normalised("https://gaussdb.example.com"), "https://gaussdb.example.com");
    EXPECT_EQ(normalised("https://gaussdb.example.com/"), "https://gaussdb.example.com");
    EXPECT_EQ(normalised("HTTPS://GaussDB.Example.COM:8443/"), "https://gaussdb.example.com:8443");
    EXPECT_EQ(normalised("https://[2001:DB8::1]:8443"), "https://[2001:db8::1]:8443");
    EXPECT_EQ(normalised("http://10.0.0.1:80"), "http://10.0.0.1:80");
}

TEST(ConfigUrl, RefusesMoreThanAnOrigin) {
    for (const char* bad : {"",
                            "https",
                            "https:",
                            "https:/a",
                            "https://",
                            "https://:443",
                            "//a",
                            "a:443",
                            "ftp://a",
                            "https://a/b",
                            "https://a//",
                            "https://a?",
                            "https://a#",
                            "https://@a",
                            "https://u@a",
                            "https://u:p@a",
                            "https://a:",
                            "https://a:0",
                            "https://a:65536",
                            "https://a:99999",
                            "https://a:x",
                            "https://a b",
                            "https://a%41",
                            "https://a,b",
                            "https://.a",
                            "https://a..b",
                            "https://[::1",
                            "https://[v1.x]",
                            " https://a",
                            "https://a "})
        EXPECT_FALSE(parse_origin(bad)) << bad;
}

TEST(ConfigUrl, KnowsLoopback) {
    for (const char* url : {"http://localhost", "http://LOCALHOST:1", "http://127.0.0.1:8080",
                            "http://127.255.3.4", "http://[::1]:80", "http://[0:0:0:0:0:0:0:1]"})
        EXPECT_TRUE(is_loopback(url)) << url;
    for (const char* url :
         {"http://128.0.0.1", "http://localhost.example.com", "http://127.0.0.1.example.com", "http://[::2]",
          "http://[::ffff:10.0.0.1]", "http://127.1"})
        EXPECT_FALSE(is_loopback(url)) << url;
}

TEST(ConfigUrl, TakesProxiesWithAndWithoutUser) {
    for (const char* good : {"http://proxy.example:3128", "http://proxy.example", "http://proxy.example/",
                             "http://user:p%40ss@proxy.example:3128", "http://[::1]:3128"})
        EXPECT_TRUE(is_proxy_url(good)) << good;
    for (const char* bad :
         {"", "proxy.example:3128", "https://proxy.example", "socks5://proxy.example",
          "http://u:p@ss@proxy.example", "http://u:%4@proxy.example", "http://u:%zz@proxy.example",
          "http://u:p/s@proxy.example", "http://proxy.example/x", "http://proxy.example:99999"})
        EXPECT_FALSE(is_proxy_url(bad)) << bad;
}

TEST(ConfigPem, CountsCertificates) {
    const std::string one = replmond::testing::make_authority("one").pem();
    EXPECT_EQ(certificates_in(""), 0U);
    EXPECT_EQ(certificates_in(one), 1U);
    EXPECT_EQ(certificates_in(one + one), 2U);
    EXPECT_EQ(certificates_in(one + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), 0U);
}

TEST(ConfigPem, AKeyBelongsToTheFirstCertificate) {
    const auto one = replmond::testing::make_authority("one");
    const auto two = replmond::testing::make_authority("two");
    EXPECT_TRUE(key_belongs_to(one.pem() + two.pem(), one.key_pem()));
    EXPECT_FALSE(key_belongs_to(one.pem() + two.pem(), two.key_pem()));
    EXPECT_FALSE(key_belongs_to("", one.key_pem()));
    EXPECT_FALSE(key_belongs_to(one.pem(), ""));
    EXPECT_TRUE(has_private_key(one.key_pem()));
    EXPECT_FALSE(has_private_key(one.pem()));
}

} // namespace

} // namespace replmond::config
