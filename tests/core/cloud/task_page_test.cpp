#include "daemon/core/cloud/task_page.hpp"
#include "daemon/core/model/event.hpp"
#include "daemon/core/model/text.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

namespace replmond::cloud {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using std::string_literals::operator""s;

page decoded(std::string_view body) {
    auto read = decode_page(body);
    if (!read) {
        ADD_FAILURE() << read.error().error_msg << " in " << body;
        return {};
    }
    return std::move(*read);
}

std::string list_of(const std::string& record) {
    return R"({"total_count": "1", "replications": [)" + record + "]}";
}

// What was read of a task, in the order of the API's fields; what is not known is left out.
std::string show(const task_reading& task) {
    std::string text;
    const auto add = [&text](std::string_view key, std::string_view value) {
        text += fmt::format("{}{}={}", text.empty() ? "" : " ", key, value);
    };
    if (task.source_database)
        add("source", *task.source_database);
    if (task.target_database)
        add("target", *task.target_database);
    if (task.status)
        add("status", to_string(*task.status));
    if (task.stage != stage::unknown || task.stage_raw)
        add("stage", to_string(task.stage));
    if (task.stage_raw)
        add("raw", *task.stage_raw);
    if (task.percentage)
        add("percentage", to_shortest(*task.percentage));
    if (task.catchup_stage)
        add("catchup", to_string(*task.catchup_stage));
    if (task.catchup_stage_raw)
        add("catchup_raw", *task.catchup_stage_raw);
    if (task.catchup_percentage)
        add("catchup_percentage", to_shortest(*task.catchup_percentage));
    if (task.needs_repair)
        add("repair", *task.needs_repair ? "true" : "false");
    if (task.main_task)
        add("main", *task.main_task ? "true" : "false");
    return text;
}

std::vector<std::string> show(const std::vector<unexpected_value>& values) {
    std::vector<std::string> lines;
    for (const unexpected_value& value : values)
        lines.push_back(fmt::format("{}:{}={}", value.task, value.field, value.value));
    return lines;
}

TEST(Page, ReadsTheDocumentedExample) {
    const page read = decoded(R"({
      "total_count": 1,
      "replications": [{
        "source_database": "shop", "target_database": "shop_sr", "task_name": "shop_task", "status": "Yes",
        "stage": "Incremental", "percentage": 100, "catchup_stage": null, "catchup_percentage": 0
      }],
      "ext_text": null
    })");
    EXPECT_EQ(read.total_count, 1u);
    EXPECT_EQ(read.records, 1u);
    EXPECT_EQ(read.unusable, 0u);
    ASSERT_EQ(read.tasks.size(), 1u);
    EXPECT_EQ(read.tasks[0].name, "shop_task");
    EXPECT_EQ(show(read.tasks[0]),
              "source=shop target=shop_sr status=yes stage=incremental percentage=100 catchup_percentage=0");
    EXPECT_THAT(read.unexpected, IsEmpty());
}

