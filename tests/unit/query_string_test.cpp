#include "daemon/export/query_string.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace replmond::exposition {
namespace {

using parameters = std::map<std::string, std::string>;

TEST(QueryString, IsReadIntoParameters) {
    const std::vector<std::pair<const char*, parameters>> table{
        {"/p", {}},
        {"/p?", {}},
        {"/p?&&", {}},
        {"/p?a=1&b=2", {{"a", "1"}, {"b", "2"}}},
        {"/p?a=1&a=2", {{"a", "2"}}},
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

} // namespace
} // namespace replmond::exposition
