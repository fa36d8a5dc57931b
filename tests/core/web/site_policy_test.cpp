#include "daemon/core/web/site_policy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace replmond::web {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

site_policy policy() {
    site_policy p;
    p.allowed_hosts = {"replmond.example", "replmond"};
    p.own_names = {"web1.internal", "web1"};
    p.external_url = parse_external_url("https://Outside.example:8443/replmond");
    return p;
}

TEST(SitePolicy, HostsThatAreKnown) {
    for (const char* host : {"127.0.0.1",
                             "127.0.0.1:10930",
                             "192.0.2.1:1",
                             "[::1]",
                             "[::1]:10930",
                             "[2001:DB8::7]",
                             "[::]:",
                             "localhost",
                             "LocalHost:10930",
                             "localhost.",
                             "localhost.:1",
                             "replmond.example",
                             "REPLMOND.Example.:65535",
                             "replmond",
                             "web1",
                             "web1.internal:80",
                             "Web1.Internal.",
                             "outside.example",
                             "outside.example:8443",
                             "outside.example:10930"})
        EXPECT_TRUE(is_known_host(host, policy())) << host;
}

TEST(SitePolicy, HostsThatAreNot) {
    for (const char* host : {"",
                             ":",
                             ":10930",
                             "evil.example",
                             "evil.example:10930",
                             "replmond.example.evil.example",
                             "xreplmond.example",
                             "x.replmond.example",
                             "web1.evil.example",
                             "evil.localhost",
                             "localhost.evil",
                             "127.0.0.1.evil.example",
                             "127.1",
                             "127.0.0.1.1",
                             "0x7f000001",
                             "2130706433",
                             "256.0.0.1",
                             "::1",
                             "[::1",
                             "::1]",
                             "[::1]x",
                             "[::1]10930",
                             "[127.0.0.1]",
                             "[localhost]",
                             "[fe80::1%25eth0]",
                             "[]",
                             "localhost:x",
                             "localhost:1x",
                             "localhost:-1",
                             "localhost:65536",
                             "localhost: 1",
                             " localhost",
                             "localhost, evil.example",
                             "localhost..",
                             ".",
                             "user@localhost",
                             "localhost/",
                             "localhost#",
                             "local\thost",
                             "evil.example\\localhost",
                             "*",
                             "replmond*"})
        EXPECT_FALSE(is_known_host(host, policy())) << host;
}

http::http_request with(http::header_list headers) {
    http::http_request request;
    request.method = "POST";
    request.target = "/-/reload";
    request.headers = std::move(headers);
    return request;
}

TEST(SitePolicy, PagesAskForANameOnlyWhereSomeAreAllowed) {
    site_policy p = policy();
    EXPECT_TRUE(objection_to_page(with({{"Host", "evil.example"}}), p));
    EXPECT_TRUE(objection_to_page(with({{"host", ""}}), p));
    EXPECT_FALSE(objection_to_page(with({}), p)); // HTTP/1.0
    EXPECT_FALSE(objection_to_page(with({{"Host", "replmond:10930"}}), p));
    EXPECT_FALSE(objection_to_page(with({{"Host", "replmond"}, {"Origin", "https://evil.example"}}), p));
    p.allowed_hosts.clear();
    EXPECT_FALSE(objection_to_page(with({{"Host", "evil.example"}}), p));
}

TEST(SitePolicy, ReloadAlwaysAsksForAName) {
    site_policy p = policy();
    p.allowed_hosts.clear();
    EXPECT_TRUE(objection_to_reload(with({{"Host", "evil.example"}}), p));
    EXPECT_TRUE(objection_to_reload(with({{"Host", ""}}), p));
    EXPECT_FALSE(objection_to_reload(with({{"Host", "outside.example:8443"}}), p));
    EXPECT_FALSE(objection_to_reload(with({{"Host", "web1"}}), p));
    EXPECT_FALSE(objection_to_reload(with({}), p));
}