TEST(Page, ReadsEveryWireFormOfAField) {
    struct row {
        const char* quirk;
        std::string fields;
        std::string reading;
        std::vector<std::string> unexpected = {};
    };
    const std::vector<row> table{
        {"nothing but a name", R"("x": 0)", ""},
        {"all null",
         R"("status": null, "stage": null, "percentage": null, "catchup_stage": null, "catchup_percentage": null,
            "is_need_repair": null, "is_main_task": null, "source_database": null, "target_database": null)",
         ""},
        {"unknown fields", R"("lag_seconds": {"deep": [1, {"er": null}]}, "id": 7)", ""},
        {"a key in another case is another key", R"("Status": "Yes", "STAGE": "Full")", ""},

        {"status Yes", R"("status": "Yes")", "status=yes"},
        {"status in capitals", R"("status": "NO")", "status=no"},
        {"status in small letters", R"("status": "no")", "status=no"},
        {"an unknown status", R"("status": "Maybe")", "", {"t:status=Maybe"}},
        {"a status beside blanks", R"("status": " Yes")", "status=yes"},
        {"a boolean status", R"("status": true)", "", {"t:status=true"}},
        {"an empty status is not reported", R"("status": "")", ""},

        {"stage in small letters", R"("stage": "incremental")", "stage=incremental"},
        {"stage as in the examples", R"("stage": "Incremental")", "stage=incremental"},
        {"stage in capitals", R"("stage": "INCREMENTAL")", "stage=incremental"},
        {"stage wait", R"("stage": "Wait")", "stage=wait"},
        {"stage full", R"("stage": "Full")", "stage=full"},
        {"stage paused", R"("stage": "Paused")", "stage=paused"},
        {"stage cancelled", R"("stage": "Cancelled")", "stage=cancelled"},
        {"an unknown stage keeps its case",
         R"("stage": "Merging Tables")",
         "stage=unknown raw=Merging Tables",
         {"t:stage=Merging Tables"}},
        {"the word unknown is not known either",
         R"("stage": "unknown")",
         "stage=unknown raw=unknown",
         {"t:stage=unknown"}},
        {"a stage as a number", R"("stage": 2)", "stage=unknown raw=2", {"t:stage=2"}},
        {"an empty stage is not reported", R"("stage": "")", ""},
        {"no prefix of a stage", R"("stage": "incr")", "stage=unknown raw=incr", {"t:stage=incr"}},
        {"no stage in a longer word", R"("stage": "fully")", "stage=unknown raw=fully", {"t:stage=fully"}},
        {"no stage before NUL", R"("stage": "full\u0000")", "stage=unknown raw=full\0"s, {"t:stage=full\0"s}},

        {"percentage as an integer", R"("percentage": 42)", "percentage=42"},
        {"percentage as a decimal", R"("percentage": 42.5)", "percentage=42.5"},
        {"percentage with an exponent", R"("percentage": 4.25e1)", "percentage=42.5"},
        {"percentage as a string", R"("percentage": "42.5")", "percentage=42.5"},
        {"percentage with its sign", R"("percentage": "42.5%")", "percentage=42.5"},
        {"percentage with blanks", R"("percentage": " 42.5 % ")", "percentage=42.5"},
        {"percentage 0", R"("percentage": 0)", "percentage=0"},
        {"percentage 100", R"("percentage": "100")", "percentage=100"},
        {"percentage 100.0", R"("percentage": 100.0)", "percentage=100"},
        {"minus nothing", R"("percentage": -0.0)", "percentage=0"},
        {"minus nothing as a string", R"("percentage": "-0")", "percentage=0"},
        {"just above 100", R"("percentage": 100.1)", "", {"t:percentage=100.1"}},
        {"above 100 as a string", R"("percentage": "101")", "", {"t:percentage=101"}},
        {"below 0", R"("percentage": -1)", "", {"t:percentage=-1"}},
        {"below 0 as a string", R"("percentage": "-0.5%")", "", {"t:percentage=-0.5%"}},
        {"NaN", R"("percentage": "NaN")", "", {"t:percentage=NaN"}},
        {"nan", R"("percentage": "nan")", "", {"t:percentage=nan"}},
        {"Infinity", R"("percentage": "Infinity")", "", {"t:percentage=Infinity"}},
        {"-inf", R"("percentage": "-inf")", "", {"t:percentage=-inf"}},
        {"a huge exponent in a string", R"("percentage": "1e400")", "", {"t:percentage=1e400"}},
        {"a huge integer",
         R"("percentage": 18446744073709551615)",
         "",
         {"t:percentage=18446744073709551615"}},
        {"no number", R"("percentage": "half")", "", {"t:percentage=half"}},
        {"a number and more", R"("percentage": "42.5 of 100")", "", {"t:percentage=42.5 of 100"}},
        {"two numbers", R"("percentage": "4 2")", "", {"t:percentage=4 2"}},
        {"two signs", R"("percentage": "42%%")", "", {"t:percentage=42%%"}},
        {"only the sign", R"("percentage": "%")", "", {"t:percentage=%"}},
        {"a decimal comma", R"("percentage": "42,5")", "", {"t:percentage=42,5"}},
        {"hexadecimal", R"("percentage": "0x10")", "", {"t:percentage=0x10"}},
        {"a number before NUL", R"("percentage": "42\u0000")", "", {"t:percentage=42\0"s}},
        {"an empty string is not reported", R"("percentage": "")", ""},
        {"a boolean", R"("percentage": true)", "", {"t:percentage=true"}},
        {"an object", R"("percentage": {"value": 1})", "", {R"(t:percentage={"value":1})"}},
        {"an array", R"("percentage": [1])", "", {"t:percentage=[1]"}},

        {"a catch-up", R"("catchup_stage": "Full", "catchup_percentage": "12.5%")",
         "catchup=full catchup_percentage=12.5"},
        {"an empty catch-up is none", R"("catchup_stage": "", "catchup_percentage": "")", ""},
        {"an unknown catch-up",
         R"("catchup_stage": "Merging", "catchup_percentage": 1)",
         "catchup=unknown catchup_raw=Merging catchup_percentage=1",
         {"t:catchup_stage=Merging"}},
        {"an unreadable catch-up percentage",
         R"("catchup_stage": "wait", "catchup_percentage": "1e")",
         "catchup=wait",
         {"t:catchup_percentage=1e"}},

        {"booleans", R"("is_need_repair": true, "is_main_task": false)", "repair=true main=false"},
        {"booleans as strings", R"("is_need_repair": "false", "is_main_task": "true")",
         "repair=false main=true"},
        {"booleans as strings in any case", R"("is_need_repair": "True", "is_main_task": "FALSE")",
         "repair=true main=false"},
        {"empty booleans are not reported", R"("is_need_repair": "", "is_main_task": "")", ""},
        {"no booleans",
         R"("is_need_repair": 1, "is_main_task": "yes")",
         "",
         {"t:is_need_repair=1", "t:is_main_task=yes"}},

        {"databases", R"("source_database": "订单", "target_database": "a=\"b\"\n")",
         "source=订单 target=a=\"b\"\n"},
        {"empty databases are not reported", R"("source_database": "", "target_database": "")", ""},
        {"databases that are no text",
         R"("source_database": 7, "target_database": ["x"])",
         "",
         {"t:source_database=7", R"(t:target_database=["x"])"}},

        {"one bad field leaves the others alone",
         R"("status": "Yes", "stage": "full", "percentage": "x", "is_main_task": "true")",
         "status=yes stage=full main=true",
         {"t:percentage=x"}},
    };
    for (const row& r : table) {
        SCOPED_TRACE(r.quirk);
        const page read = decoded(list_of(R"({"task_name": "t", )" + r.fields + "}"));
        ASSERT_EQ(read.tasks.size(), 1u);
        EXPECT_EQ(show(read.tasks[0]), r.reading);
        EXPECT_THAT(show(read.unexpected), ElementsAreArray(r.unexpected));
        EXPECT_EQ(read.unusable, 0u);
    }
}

