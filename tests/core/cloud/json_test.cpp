#include "daemon/core/cloud/json.hpp"
#include "daemon/core/model/text.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace replmond::cloud {

namespace {

boost::json::value parsed(const std::string& text) {
    boost::json::error_code error;
    auto value = parse_exactly(text, error);
    EXPECT_FALSE(error) << text << ": " << error.message();
    return value;
}

TEST(ExactJson, ReadsWhatBoostReads) {
    for (const char* text :
         {R"({"a":[1,-2,18446744073709551615,true,false,null,"x\né",{}],"b":{"c":[]},"b":1.5})", " [ ] ",
          "\"\"", "0.25", "null", R"({"":""})", R"({"a\u0041b\n":"a\u0041b\nc"})"})
        EXPECT_EQ(parsed(text), boost::json::parse(text)) << text;
}

TEST(ExactJson, RefusesWhatBoostRefuses) {
    for (const char* text :
         {"", " ", "{", "[1,]", "{} x", "01", "\"\xFF\"", "nul", "{\"a\" 1}", "1 2", "+1", "."}) {
        boost::json::error_code theirs;
        boost::json::parse(text, theirs);
        boost::json::error_code ours;
        EXPECT_TRUE(parse_exactly(text, ours).is_null()) << text;
        EXPECT_TRUE(theirs) << text;
        EXPECT_EQ(ours, theirs) << text;
    }
    const std::string deep(40, '[');
    boost::json::error_code error;
    parse_exactly(deep, error);
    EXPECT_EQ(error, boost::json::error::too_deep);
}

// A cloud that computes 2 / 3 sends as many digits.
TEST(ExactJson, ADoubleIsTheNearestToItsDigits) {
    EXPECT_EQ(parsed("66.66666666666667").get_double(), 66.66666666666667);
    EXPECT_EQ(parsed("0.9411764705882353").get_double(), 0.9411764705882353);
    boost::json::error_code error;
    EXPECT_EQ(parse_exactly(std::string_view("0.2599", 4), error).get_double(), 0.25);
    std::mt19937_64 jitter(1);
    std::uniform_real_distribution<double> percentage(0, 100);
    for (int i = 0; i < 10'000; ++i) {
        const double wanted = percentage(jitter);
        EXPECT_EQ(parsed(to_shortest(wanted)).get_double(), wanted) << i;
    }
}

TEST(ExactJson, HalfASurrogatePairIsOneReplacement) {
    const std::string mark = "\xEF\xBF\xBD"; // U+FFFD
    struct row {
        const char* text;
        std::string read;
    };
    for (const row& r :
         {row{R"("\ud83d")", mark}, row{R"("\uDE00")", mark}, row{R"("a\uD83Db")", "a" + mark + "b"},
          row{R"("\ud83d\u0041")", mark + "A"}, row{R"("\ud83d\n")", mark + "\n"},
          row{R"("\ud83d\ud83d\ude00")", mark + "😀"}, row{R"("\ude00\ud83d")", mark + mark},
          row{R"("\ud83d\ude00\ude00")", "😀" + mark}, row{R"("\\ud83d\ud83d")", "\\ud83d" + mark},
          row{R"("\\\ud83d")", "\\" + mark}, row{R"("\n\ud83d")", "\n" + mark},
          // what only looks like a second half
          row{R"("\ud83dxude00")", mark + "xude00"}, row{R"("\ud83d\ndc00")", mark + "\ndc00"},
          // the ends of both ranges, and what is beside them
          row{R"("\ud800\udc00\ud800")", "\xF0\x90\x80\x80" + mark},
          row{R"("\udbff\udc00\udbff")", "\xF4\x8F\xB0\x80" + mark},
          row{R"("\udbff\udfff\udfff")", "\xF4\x8F\xBF\xBF" + mark}, row{R"("\udc00\udc00")", mark + mark},
          row{R"("\ud83d\ue000")", mark + "\xEE\x80\x80"}, row{R"("\ud7ff\ud83d")", "\xED\x9F\xBF" + mark}})
        EXPECT_EQ(parsed(r.text).as_string(), r.read) << r.text;
    // Of a name and of a key, and beside a number that Boost refuses.
    const auto value = parsed(R"({"a":[1e99999999999,"\ud83d"],"\udc00":{"b":"\ud83d\ude00"}})");
    EXPECT_EQ(value.at("a").at(1).as_string(), mark);
    EXPECT_EQ(value.at(mark).at("b").as_string(), "😀");
    EXPECT_EQ(parsed(R"(["\ud83d",1e99999999999])").at(0).as_string(), mark);
    EXPECT_EQ(parsed(R"([1e99999999999,"\ud83d"])").at(1).as_string(), mark);
}

TEST(ExactJson, AMistakeBehindHalfAPairStaysOne) {
    for (const char* text : {R"("\ud83d)", R"("\ud83d" x)", R"(["\ud83d",])", R"("\ud83d\q")", R"("\ud83")",
                             "\"\\ud83d\xFF\""}) {
        boost::json::error_code error;
        EXPECT_TRUE(parse_exactly(text, error).is_null()) << text;
        EXPECT_TRUE(error) << text;
    }
}

