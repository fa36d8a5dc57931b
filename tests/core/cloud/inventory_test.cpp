#include "daemon/core/cloud/endpoints.hpp"
#include "daemon/core/cloud/inventory.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

namespace replmond::cloud {

namespace {

const std::string id_a = "0123456789abcdef0123456789abcdefin07";
const std::string id_b = "FEDCBA9876543210fedcba9876543210in07";

// What a page says: "total records/unusable: id name status, …; field=value …", or why it is none.
std::string show(std::string_view body) {
    const auto page = decode_instances(body);
    if (!page)
        return fmt::format("{}: {}", to_string(page.error().result), page.error().error_msg);
    std::string text = fmt::format("{} {}/{}:", page->total_count ? std::to_string(*page->total_count) : "-",
                                   page->records, page->unusable);
    for (const auto& i : page->instances)
        text += fmt::format(" {}{}{}{}",
                            i.id == id_a   ? "a"
                            : i.id == id_b ? "b"
                                           : "?",
                            i.name.empty() ? "" : " ", i.name, i.status.empty() ? "" : " " + i.status);
    for (const auto& u : page->unexpected)
        text += fmt::format("; {}={}", u.field, u.value);
    return text;
}

// A page with one record of these fields.
std::string with(const std::string& fields) {
    return R"({"total_count":1,"instances":[{)" + fields + "}]}";
}

TEST(TaurusdbInstances, ReadsWhatTheCloudMaySend) {
    const std::string a = R"("id":")" + id_a + '"';
    struct row {
        std::string body;
        const char* expected;
    };
    const row table[] = {
        {with(a + R"(,"name":"shop","status":"ACTIVE","datastore":{"type":"gaussdb-mysql"},"tags":[])"),
         "1 1/0: a shop ACTIVE"},
        {R"({"instances":[{"id":")" + id_b + R"(","name":"订单"}],"total_count":"2"})", "2 1/0: b 订单"},
        {R"({"instances":[],"total_count":0})", "0 0/0:"},
        {R"({"instances":null,"total_count":0})", "0 0/0:"},
        {R"({"total_count":"0"})", "0 0/0:"},
        {R"({"instances":[]})", "- 0/0:"},
        {R"({"instances":[],"total_count":null})", "- 0/0:"},
        {R"({"instances":[],"total_count":"many"})", "- 0/0:; total_count=many"},
        {with(a + R"(,"name":null,"status":null)"), "1 1/0: a"},
        {with(a + R"(,"name":7)"), "1 1/0: a; name=7"},
        {with(R"("name":"no id")"), "1 1/1:; id=absent"},
        {with(R"("id":null)"), "1 1/1:; id=null"},
        {with(R"("id":12)"), "1 1/1:; id=12"},
        {with(R"("id":"short")"), "1 1/1:; id=short"},
        {with(R"("id":"../23456789abcdef0123456789abcdefin07")"),
         "1 1/1:; id=../23456789abcdef0123456789abcdefin07"},
        {R"({"instances":["x",{"id":")" + id_a + R"("}]})", "- 2/1: a; id=x"},
    };
    for (const row& r : table)
        EXPECT_EQ(show(r.body), r.expected) << r.body;
}

TEST(TaurusdbInstances, RefusesWhatIsNoSuchList) {
    const std::string no_list = "protocol: the answer has no \"instances\"";
    EXPECT_EQ(show("{}"), no_list);
    EXPECT_EQ(show(R"({"instances":null})"), no_list);
    EXPECT_EQ(show(R"({"instances":null,"total_count":"many"})"), no_list);
    EXPECT_EQ(show(R"({"instances":{}})"), "protocol: \"instances\" in the answer is not an array");
    EXPECT_EQ(show("[]"), "protocol: the answer is JSON, but not an object with \"instances\"");
    for (const char* body : {"", "<html>", R"({"instances":[)", "{\"instances\":[],\"x\":\"\xff\"}"})
        EXPECT_TRUE(show(body).starts_with("protocol: the answer is not JSON")) << body;
}

TEST(TaurusdbInstances, CutsNames) {
    const std::string name(longest_instance_name - 1, 'n');
    const auto page = decode_instances(with(R"("id":")" + id_a + R"(","name":")" + name + "é\""));
    ASSERT_TRUE(page);
    EXPECT_EQ(page->instances.at(0).name, name); // not half a character
}