TEST(Page, ReadsDecimalsExactlyFromNumbersAndStrings) {
    std::vector<std::string> decimals{"42.3",
                                      "99.99",
                                      "0.1",
                                      "0.01",
                                      "33.333",
                                      "66.67",
                                      "1e-7",
                                      "99.9999999",
                                      "12.345678901",
                                      "0.30000000000000",
                                      "66.66666666666667"};
    for (int hundredths = 0; hundredths <= 10'000; ++hundredths) {
        decimals.push_back(fmt::format("{}.{:02}", hundredths / 100, hundredths % 100));
        // as some serializers write doubles: 42.299999999999997
        decimals.push_back(fmt::format("{:#.17g}", hundredths / 100.0));
    }
    for (std::uint64_t i = 0; i < 1'000; ++i) // 15 digits, of all kinds
        decimals.push_back(fmt::format("{}.{:013}", i % 100, i * 7'919'654'321 % 10'000'000'000'000));

    for (const char* quotes : {"", "\"", "%"}) {
        const std::string before = *quotes == '\0' ? "" : "\"";
        const std::string after = *quotes == '%' ? "%\"" : before;
        for (std::size_t first = 0; first < decimals.size(); first += 5'000) {
            const std::size_t last = std::min<std::size_t>(first + 5'000, decimals.size());
            std::string records;
            for (std::size_t i = first; i < last; ++i)
                records += fmt::format(R"({}{{"task_name": "{}", "percentage": {}{}{}}})",
                                       i == first ? "" : ",", i, before, decimals[i], after);
            const page read = decoded(R"({"replications": [)" + records + "]}");
            ASSERT_EQ(read.tasks.size(), last - first);
            for (std::size_t i = first; i < last; ++i)
                ASSERT_EQ(read.tasks[i - first].percentage, std::strtod(decimals[i].c_str(), nullptr))
                    << before << decimals[i] << after;
        }
    }
}

TEST(Page, ReadsLongerDecimalsToTheLastBit) {
    for (int i = 1; i < 10'000; ++i) {
        const double exact = i / 101.3; // 16 or 17 digits
        const std::string text = to_shortest(exact);
        const page read = decoded(fmt::format(
            R"({{"replications": [{{"task_name": "a", "percentage": {0}}}, {{"task_name": "b", "percentage": "{0}"}}]}})",
            text));
        ASSERT_EQ(read.tasks.size(), 2u);
        ASSERT_EQ(read.tasks[1].percentage, exact);
        const double number = read.tasks[0].percentage.value();
        ASSERT_GE(number, std::nextafter(exact, 0)) << text;
        ASSERT_LE(number, std::nextafter(exact, 100)) << text;
    }
}

TEST(Page, BlanksAroundWordsAndNumbersMeanNothing) {
    const page read = decoded(R"({"total_count": " 1\n", "replications": [{"task_name": " t ",
        "status": "NO ", "stage": "\t Full\r\n", "percentage": " 42.5 % ", "catchup_stage": "wait ",
        "catchup_percentage": "\n7\t", "is_need_repair": " true", "is_main_task": "False\r\n"}]})");
    EXPECT_EQ(read.total_count, 1u);
    ASSERT_EQ(read.tasks.size(), 1u);
    EXPECT_EQ(read.tasks[0].name, " t "); // a name is what it is
    EXPECT_EQ(show(read.tasks[0]), "status=no stage=full percentage=42.5 catchup=wait catchup_percentage=7 "
                                   "repair=true main=false");
    EXPECT_THAT(read.unexpected, IsEmpty());
}

TEST(Page, AnEmptyTextIsNotReported) {
    for (const char* nothing : {R"("")", R"("  ")", R"("\t\r\n")", "null"}) {
        SCOPED_TRACE(nothing);
        std::string record = R"("task_name": "t")";
        for (const char* field : {"source_database", "target_database", "status", "stage", "percentage",
                                  "catchup_stage", "catchup_percentage", "is_need_repair", "is_main_task"})
            record += fmt::format(R"(, "{}": {})", field, nothing);
        const page read = decoded(fmt::format(
            R"({{"total_count": {0}, "replications": [{{{1}}}], "ext_text": {0}}})", nothing, record));
        ASSERT_EQ(read.tasks.size(), 1u);
        EXPECT_EQ(show(read.tasks[0]), "");
        EXPECT_FALSE(read.total_count);
        EXPECT_FALSE(read.note);
        EXPECT_THAT(read.unexpected, IsEmpty());
    }
}

TEST(Page, ACatchUpOfNothingIsNotReported) {
    for (const char* nothing : {"None", "none ", "NULL", "null", "-", " - "}) {
        SCOPED_TRACE(nothing);
        const page read = decoded(list_of(fmt::format(
            R"({{"task_name": "t", "catchup_stage": "{0}", "catchup_percentage": "{0}"}})", nothing)));
        EXPECT_EQ(show(read.tasks.at(0)), "");
        EXPECT_THAT(read.unexpected, IsEmpty());
    }
    // Of no other field.
    EXPECT_THAT(
        show(decoded(list_of(R"({"task_name": "t", "stage": "None", "percentage": "-"})")).unexpected),
        ElementsAre("t:stage=None", "t:percentage=-"));
}

TEST(Page, ReadsWhatTheCloudSaysOfTheList) {
    const auto note = [](const std::string& text) {
        return decoded(R"({"total_count": 0, "replications": [], "ext_text": )" + text + "}").note;
    };
    EXPECT_EQ(note(R"(" 维护中 ")"), "维护中");
    EXPECT_FALSE(note("null"));
    std::string characters;
    for (int i = 0; i < 300; ++i)
        characters += "单";
    EXPECT_EQ(note('"' + characters + '"'), characters.substr(0, 256 * std::string("单").size()));
    const page odd = decoded(R"({"total_count": 0, "replications": [], "ext_text": {"a": 1}})");
    EXPECT_FALSE(odd.note);
    EXPECT_THAT(show(odd.unexpected), ElementsAre(R"(:ext_text={"a":1})"));
}

TEST(Page, TakesNamesAsTheyAre) {
    struct row {
        const char* what;
        std::string json; // between the quotes
        std::string name;
    };
    const std::vector<row> table{
        {"plain", "orders_1", "orders_1"},
        {"Chinese", "订单同步", "订单同步"},
        {"outside the basic plane", "😀", "😀"},
        {"escaped pair of surrogates", R"(\ud83d\ude00)", "😀"},
        {"NUL", R"(a\u0000b)", "a\0b"s},
        {"quotes", R"(say \"hi\")", "say \"hi\""},
        {"backslash", R"(a\\b)", "a\\b"},
        {"newline", R"(a\nb)", "a\nb"},
        {"control characters", R"(\u0001\u007f\u0085)", "\x01\x7F\xC2\x85"},
        {"line separator", R"(\u2028)", "\xE2\x80\xA8"},
        {"only a blank", " ", " "},
        {"the last code point", "\xF4\x8F\xBF\xBF", "\xF4\x8F\xBF\xBF"},
        {"as a label", R"(x\"} 1 #)", "x\"} 1 #"},
    };
    for (const row& r : table) {
        SCOPED_TRACE(r.what);
        const page read = decoded(list_of(R"({"task_name": ")" + r.json + "\"}"));
        ASSERT_EQ(read.tasks.size(), 1u);
        EXPECT_EQ(read.tasks[0].name, r.name);
        EXPECT_THAT(read.unexpected, IsEmpty());
    }
}

