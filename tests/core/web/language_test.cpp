#include "daemon/core/web/language.hpp"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace replmond::web {
namespace {

TEST(Language, ThatABrowserPrefers) {
    struct row {
        std::string_view header;
        std::string_view preferred;
    };
    const std::vector<row> table{
        {"", "en"},
        {"zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"},
        {"zh", "zh-CN"},
        {"ZH-hans-cn", "zh-CN"},
        {"zh-TW,zh;q=0.9,en-US;q=0.8,en;q=0.7", "zh-CN"},
        {"en-US,en;q=0.9,zh-CN;q=0.8", "en"},
        {"de,zh-CN;q=0.5,en;q=0.4", "zh-CN"},
        {"de,fr;q=0.9", "en"},
        {"en;q=0.5, zh;q=0.5", "en"},
        {"zh;q=0.5, en;q=0.5", "zh-CN"},
        {"zh;q=0", "en"},
        {"zh;q=nonsense", "en"},
        {"zh;q=2", "en"},
        {"*", "en"},
        {"zhuang", "en"},
        {"en;q=0.1, *;q=1, zh;q=0.2", "zh-CN"},
        {",,;;q=1,zh", "zh-CN"},
    };
    for (const row& each : table)
        EXPECT_EQ(tag_of(preferred_language(each.header)), each.preferred) << each.header;
}

TEST(Language, IsReadFromItsTag) {
    EXPECT_EQ(parse_language("zh-CN"), language::chinese);
    EXPECT_EQ(parse_language("EN"), language::english);
    EXPECT_EQ(parse_language("en-GB"), language::english);
    for (const std::string_view other : {"", "-", "e", "english", "zh_CN", "de", "-zh"})
        EXPECT_EQ(parse_language(other), std::nullopt) << other;
}

} // namespace
} // namespace replmond::web