TEST(ExactJson, BeyondADoublesRange) {
    EXPECT_TRUE(std::isinf(parsed("1e400").get_double()));
    EXPECT_EQ(parsed("1e-400").get_double(), 0);
    EXPECT_EQ(parsed("123456789012345678901234567890").get_double(), 123456789012345678901234567890.0);
}

TEST(ExactJson, LivesWhereItIsTold) {
    boost::json::monotonic_resource arena(1024);
    boost::json::error_code error;
    const auto value =
        parse_exactly(R"({"a":["long enough that it does not fit into the value itself"]})", error, &arena);
    EXPECT_EQ(value.storage().get(), &arena);
    EXPECT_EQ(value.at("a").storage().get(), &arena);
}

// Whole words, texts and keys are no numbers; what is no JSON stays none.
TEST(ExactJson, AnExponentBeyondAnIntIsInfinityAndChangesNothingElse) {
    const auto read = parsed(R"({"1e99999999999":"2E99999999999 \"3e99999999999","a":[1e99999999999,)"
                             R"(-1E+99999999999,1e-99999999999,1e00000000000000000002,true,false,2.5e1]})");
    const auto& object = read.as_object();
    EXPECT_EQ(object.at("1e99999999999").as_string(), "2E99999999999 \"3e99999999999");
    const auto& list = object.at("a").as_array();
    EXPECT_EQ(list.at(0).as_double(), std::numeric_limits<double>::infinity());
    EXPECT_EQ(list.at(1).as_double(), -std::numeric_limits<double>::infinity());
    EXPECT_EQ(list.at(2).as_double(), 0);
    EXPECT_EQ(list.at(3).as_double(), 100);
    EXPECT_EQ(list.at(6).as_double(), 25);
    EXPECT_EQ(parsed("1e99999999999").as_double(), std::numeric_limits<double>::infinity());
    EXPECT_EQ(parsed("10e99999999999").as_double(), std::numeric_limits<double>::infinity());
    // An exponent of six digits stays what it is.
    const std::string tiny = "0." + std::string(99'999, '0') + "1e100000";
    EXPECT_EQ(parsed("[1e99999999999," + tiny + "]").at(1).as_double(), 1);
    for (const char* text :
         {"1e99999999999x", "[1e99999999999", "{\"a\":1e99999999999,\"b", "1e99999999999e9"}) {
        boost::json::error_code error;
        EXPECT_TRUE(parse_exactly(text, error).is_null()) << text;
        EXPECT_TRUE(error) << text;
    }
}

boost::json::value boost_value(const std::string& text) {
    return boost::json::parse(text);
}

TEST(WireValue, Percentages) {
    const std::vector<std::pair<std::string, std::optional<double>>> table{
        {"0", 0},
        {"100", 100},
        {"42.3", 42.3},
        {"99.99", 99.99},
        {"0.1", 0.1},
        {"\"42.3\"", 42.3},
        {"\"99.99%\"", 99.99},
        {"\"0.1 %\"", 0.1},
        {"\"\\t7\"", 7},
        {"100.0000001", std::nullopt},
        {"-0.1", std::nullopt},
        {"1e400", std::nullopt},
        {"-1e400", std::nullopt},
        {"\"infinity\"", std::nullopt},
        {"\"\"", std::nullopt},
        {"null", std::nullopt},
        {"false", std::nullopt},
    };
    for (const auto& [text, expected] : table)
        EXPECT_EQ(to_percentage(boost_value(text)), expected) << text;
}

TEST(WireValue, MinusNothingIsNothing) {
    EXPECT_FALSE(std::signbit(to_percentage(boost_value("-0.0")).value()));
    EXPECT_FALSE(std::signbit(to_percentage(boost_value("\"-0.0%\"")).value()));
}

TEST(WireValue, Counts) {
    const std::vector<std::pair<std::string, std::optional<std::uint64_t>>> table{
        {"0", 0},
        {"3", 3},
        {"3.0", 3},
        {"3e2", 300},
        {"\"3\"", 3},
        {"9007199254740992", 9007199254740992U},
        {"9007199254740994",
         std::nullopt}, // above 2^53 not every whole number can be told from its neighbour
        {"-1", std::nullopt},
        {"0.5", std::nullopt},
        {"\"3%\"", std::nullopt},
        {"\"three\"", std::nullopt},
        {"true", std::nullopt},
        {"null", std::nullopt},
        {"[3]", std::nullopt},
    };
    for (const auto& [text, expected] : table)
        EXPECT_EQ(to_count(boost_value(text)), expected) << text;
}

TEST(WireValue, Booleans) {
    const std::vector<std::pair<std::string, std::optional<bool>>> table{
        {"true", true},
        {"false", false},
        {"\"true\"", true},
        {"\"false\"", false},
        {"\"True\"", true},
        {"\"FALSE\"", false},
        {"\" true \"", true},
        {"\"truer\"", std::nullopt},
        {"\"Yes\"", std::nullopt},
        {"\"1\"", std::nullopt},
        {"1", std::nullopt},
        {"0", std::nullopt},
        {"\"\"", std::nullopt},
        {"null", std::nullopt},
    };
    for (const auto& [text, expected] : table)
        EXPECT_EQ(to_boolean(boost_value(text)), expected) << text;
}

TEST(WireValue, DescribesWhatWasSent) {
    const std::vector<std::pair<std::string, std::string>> table{
        {"\"as \\\"is\\\"\"", "as \"is\""},
        {"\"\"", ""},
        {"null", "null"},
        {"true", "true"},
        {"-17", "-17"},
        {"18446744073709551615", "18446744073709551615"},
        {"150.0", "150"},
        {"100.1", "100.1"},
        {"-0.5", "-0.5"},
        {"1e300", "1e+300"},
        {R"({"a": [1, "b"]})", R"({"a":[1,"b"]})"},
    };
    for (const auto& [text, expected] : table)
        EXPECT_EQ(describe(boost_value(text)), expected) << text;
}

TEST(WireValue, DescribesAtMost128Bytes) {
    EXPECT_EQ(describe(boost::json::value(std::string(128, 'x'))), std::string(128, 'x'));
    EXPECT_EQ(describe(boost::json::value(std::string(129, 'x'))), std::string(128, 'x'));
    EXPECT_EQ(describe(boost::json::value(std::string(10'000, 'x'))), std::string(128, 'x'));

    for (std::size_t before = 120; before <= 128; ++before) {
        const std::string text = std::string(before, 'x') + "😀😀😀";
        const std::string cut = describe(boost::json::value(text));
        EXPECT_LE(cut.size(), 128u);
        EXPECT_GT(cut.size(), 124u);
        EXPECT_TRUE(is_valid_utf8(cut)) << before;
        EXPECT_TRUE(text.starts_with(cut));
    }
}

} // namespace

} // namespace replmond::cloud