TEST(Page, CountsRecordsWithoutAUsableNameAndLeavesThemOut) {
    struct row {
        const char* what;
        std::string record;
        std::string value;
    };
    const std::vector<row> table{
        {"no name", R"({"status": "No", "stage": "oops"})", "absent"},
        {"null", R"({"task_name": null})", "null"},
        {"empty", R"({"task_name": ""})", ""},
        {"a number", R"({"task_name": 17})", "17"},
        {"a boolean", R"({"task_name": true})", "true"},
        {"an array", R"({"task_name": ["t"]})", R"(["t"])"},
        {"a record that is null", "null", "null"},
        {"a record that is text", R"("t")", "t"},
        {"a record that is a number", "3", "3"},
        {"a record that is an array", R"([{"task_name": "t"}])", R"([{"task_name":"t"}])"},
    };
    for (const row& r : table) {
        SCOPED_TRACE(r.what);
        const page read = decoded(fmt::format(
            R"({{"total_count": 3, "replications": [{{"task_name": "a"}}, {}, {{"task_name": "b"}}]}})",
            r.record));
        EXPECT_EQ(read.records, 3u);
        EXPECT_EQ(read.unusable, 1u);
        ASSERT_EQ(read.tasks.size(), 2u);
        EXPECT_EQ(read.tasks[1].name, "b");
        EXPECT_THAT(show(read.unexpected), ElementsAre(":task_name=" + r.value));
    }
}

