#include "daemon/cloud/htap_answer.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

namespace replmond::cloud {
namespace {

const std::string id_a = "0123456789abcdef0123456789abcdefin17";

// "total records/unusable [no proof]: name status, …; field=value …", or why it is no list.
std::string show(std::string_view body) {
    const auto list = decode_htap(body);
    if (!list)
        return fmt::format("{}: {}", to_string(list.error().result), list.error().error_msg);
    std::string text = fmt::format("{} {}/{}{}:", list->total ? std::to_string(*list->total) : "-",
                                   list->records, list->unusable, list->proves_absence() ? "" : " no proof");
    for (const auto& i : list->starrocks)
        text += fmt::format(" {} {}", i.name, i.status);
    for (const auto& u : list->unexpected)
        text += fmt::format("; {}={}", u.field, u.value);
    return text;
}

std::string record(const std::string& engine, const std::string& id = id_a) {
    return fmt::format(
        R"({{"id":"{}","name":"sr","engine_name":{},"instance_state":{{"instance_status":"normal"}}}})", id,
        engine);
}

std::string list_of(const std::string& records, const std::string& total = "1") {
    return R"({"total":)" + total + R"(,"max_htap_instance_num_of_taurus":5,"instances":[)" + records + "]}";
}

TEST(HtapAnswer, KeepsStarRocks) {
    for (const char* engine : {"star-rocks", "StarRocks", "STAR_ROCKS", "starrocks"})
        EXPECT_EQ(show(list_of(record('"' + std::string(engine) + '"'))), "1 1/0: sr normal") << engine;
    for (const char* engine : {"click-house", "ClickHouse", "star", "starrocks2"})
        EXPECT_EQ(show(list_of(record('"' + std::string(engine) + '"'))), "1 1/0:") << engine;
    EXPECT_EQ(show(list_of(record("\"click-house\"", "odd") + ',' + record("\"star-rocks\""), "2")),
              "2 2/0: sr normal");
}

TEST(HtapAnswer, WithoutAnEngineNobodyKnows) {
    EXPECT_EQ(show(list_of(record("null"))), "1 1/1 no proof:; engine_name=null");
    EXPECT_EQ(show(list_of(record("\"\""))), "1 1/1 no proof:; engine_name=");
    EXPECT_EQ(show(list_of(record("3"))), "1 1/1 no proof:; engine_name=3");
    EXPECT_EQ(show(list_of(R"({"id":")" + id_a + "\"}")), "1 1/1 no proof:; engine_name=absent");
}

TEST(HtapAnswer, UnusableIdsAreCounted) {
    EXPECT_EQ(show(list_of(record("\"star-rocks\"", "short"))), "1 1/1 no proof:; id=short");
    EXPECT_EQ(show(list_of("7")), "1 1/1 no proof:; id=7");
}

TEST(HtapAnswer, ATotalThatDiffersProvesNothing) {
    EXPECT_EQ(show(list_of(record("\"star-rocks\""), "2")), "2 1/0 no proof: sr normal");
    EXPECT_EQ(show(list_of(record("\"star-rocks\""), "\"1\"")), "1 1/0: sr normal");
    EXPECT_EQ(show(list_of(record("\"star-rocks\""), "null")), "- 1/0: sr normal");
    EXPECT_EQ(show(list_of(record("\"star-rocks\""), "\"x\"")), "- 1/0: sr normal; total=x");
    EXPECT_EQ(show(R"({"total":0,"instances":null})"), "0 0/0:");
}

TEST(HtapAnswer, ToleratesOddStates) {
    const std::string start = R"({"id":")" + id_a + R"(","name":"sr","engine_name":"star-rocks")";
    EXPECT_EQ(show(list_of(start + "}")), "1 1/0: sr ");
    EXPECT_EQ(show(list_of(start + R"(,"instance_state":"normal"})")), "1 1/0: sr ");
    EXPECT_EQ(show(list_of(start + R"(,"instance_state":{"instance_status":1}})")),
              "1 1/0: sr ; instance_status=1");
}

TEST(HtapAnswer, RefusesWhatIsNoSuchList) {
    EXPECT_EQ(show("{}"), "protocol: the answer has no \"instances\"");
    EXPECT_EQ(show(R"({"instances":"x"})"), "protocol: \"instances\" in the answer is not an array");
    EXPECT_TRUE(show("x").starts_with("protocol: the answer is not JSON"));
}

} // namespace
} // namespace replmond::cloud