TEST(TaurusdbInstances, Targets) {
    EXPECT_EQ(instances_target("p1", {200, 100}), "/v3/p1/instances?offset=200&limit=100");
    EXPECT_EQ(htap_target("p1", id_a), "/v3/p1/instances/" + id_a + "/htap");
}

const std::string htap_id = "0123456789abcdef0123456789abcdefin17";

// "total records/unusable [no proof]: name status, …; field=value …", or why it is no list.
std::string show_htap(std::string_view body) {
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

std::string record(const std::string& engine, const std::string& id = htap_id) {
    return fmt::format(
        R"({{"id":"{}","name":"sr","engine_name":{},"instance_state":{{"instance_status":"normal"}}}})", id,
        engine);
}

std::string list_of_instances(const std::string& records, const std::string& total = "1") {
    return R"({"total":)" + total + R"(,"max_htap_instance_num_of_taurus":5,"instances":[)" + records + "]}";
}

TEST(HtapInstances, KeepsStarRocks) {
    for (const char* engine : {"star-rocks", "StarRocks", "STAR_ROCKS", "starrocks"})
        EXPECT_EQ(show_htap(list_of_instances(record('"' + std::string(engine) + '"'))), "1 1/0: sr normal")
            << engine;
    for (const char* engine : {"click-house", "ClickHouse", "star", "starrocks2"})
        EXPECT_EQ(show_htap(list_of_instances(record('"' + std::string(engine) + '"'))), "1 1/0:") << engine;
    EXPECT_EQ(
        show_htap(list_of_instances(record("\"click-house\"", "odd") + ',' + record("\"star-rocks\""), "2")),
        "2 2/0: sr normal");
}

TEST(HtapInstances, WithoutAnEngineNobodyKnows) {
    EXPECT_EQ(show_htap(list_of_instances(record("null"))), "1 1/1 no proof:; engine_name=null");
    EXPECT_EQ(show_htap(list_of_instances(record("\"\""))), "1 1/1 no proof:; engine_name=");
    EXPECT_EQ(show_htap(list_of_instances(record("3"))), "1 1/1 no proof:; engine_name=3");
    EXPECT_EQ(show_htap(list_of_instances(R"({"id":")" + htap_id + "\"}")),
              "1 1/1 no proof:; engine_name=absent");
}

TEST(HtapInstances, UnusableIdsAreCounted) {
    EXPECT_EQ(show_htap(list_of_instances(record("\"star-rocks\"", "short"))), "1 1/1 no proof:; id=short");
    EXPECT_EQ(show_htap(list_of_instances("7")), "1 1/1 no proof:; id=7");
}

TEST(HtapInstances, ATotalThatDiffersProvesNothing) {
    EXPECT_EQ(show_htap(list_of_instances(record("\"star-rocks\""), "2")), "2 1/0 no proof: sr normal");
    EXPECT_EQ(show_htap(list_of_instances(record("\"star-rocks\""), "\"1\"")), "1 1/0: sr normal");
    EXPECT_EQ(show_htap(list_of_instances(record("\"star-rocks\""), "null")), "- 1/0: sr normal");
    EXPECT_EQ(show_htap(list_of_instances(record("\"star-rocks\""), "\"x\"")), "- 1/0: sr normal; total=x");
    EXPECT_EQ(show_htap(R"({"total":0,"instances":null})"), "0 0/0:");
}

TEST(HtapInstances, ToleratesOddStates) {
    const std::string start = R"({"id":")" + htap_id + R"(","name":"sr","engine_name":"star-rocks")";
    EXPECT_EQ(show_htap(list_of_instances(start + "}")), "1 1/0: sr ");
    EXPECT_EQ(show_htap(list_of_instances(start + R"(,"instance_state":"normal"})")), "1 1/0: sr ");
    EXPECT_EQ(show_htap(list_of_instances(start + R"(,"instance_state":{"instance_status":1}})")),
              "1 1/0: sr ; instance_status=1");
}

TEST(HtapInstances, RefusesWhatIsNoSuchList) {
    EXPECT_EQ(show_htap("{}"), "protocol: the answer has no \"instances\"");
    EXPECT_EQ(show_htap(R"({"instances":"x"})"), "protocol: \"instances\" in the answer is not an array");
    EXPECT_TRUE(show_htap("x").starts_with("protocol: the answer is not JSON"));
}

} // namespace

} // namespace replmond::cloud