TEST(Page, KeepsBothRecordsOfAName) {
    const page read = decoded(
        R"({"replications": [{"task_name": "a", "stage": "full"}, {"task_name": "a", "stage": "wait"}]})");
    EXPECT_EQ(read.records, 2u);
    ASSERT_EQ(read.tasks.size(), 2u);
    EXPECT_EQ(read.tasks[0].stage, stage::full);
    EXPECT_EQ(read.tasks[1].stage, stage::wait);
}

TEST(Page, ReadsTheTotal) {
    struct row {
        const char* what;
        std::string members;
        std::optional<std::uint64_t> total;
        std::vector<std::string> unexpected = {};
    };
    const std::vector<row> table{
        {"a string", R"("total_count": "17",)", 17},
        {"a number", R"("total_count": 17,)", 17},
        {"a decimal that is whole", R"("total_count": 17.0,)", 17},
        {"nothing", R"("total_count": 0,)", 0},
        {"with blanks", R"("total_count": " 3 ",)", 3},
        {"large", R"("total_count": 4294967296,)", 4294967296},
        {"null", R"("total_count": null,)", std::nullopt},
        {"absent", "", std::nullopt},
        {"negative", R"("total_count": -1,)", std::nullopt, {":total_count=-1"}},
        {"negative text", R"("total_count": "-1",)", std::nullopt, {":total_count=-1"}},
        {"a fraction", R"("total_count": 2.5,)", std::nullopt, {":total_count=2.5"}},
        {"a fraction as text", R"("total_count": "2.5",)", std::nullopt, {":total_count=2.5"}},
        {"a percentage", R"("total_count": "3%",)", std::nullopt, {":total_count=3%"}},
        {"too large to be exact",
         R"("total_count": 18446744073709551615,)",
         std::nullopt,
         {":total_count=18446744073709551615"}},
        {"no number", R"("total_count": "many",)", std::nullopt, {":total_count=many"}},
        {"empty", R"("total_count": "",)", std::nullopt, {}},
        {"a boolean", R"("total_count": true,)", std::nullopt, {":total_count=true"}},
        {"an object", R"("total_count": {},)", std::nullopt, {":total_count={}"}},
    };
    for (const row& r : table) {
        SCOPED_TRACE(r.what);
        const page read = decoded("{" + r.members + R"("replications": []})");
        EXPECT_EQ(read.total_count, r.total);
        EXPECT_THAT(show(read.unexpected), ElementsAreArray(r.unexpected));
        EXPECT_EQ(read.records, 0u);
    }
}

