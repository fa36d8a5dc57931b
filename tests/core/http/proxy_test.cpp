#include "daemon/core/http/proxy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace replmond::http {

namespace {

struct row {
    const char* list;
    std::string host;
    bool exempt;
    std::uint16_t port = 443;
};

void check(const std::vector<row>& table) {
    for (const row& r : table) {
        origin to;
        to.host = r.host;
        to.port = r.port;
        EXPECT_EQ(is_exempt(r.list, to), r.exempt) << '"' << r.list << "\" and " << r.host << ':' << r.port;
    }
}

TEST(NoProxy, NamesAndAllBelowThem) {
    check({
        {"", "a.example.com", false},
        {" , ,\t", "a.example.com", false},
        {"*", "a.example.com", true},
        {"other,*", "a.example.com", true},
        {"example.com", "example.com", true},
        {"example.com", "a.example.com", true},
        {"example.com", "a.b.example.com", true},
        {".example.com", "example.com", true},
        {".example.com", "a.example.com", true},
        {"*.example.com", "a.example.com", true},
        {"EXAMPLE.com", "a.example.COM", true},
        {"example.com.", "a.example.com", true},
        {"example.com", "a.example.com.", true},
        {"example.com", "notexample.com", false},
        {".example.com", "notexample.com", false},
        {"a.example.com", "example.com", false},
        {"com", "example.com", true},
        {".", "example.com", false},
        {"*.", "example.com", false},
        {"*..example.com", "a.example.com", false},
        {"ex*", "example.com", false},
        {"one, two three\texample.com", "example.com", true},
        {"one,example.com,", "example.com", true},
    });
}

TEST(NoProxy, Ports) {
    check({
        {"example.com:443", "a.example.com", true},
        {"example.com:8443", "a.example.com", false},
        {"example.com:8443", "a.example.com", true, 8443},
        {"10.0.0.1:443", "10.0.0.1", true},
        {"10.0.0.1:80", "10.0.0.1", false},
        {"[2001:db8::1]:443", "2001:db8::1", true},
        {"[2001:db8::1]:80", "2001:db8::1", false},
        {"example.com:", "example.com", false},
        {"example.com:x", "example.com", false},
        {"example.com:99999999999", "example.com", false},
        {":443", "example.com", false},
    });
}

TEST(NoProxy, Addresses) {
    check({
        {"10.0.0.1", "10.0.0.1", true},
        {"10.0.0.1", "10.0.0.2", false},
        {"10.0.0.1", "10.0.0.10", false},
        {"0.0.1", "10.0.0.1", false}, // an end of an address is no domain
        {"10.0.0.1", "a.10.0.0.1", true},
        {"::ffff:10.0.0.1", "10.0.0.1", true},
        {"2001:db8::1", "2001:db8::1", true},
        {"2001:db8::1", "2001:db8:0:0::1", true},
        {"[2001:DB8::1]", "2001:db8::1", true},
        {"2001:db8::1", "2001:db8::2", false},
        {"[2001:db8::1", "2001:db8::1", false},
        {"[]", "2001:db8::1", false},
        {"x2001:db8::1]", "2001:db8::1", false},
    });
}

TEST(NoProxy, Networks) {
    check({
        {"10.0.0.0/8", "10.255.3.4", true},
        {"10.0.0.0/8", "11.0.0.1", false},
        {"10.20.30.40/12", "10.16.0.1", true},
        {"10.20.30.40/12", "10.32.0.1", false},
        {"10.0.0.1/32", "10.0.0.1", true},
        {"10.0.0.1/32", "10.0.0.0", false},
        {"0.0.0.0/0", "192.0.2.1", true},
        {"0.0.0.0/0", "2001:db8::1", false},
        {"::/0", "2001:db8::1", true},
        {"::/0", "192.0.2.1", false},
        {"fd00::/8", "fdab::1", true},
        {"fd00::/8", "fe80::1", false},
        {"2001:db8::/33", "2001:db8:7fff::1", true},
        {"2001:db8::/33", "2001:db8:8000::1", false},
        {"2001:db8::1/128", "2001:db8::1", true},
        {"10.0.0.0/8", "::ffff:10.1.2.3", true},
        {"10.0.0.0/8", "ten.example.com", false},
        {"10.0.0.0/33", "10.0.0.0", false},
        {"10.0.0.0/-1", "10.0.0.0", false},
        {"10.0.0.0/", "10.0.0.0", false},
        {"/8", "10.0.0.0", false},
        {"example.com/8", "example.com", false},
        {"2001:db8::/129", "2001:db8::1", false},
        {"2001:db8::1/129", "2001:db8::1", false},
        {"10.0.0.0/8x", "10.0.0.0", false},
        {"::/0", "ten.example.com", false},
    });
}

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
        {":", "Basic Og=="},
        {"u:%40a", "Basic dTpAYQ=="},
        {"AZ:az09", "Basic QVo6YXowOQ=="},
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
          "http://u:p%0@proxy.example", "http:// u@proxy.example", "http://u[@proxy.example",
          "http://proxy.example/x", "http://proxy.example:0", "http://proxy.example:65536",
          "http://proxy.example\r\n", "http://u\r\n:p@proxy.example"})
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
    EXPECT_EQ(choose(cloud_), "HTTPS_PROXY: only http:// proxies are supported, https:// cannot be used");
    environment_ = {{"https_proxy", "socks5://user:hunter2@proxy.example"}};
    EXPECT_EQ(choose(cloud_), "https_proxy: only http:// proxies are supported, socks5:// cannot be used");
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

} // namespace replmond::http
