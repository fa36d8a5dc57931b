#include "daemon/cloud/token_request.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <string>

namespace replmond::cloud {
namespace {

namespace json = boost::json;

const password_login plain{"account", "user", "hunter2", "cn-north-4", std::nullopt};

TEST(TokenRequest, AsksForAProjectByNameOrId) {
    password_login login = plain;
    const net::http_request by_name = make_token_request(login);
    EXPECT_EQ(by_name.method, "POST");
    EXPECT_EQ(by_name.target, "/v3/auth/tokens?nocatalog=true");
    EXPECT_EQ(by_name.headers, (net::header_list{{"Content-Type", "application/json;charset=utf8"}}));
    EXPECT_EQ(by_name.body,
              R"({"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"user",)"
              R"("password":"hunter2","domain":{"name":"account"}}}},)"
              R"("scope":{"project":{"name":"cn-north-4"}}}})");

    login.project_id = "p1";
    EXPECT_NE(make_token_request(login).body.find(R"("scope":{"project":{"id":"p1"}}})"), std::string::npos);
}

TEST(TokenRequest, EscapesWhateverNamesHave) {
    for (const std::string& odd :
         {std::string(R"(a"b\c/d)"), std::string("tab\there"), std::string("\xE5\x8D\x8E\xE4\xB8\xBA"),
          std::string("{\"x\": 1}"), std::string("\x01\x1F\x7F"), std::string("nul\0inside", 10),
          std::string("\xF0\x9F\x94\x91"), std::string()}) {
        const net::http_request made = make_token_request({odd, odd, odd, odd, std::nullopt});
        json::error_code error;
        const json::value body = json::parse(made.body, error);
        ASSERT_FALSE(error) << made.body;
        const json::value& user = body.at("auth").at("identity").at("password").at("user");
        EXPECT_EQ(user.at("name").as_string(), odd);
        EXPECT_EQ(user.at("password").as_string(), odd);
        EXPECT_EQ(user.at("domain").at("name").as_string(), odd);
        EXPECT_EQ(body.at("auth").at("scope").at("project").at("name").as_string(), odd);
    }
}

} // namespace
} // namespace replmond::cloud
