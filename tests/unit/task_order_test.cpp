#include "daemon/cloud/targets.hpp"
#include "daemon/cloud/task_order.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <type_traits>

namespace replmond::cloud {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::string source = "0123456789abcdef0123456789abcdefin07";

create_order::fields good() {
    create_order::fields f;
    f.source_instance_id = source;
    f.source_database = "orders";
    f.target_database = "orders_sr";
    f.task_name = "orders_sync";
    return f;
}

std::vector<std::string> bad_fields(const create_order::fields& texts) {
    std::vector<std::string> fields;
    const auto made = create_order::from(texts);
    if (const auto* mistakes = std::get_if<std::vector<order_mistake>>(&made)) {
        for (const order_mistake& mistake : *mistakes)
            fields.push_back(mistake.field);
    }
    return fields;
}

TEST(TaskName, IsNeverEmptyNorBlank) {
    const std::string nul(1, '\0');
    for (const std::string text : {"", " ", "\t\n", "\x7f", "\xff", "a\xc3"})
        EXPECT_FALSE(task_name::from(text)) << text;
    EXPECT_FALSE(task_name::from(nul));
    for (const char* text : {"a", "订单同步", "two words", "-"})
        EXPECT_EQ(task_name::from(text)->text(), text);
}

// A moved-from string is empty: such a name would reach the wire.
TEST(TaskName, StaysWhatItIsWhenMovedFrom) {
    auto name = task_name::from("a name that is longer than what a string keeps in itself");
    const task_name other = std::move(*name);
    EXPECT_EQ(name->text(), other.text());
    static_assert(!std::is_default_constructible_v<task_name>);
    static_assert(!std::is_default_constructible_v<create_order>);
}

TEST(TaskName, BodyIsJson) {
    EXPECT_EQ(named_body(*task_name::from("t1")), R"({"task_name":"t1"})");
    EXPECT_EQ(named_body(*task_name::from("a\"\n")), R"({"task_name":"a\"\n"})");
}

TEST(CreateOrder, Body) {
    auto texts = good();
    EXPECT_EQ(std::get<create_order>(create_order::from(texts)).body(),
              R"({"source_instance_id":"0123456789abcdef0123456789abcdefin07","source_database":"orders",)"
              R"("target_database":"orders_sr","task_name":"orders_sync"})");
    texts.source_node_id = "fedcba9876543210fedcba9876543210no07";
    EXPECT_EQ(std::get<create_order>(create_order::from(texts)).body(),
              R"({"source_instance_id":"0123456789abcdef0123456789abcdefin07","source_database":"orders",)"
              R"("target_database":"orders_sr","task_name":"orders_sync",)"
              R"("source_node_id":"fedcba9876543210fedcba9876543210no07"})");
}

TEST(CreateOrder, LengthsAndAlphabet) {
    struct row {
        std::string text;
        bool good_source;
        bool good_name;
    };
    const std::vector<row> table{{"", false, false},
                                 {"ab", false, false},
                                 {"abc", true, true},
                                 {"A_9", true, true},
                                 {std::string(128, 'x'), true, true},
                                 {std::string(129, 'x'), true, false},
                                 {std::string(1024, 'x'), true, false},
                                 {std::string(1025, 'x'), false, false},
                                 {"a-b", false, false},
                                 {"a b c", false, false},
                                 {"订单同步", false, false},
                                 {"abc\n", false, false},
                                 {std::string("abc\0d", 5), false, false}};
    for (const row& r : table) {
        SCOPED_TRACE(r.text);
        auto texts = good();
        texts.source_database = r.text;
        EXPECT_EQ(bad_fields(texts).empty(), r.good_source);
        texts = good();
        texts.target_database = r.text;
        EXPECT_EQ(bad_fields(texts).empty(), r.good_name);
        texts = good();
        texts.task_name = r.text;
        EXPECT_EQ(bad_fields(texts).empty(), r.good_name);
    }
    EXPECT_THAT(bad_fields(good()), IsEmpty());
}

TEST(CreateOrder, TellsEveryMistakeWithWhatIsAllowed) {
    create_order::fields texts;
    texts.source_instance_id = "x";
    texts.source_database = "orders";
    texts.target_database = "a-b";
    texts.source_node_id = "";
    EXPECT_THAT(bad_fields(texts),
                ElementsAre("source_instance_id", "target_database", "task_name", "source_node_id"));
    const auto made = create_order::from(texts);
    const auto& mistakes = std::get<std::vector<order_mistake>>(made);
    EXPECT_EQ(mistakes[0].allowed, "expected an id of 36 letters and digits");
    EXPECT_EQ(mistakes[1].allowed, "expected 3 to 128 letters (A-Z, a-z), digits or underscores");
    EXPECT_EQ(mistakes[1].value, "a-b");
}

TEST(Targets, OfReplication) {
    EXPECT_EQ(replication_target("p", "i"), "/v3/p/instances/i/starrocks/databases/replication");
    EXPECT_EQ(replication_target("p", "i", "/pause"),
              "/v3/p/instances/i/starrocks/databases/replication/pause");
}

} // namespace
} // namespace replmond::cloud