TEST(Page, TakesAListThatIsNotThereAsEmptyWhereACountIs) {
    for (const char* body : {R"({"total_count": 0})", R"({"total_count": "0", "replications": null})",
                             R"({"total_count": 3, "replications": null})"}) {
        SCOPED_TRACE(body);
        const page read = decoded(body);
        EXPECT_EQ(read.records, 0u);
        EXPECT_TRUE(read.total_count.has_value());
    }
}

TEST(Page, RefusesWhatIsNoSuchList) {
    struct row {
        const char* what;
        std::string body;
    };
    const std::vector<row> table{
        {"nothing", ""},
        {"blanks", " \n"},
        {"plain text", "Service Unavailable"},
        {"HTML", "<html><body>sign in</body></html>"},
        {"cut short", R"({"total_count": 1, "replications": [{"task_name": "t")"},
        {"trailing data", R"({"total_count": 0, "replications": []} x)"},
        {"two documents", R"({"replications": []}{"replications": []})"},
        {"a byte order mark", "\xEF\xBB\xBF{\"replications\": []}"},
        {"single quotes", "{'replications': []}"},
        {"a trailing comma", R"({"replications": [],})"},
        {"a comment", R"({"replications": [] /* none */})"},
        {"NaN", R"({"replications": [{"task_name": "t", "percentage": NaN}]})"},
        {"a raw newline in a string", "{\"replications\": [{\"task_name\": \"a\nb\"}]}"},
        {"a raw NUL", "{\"replications\": []}\0"s},
        {"invalid UTF-8 in a name", "{\"replications\": [{\"task_name\": \"a\xFF\"}]}"},
        {"invalid UTF-8 in a field that nobody reads", "{\"replications\": [], \"ext_text\": \"\xC3\x28\"}"},
        {"an overlong form", "{\"replications\": [{\"task_name\": \"\xC0\xAF\"}]}"},
        {"a raw surrogate", "{\"replications\": [{\"task_name\": \"\xED\xA0\x80\"}]}"},
        {"too deep", R"({"replications": [], "x": )" + std::string(100, '[') + std::string(100, ']') + "}"},
        {"an array", R"([{"task_name": "t"}])"},
        {"null", "null"},
        {"a number", "3"},
        {"an empty object", "{}"},
        {"an error with status 200", R"({"error_code": "DBS.200001", "error_msg": "bad"})"},
        {"replications null without a count", R"({"replications": null})"},
        {"replications null with an unreadable count", R"({"total_count": "?", "replications": null})"},
        {"replications an object", R"({"total_count": 1, "replications": {"task_name": "t"}})"},
        {"replications a string", R"({"total_count": 1, "replications": "[]"})"},
        {"replications false", R"({"total_count": 0, "replications": false})"},
    };
    for (const row& r : table) {
        SCOPED_TRACE(r.what);
        const auto read = decode_page(r.body);
        ASSERT_FALSE(read.has_value());
        EXPECT_EQ(read.error().result, poll_result::protocol);
        EXPECT_FALSE(read.error().error_msg.empty());
    }
}

