#include "daemon/core/web/html.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace replmond::web {
namespace {

std::string escaped(std::string_view text) {
    std::string page;
    append_escaped(page, text);
    return page;
}

TEST(Html, Escapes) {
    EXPECT_EQ(escaped("<a href=\"x\" id='y'>&amp;</a>"),
              "&lt;a href=&quot;x&quot; id=&#39;y&#39;&gt;&amp;amp;&lt;/a&gt;");
    EXPECT_EQ(escaped("任务 plain\n\t"), "任务 plain\n\t");
    EXPECT_EQ(escaped(""), "");
}

TEST(Html, ReplacesWhatIsNoText) {
    EXPECT_EQ(escaped(std::string_view("a\0b", 3)), "a\uFFFDb");
    EXPECT_EQ(escaped("\x1b[31m\x7F\r"), "\uFFFD[31m\uFFFD\uFFFD");
    EXPECT_EQ(escaped("a\xFF<\xE4\xBB"), "a\uFFFD&lt;\uFFFD\uFFFD");
}

TEST(Html, WritesAttributesAndAges) {
    std::string page;
    const timestamp noon{milliseconds(1'800'014'400'000)};
    html(page).attribute("href", "\"><b>").ago(noon - std::chrono::seconds(61), noon);
    const std::string moment =
        "<time datetime=\"2027-01-15T11:58:59.000Z\">2027-01-15 11:58:59Z</time></span>";
    EXPECT_EQ(page, " href=\"&quot;&gt;&lt;b&gt;\"<span class=\"age\">1 min ago</span> <span class=\"sub\">" +
                        moment);
    page.clear();
    html(page).lasting(noon - std::chrono::seconds(61), noon);
    EXPECT_EQ(page, "<span class=\"age\">for 1 min</span> <span class=\"sub\">since " + moment);
}

TEST(Html, AgesHaveTwoUnitsAtMost) {
    using std::chrono::seconds;
    const std::vector<std::pair<long long, const char*>> table{
        {-5, "0 s"},      {0, "0 s"},         {59, "59 s"},        {60, "1 min"},
        {3599, "59 min"}, {3600, "1 h"},      {7500, "2 h 5 min"}, {86399, "23 h 59 min"},
        {86400, "1 d"},   {97200, "1 d 3 h"}, {40 * 86400, "40 d"}};
    for (const auto& [age, expected] : table)
        EXPECT_EQ(age_text(seconds(age)), expected) << age;
    EXPECT_EQ(age_text(milliseconds(999)), "0 s");
}

} // namespace
} // namespace replmond::web
