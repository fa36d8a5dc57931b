#include "daemon/export/query_string.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace replmond::exposition {
namespace {

using parameters = std::vector<std::pair<std::string, std::string>>;

TEST(QueryString, IsReadIntoParameters) {
    const std::vector<std::pair<const char*, parameters>> table{
        {"/p", {}},
        {"/p?", {}},
        {"/p?&&", {}},
        {"/p?a=1&b=2", {{"a", "1"}, {"b", "2"}}},
        {"/p?a=1&a=2", {{"a", "1"}, {"a", "2"}}},
        {"/p?a", {{"a", ""}}},
        {"/p?a=", {{"a", ""}}},
        {"/p?=1", {{"", "1"}}},
        {"/p?a=b=c", {{"a", "b=c"}}},
        {"/p?a=b?c", {{"a", "b?c"}}},
        {"/p?a+b=c+d", {{"a b", "c d"}}},
        {"/p?a=%2B%26%3D%25", {{"a", "+&=%"}}},
        {"/p?%61=%E8%AE%A2%e5%8d%95", {{"a", "订单"}}},
        {"/p?a=%00", {{"a", std::string(1, '\0')}}},
    };
    for (const auto& [target, expected] : table)
        EXPECT_EQ(parse_query_string(target), expected) << target;
}

TEST(QueryString, ABrokenEscapeIsRefused) {
    for (const char* target : {"/p?a=%", "/p?a=%2", "/p?a=%zz", "/p?a=%2x", "/p?a=%-1", "/p?a=%+1", "/p?%=1",
                               "/p?a=1&b=%4", "/p?a=% 1"})
        EXPECT_EQ(parse_query_string(target), std::nullopt) << target;
}

TEST(QueryString, ValuesAreEncodedSoThatTheyReadBack) {
    EXPECT_EQ(encode_query_value("a-z_A.Z~09"), "a-z_A.Z~09");
    EXPECT_EQ(encode_query_value("a b&c=d+e%\"'<订"), "a%20b%26c%3Dd%2Be%25%22%27%3C%E8%AE%A2");
    std::string all;
    for (int c = 0; c < 256; ++c)
        all += static_cast<char>(c);
    EXPECT_EQ(parse_query_string("/?x=" + encode_query_value(all)), (parameters{{"x", all}}));
}

TEST(QueryString, PathsWithoutParametersTakeNone) {
    EXPECT_TRUE(std::holds_alternative<no_query>(parse_no_query("/p?")));
    EXPECT_EQ(std::get<std::string>(parse_no_query("/p?x=1")), "unknown parameter \"x\": none is taken here");
}

TEST(QueryString, WhatIsEchoedIsCut) {
    EXPECT_LT(unknown_parameter(std::string(5000, 'x'), {"a"}).size(), 200U);
}

} // namespace
} // namespace replmond::exposition