TEST(Page, CutsLongValuesBetweenCharacters) {
    std::string stage = "x"; // so that the limit falls inside a character
    for (int i = 0; i < 100; ++i)
        stage += "任";
    const page read = decoded(list_of(R"({"task_name": "t", "stage": ")" + stage + "\"}"));
    ASSERT_EQ(read.tasks.size(), 1u);
    EXPECT_EQ(read.tasks[0].stage_raw, stage.substr(0, 1 + 42 * 3)); // 127 of 128 bytes
    EXPECT_THAT(show(read.unexpected), ElementsAre("t:stage=" + stage.substr(0, 1 + 42 * 3)));
}

TEST(Page, SaysWhyItIsNoList) {
    EXPECT_THAT(decode_page("oops").error().error_msg, HasSubstr("not JSON"));
    EXPECT_THAT(decode_page(R"({"replications": {}})").error().error_msg, HasSubstr("replications"));
}

TEST(Page, MoreRecordsThanAListMayHaveAreNotRead) {
    const auto list_with = [](std::size_t records) {
        std::string body = R"({"replications":[0)";
        for (std::size_t i = 1; i < records; ++i)
            body += ",0";
        return body + "]}";
    };
    EXPECT_EQ(decoded(list_with(10'000)).unusable, 10'000U);
    const auto refused = decode_page(list_with(10'001));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().result, poll_result::protocol);
    EXPECT_THAT(refused.error().error_msg, HasSubstr("more than 10000 records"));
}

std::string record_with(const std::string& field, const std::string& json) {
    return list_of(fmt::format(R"({{"task_name": "t", "status": "Yes", "{}": {}}})", field, json));
}

TEST(Page, ANameLongerThanTheApiCanMeanIsUnusable) {
    const std::string longest(longest_task_name, 'n');
    const page good = decoded(list_of(fmt::format(R"({{"task_name": "{}"}})", longest)));
    ASSERT_EQ(good.tasks.size(), 1u);
    EXPECT_EQ(good.tasks.front().name, longest);
    EXPECT_THAT(good.unexpected, IsEmpty());

    for (const std::size_t size : {longest_task_name + 1, std::size_t{1024} * 1024}) {
        const page read = decoded(list_of(fmt::format(R"({{"task_name": "{}"}})", std::string(size, 'n'))));
        EXPECT_THAT(read.tasks, IsEmpty());
        EXPECT_EQ(read.records, 1u);
        EXPECT_EQ(read.unusable, 1u);
        EXPECT_THAT(read.unexpected, ElementsAre(unexpected_value{"", "task_name", std::string(128, 'n')}));
    }
    // Bytes count, not characters.
    std::string wide;
    while (wide.size() <= longest_task_name)
        wide += "\u4efb";
    EXPECT_EQ(decoded(list_of(fmt::format(R"({{"task_name": "{}"}})", wide))).unusable, 1u);
}

TEST(Page, ADatabaseNameLongerThanTheApiCanMeanIsUnreadable) {
    for (const auto& [field, longest] : {std::pair{"source_database", longest_source_database_name},
                                         std::pair{"target_database", longest_database_name}}) {
        const page good = decoded(record_with(field, '"' + std::string(longest, 'd') + '"'));
        EXPECT_THAT(good.unexpected, IsEmpty());
        const task_reading& task = good.tasks.at(0);
        EXPECT_EQ(task.source_database.value_or("") + task.target_database.value_or(""),
                  std::string(longest, 'd'));

        const page read = decoded(record_with(field, '"' + std::string(longest + 1, 'd') + '"'));
        EXPECT_EQ(show(read.tasks.at(0)), "status=yes");
        EXPECT_THAT(read.unexpected, ElementsAre(unexpected_value{"t", field, std::string(128, 'd')}));
    }
}

// Boost refuses the whole text for some of these.
TEST(Page, AnAbsurdNumberCostsItsFieldOnly) {
    const std::string digits(100'000, '7');
    for (const std::string& number :
         {"1e99999999999999999999"s, "1E+2147483648"s, "-1e99999999999999999999"s,
          "0.1e99999999999999999999"s, "1e" + digits, digits, "-" + digits, "1." + digits + "e" + digits}) {
        for (const char* field : {"percentage", "catchup_percentage"}) {
            const page read = decoded(record_with(field, number));
            ASSERT_EQ(read.tasks.size(), 1u) << number.substr(0, 40);
            EXPECT_EQ(show(read.tasks.front()), "status=yes") << number.substr(0, 40);
            ASSERT_EQ(read.unexpected.size(), 1u);
            EXPECT_EQ(read.unexpected.front().field, field);
            EXPECT_LE(read.unexpected.front().value.size(), 128u);
        }
        const page read = decoded(R"({"replications": [{"task_name": "t"}], "total_count": )" + number + "}");
        EXPECT_EQ(read.total_count, std::nullopt);
        EXPECT_EQ(read.tasks.size(), 1u);
        EXPECT_EQ(read.unexpected.size(), 1u);
    }
    // So small that it is nothing.
    EXPECT_EQ(decoded(record_with("percentage", "1e-99999999999999999999")).tasks.at(0).percentage, 0);
}

TEST(Page, OfAHugeValueOnlyItsBeginningStays) {
    std::string list = "[";
    for (int i = 0; i < 100'000; ++i)
        list += "1,";
    list += "1]";
    const page read = decoded(record_with("stage", list));
    EXPECT_EQ(read.tasks.at(0).stage_raw, list.substr(0, 128));
    EXPECT_THAT(read.unexpected, ElementsAre(unexpected_value{"t", "stage", list.substr(0, 128)}));
}

} // namespace
} // namespace replmond::cloud
