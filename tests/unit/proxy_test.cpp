#include "daemon/net/proxy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

namespace replmond::net {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Proxy, ReadsAnAddress) {
    const auto plain = parse_proxy_url("http://proxy.example");
    ASSERT_TRUE(plain);
    EXPECT_EQ(plain->at, (origin{false, "proxy.example", 80}));
    EXPECT_EQ(plain->authorization, "");
    const auto ipv6 = parse_proxy_url("http://[2001:DB8::1]:3128/");
    ASSERT_TRUE(ipv6);
    EXPECT_EQ(ipv6->at, (origin{false, "2001:db8::1", 3128}));
}

TEST(Proxy, ReadsUserAndPassword) {
    const std::map<std::string, std::string> table{
        {"Aladdin:open%20sesame", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="}, // RFC 7617
        {"test:123%c2%A3", "Basic dGVzdDoxMjPCow=="},                    // RFC 7617
        {"u:p%40s%3Ast%25", "Basic dTpwQHM6c3Ql"},
        {"u:p:q", "Basic dTpwOnE="},
        {"user", "Basic dXNlcjo="},
        {"user:", "Basic dXNlcjo="},
        {":p", "Basic OnA="},
        {"", ""},
    };
    for (const auto& [user_info, authorization] : table) {
        const auto read = parse_proxy_url("http://" + user_info + "@proxy.example:3128");
        ASSERT_TRUE(read) << user_info;
        EXPECT_EQ(read->authorization, authorization) << user_info;
        EXPECT_EQ(read->at.port, 3128);
    }
}

TEST(Proxy, RefusesAllElse) {
    for (const char* url :
         {"", "proxy.example", "proxy.example:3128", "https://proxy.example", "socks5://proxy.example",
          "http://", "http://u:p@", "http://u:p@ss@proxy.example", "http://u:%4@proxy.example",
          "http://u:p%0@proxy.example", "http://proxy.example/x", "http://proxy.example:0",
          "http://proxy.example:65536", "http://proxy.example\r\n", "http://u\r\n:p@proxy.example"})
        EXPECT_EQ(parse_proxy_url(url), std::nullopt) << url;
}

class ChooseProxy : public ::testing::Test {
protected:
    // The host of the proxy that is chosen; "direct" for none, else what is wrong.
    std::string choose(const std::string& url, const std::optional<std::string>& configured = std::nullopt) {
        const auto lookup = [this](const std::string& name) {
            const auto found = environment_.find(name);
            return found == environment_.end() ? std::nullopt : std::optional<std::string>(found->second);
        };
        const auto chosen = choose_proxy(configured, lookup, *parse_origin(url));
        if (!chosen)
            return chosen.error().error_msg;
        if (!*chosen)
            return "direct";
        setting_ = (*chosen)->setting;
        return (*chosen)->at.authority();
    }

    std::map<std::string, std::string> environment_;
    std::string setting_; ///< what named the one chosen last
    const std::string cloud_ = "https://gaussdb.cloud.example";
};

TEST_F(ChooseProxy, NoneByDefault) {
    EXPECT_EQ(choose(cloud_), "direct");
    environment_ = {
        {"HTTPS_PROXY", ""}, {"https_proxy", ""}, {"HTTP_PROXY", "http://wrong"}, {"ALL_PROXY", "wrong"}};
    EXPECT_EQ(choose(cloud_), "direct");
}

TEST_F(ChooseProxy, TheConfiguredOneAlwaysWins) {
    environment_ = {{"HTTPS_PROXY", "http://environment.example"}, {"NO_PROXY", "*"}};
    const std::string configured = "http://u:p@configured.example:3128";
    for (const char* url :
         {"https://gaussdb.cloud.example", "http://plain.cloud.example", "https://localhost:1"})
        EXPECT_EQ(choose(url, configured), "configured.example:3128") << url;
}

TEST_F(ChooseProxy, TheEnvironmentsForHttpsOnly) {
    environment_ = {{"HTTPS_PROXY", "http://environment.example:3128"}};
    EXPECT_EQ(choose(cloud_), "environment.example:3128");
    EXPECT_EQ(choose("http://plain.cloud.example"), "direct");
}

TEST_F(ChooseProxy, CapitalsWin) {
    environment_ = {{"HTTPS_PROXY", "http://upper"}, {"https_proxy", "http://lower"}};
    EXPECT_EQ(choose(cloud_), "upper");
    EXPECT_EQ(setting_, "HTTPS_PROXY");
    environment_["HTTPS_PROXY"] = "";
    EXPECT_EQ(choose(cloud_), "lower");
    EXPECT_EQ(setting_, "https_proxy");
    environment_.erase("HTTPS_PROXY");
    EXPECT_EQ(choose(cloud_), "lower");
    environment_["no_proxy"] = "cloud.example";
    EXPECT_EQ(choose(cloud_), "direct");
    environment_["NO_PROXY"] = "other.example";
    EXPECT_EQ(choose(cloud_), "lower");
}

TEST_F(ChooseProxy, WithoutAScheme) {
    environment_ = {{"HTTPS_PROXY", "environment.example:3128"}};
    EXPECT_EQ(choose(cloud_), "environment.example:3128");
    environment_ = {{"HTTPS_PROXY", "u:p@environment.example"}};
    EXPECT_EQ(choose(cloud_), "environment.example");
}

TEST_F(ChooseProxy, NeverToLoopback) {
    environment_ = {{"HTTPS_PROXY", "http://environment.example"}};
    for (const char* url : {"https://localhost", "https://LOCALHOST:8443", "https://127.0.0.1",
                            "https://127.9.9.9:1", "https://[::1]:8443"})
        EXPECT_EQ(choose(url), "direct") << url;
    EXPECT_EQ(choose("https://128.0.0.1"), "environment.example");
}

TEST_F(ChooseProxy, NotToWhatNoProxyNames) {
    environment_ = {{"HTTPS_PROXY", "http://environment.example"},
                    {"NO_PROXY", "10.0.0.0/8, .cloud.example"}};
    EXPECT_EQ(choose(cloud_), "direct");
    EXPECT_EQ(choose("https://10.1.2.3"), "direct");
    EXPECT_EQ(choose("https://iam.other.example"), "environment.example");
}

TEST_F(ChooseProxy, SaysWhatIsWrongWithoutTheValue) {
    environment_ = {{"HTTPS_PROXY", "https://hunter2@proxy.example"}};
    EXPECT_EQ(choose(cloud_), "HTTPS_PROXY: a proxy is spoken to by http:// only, https:// cannot be used");
    environment_ = {{"https_proxy", "socks5://user:hunter2@proxy.example"}};
    EXPECT_EQ(choose(cloud_), "https_proxy: a proxy is spoken to by http:// only, socks5:// cannot be used");
    for (const char* wrong :
         {"http://u:hunter2", "hunter2://proxy.example", "http://u:hunter2@proxy.example/x",
          "http://u:hunt@hunter2@proxy.example", "u:hunter2@", "hunter2 "}) {
        environment_ = {{"HTTPS_PROXY", wrong}};
        EXPECT_THAT(choose(cloud_), HasSubstr("HTTPS_PROXY: expected http://[user:password@]host[:port]"))
            << wrong;
        EXPECT_THAT(choose(cloud_), Not(HasSubstr("hunt")));
    }
    EXPECT_EQ(choose("https://localhost"), "direct"); // it is not looked at where it does not count
}

} // namespace
} // namespace replmond::net