TEST(SitePolicy, ReloadIsNotForOtherSites) {
    struct row {
        const char* host;
        const char* origin; ///< empty: none
        const char* fetch_site;
        bool passes;
    };
    const std::vector<row> table{
        {"localhost:10930", "", "", true}, // curl and its like
        {"localhost:10930", "http://localhost:10930", "same-origin", true},
        {"localhost:10930", "http://localhost:10930", "", true}, // a browser that knows no Sec-Fetch-Site
        {"LOCALHOST:10930", "http://localhost:10930", "", true},
        {"127.0.0.1:10930", "https://127.0.0.1:10930", "", true},
        {"[::1]:10930", "http://[::1]:10930", "", true},
        {"192.0.2.1", "http://192.0.2.1", "", true},
        {"192.0.2.1", "https://192.0.2.1", "", true}, // a proxy in front speaks TLS
        {"192.0.2.1:443", "https://192.0.2.1", "", true},
        {"192.0.2.1", "https://192.0.2.1:443", "", true},
        {"127.0.0.1:10930", "https://outside.example:8443", "same-origin", true}, // as a proxy passes it on
        {"localhost:10930", "", "none", true},                                    // typed by the user
        {"localhost:10930", "https://evil.example", "", false},
        {"localhost:10930", "http://localhost", "", false},
        {"localhost:10930", "http://localhost:3000", "", false},
        {"localhost:10930", "http://127.0.0.1:10930", "", false},
        {"localhost:10930", "http://outside.example:8443", "", false},
        {"localhost:10930", "https://outside.example", "", false},
        {"localhost:10930", "null", "", false},
        {"localhost:10930", "chrome-extension://abc", "", false},
        {"localhost:10930", "http://user@localhost:10930", "", false},
        {"localhost:10930", "http://localhost:10930/path", "", false},
        {"localhost:10930", "localhost:10930", "", false},
        {"localhost:10930", "", "cross-site", false},
        {"localhost:10930", "", "same-site", false},
        {"localhost:10930", "", "Same-Origin", false},
        {"localhost:10930", "", "?", false},
        {"localhost:10930", "http://localhost:10930", "cross-site", false},
    };
    for (const row& r : table) {
        SCOPED_TRACE(std::string(r.host) + ' ' + r.origin + ' ' + r.fetch_site);
        http::header_list headers{{"Host", r.host}};
        if (*r.origin != '\0')
            headers.emplace_back("origin", r.origin);
        if (*r.fetch_site != '\0')
            headers.emplace_back("Sec-Fetch-Site", r.fetch_site);
        EXPECT_EQ(!objection_to_reload(with(headers), policy()), r.passes);
    }
}

TEST(SitePolicy, AHeaderThatIsThereTwiceOrEmptyIsOfAnotherSite) {
    const std::pair<std::string, std::string> here{"Host", "localhost"};
    const std::pair<std::string, std::string> page{"Origin", "http://localhost"};
    EXPECT_FALSE(objection_to_reload(with({here, page}), policy()));
    EXPECT_TRUE(objection_to_reload(with({here, page, {"Origin", "https://evil.example"}}), policy()));
    EXPECT_TRUE(objection_to_reload(with({here, page, page}), policy()));
    EXPECT_TRUE(objection_to_reload(with({here, {"Origin", ""}}), policy()));
    EXPECT_TRUE(objection_to_reload(with({here, {"Sec-Fetch-Site", ""}}), policy()));
    EXPECT_TRUE(objection_to_reload(
        with({here, {"Sec-Fetch-Site", "none"}, {"Sec-Fetch-Site", "cross-site"}}), policy()));
    EXPECT_TRUE(objection_to_reload(with({page}), policy())) << "there is no Host to compare with";
}

TEST(SitePolicy, AllowedHosts) {
    EXPECT_EQ(parse_allowed_host("Replmond.Example."), "replmond.example");
    EXPECT_EQ(parse_allowed_host("replmond_1"), "replmond_1");
    EXPECT_EQ(parse_allowed_host("192.0.2.1"), "192.0.2.1");
    EXPECT_TRUE(parse_allowed_host(std::string(253, 'a')));
    EXPECT_FALSE(parse_allowed_host(std::string(254, 'a')));
    for (const char* text : {"", ".", ".a", "a..b", "a b", "*", "*.example", "a:80", "http://a", "a/",
                             "[::1]", "::1", "a,b", "b\xc3\xbc"})
        EXPECT_FALSE(parse_allowed_host(text)) << text;
}

TEST(SitePolicy, ExternalUrls) {
    const auto read = parse_external_url("HTTPS://Outside.example:8443/a/b");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->host_and_port(), "outside.example:8443");
    EXPECT_TRUE(read->tls);
    EXPECT_EQ(parse_external_url("http://[::1]")->host_and_port(), "[::1]:80");
    EXPECT_EQ(parse_external_url("https://outside.example/")->port, 443);
    for (const char* text :
         {"", "/", "outside.example", "//outside.example", "ftp://outside.example", "https://",
          "https:///path", "https://user@outside.example", "https://outside.example?x",
          "https://outside.example/a b", "https://outside.example/a#b", "https://outside.example:0",
          "https://outside.example:99999", "https://a/\n", "https://a/\x7f"})
        EXPECT_FALSE(parse_external_url(text)) << text;
}

TEST(SitePolicy, NamesOfThisHost) {
    EXPECT_THAT(names_of_host("Web1.internal.example"), ElementsAre("web1.internal.example", "web1"));
    EXPECT_THAT(names_of_host("web1"), ElementsAre("web1"));
    EXPECT_THAT(names_of_host(""), IsEmpty());
    EXPECT_THAT(names_of_host("(none)"), IsEmpty());
    EXPECT_THAT(names_of_host("10.0.0.1"), ElementsAre("10.0.0.1"));
}

} // namespace
} // namespace replmond::web
