#include "daemon/core/model/text.hpp"
#include "daemon/core/web/log_line.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace replmond::web {
namespace {

using std::string_literals::operator""s;

const timestamp logged_at{milliseconds(1'800'014'400'007)}; // 2027-01-15T12:00:00.007Z

event sample_event() {
    event e;
    e.name = "replication_abnormal";
    e.level = severity::error;
    e.time = logged_at;
    e.message = "the synchronization is abnormal";
    e.project = "prod";
    e.starrocks_instance = "orders";
    e.task = "t";
    return e;
}

TEST(LogLine, Logfmt) {
    event e = sample_event();
    e.with("stage", "full")
        .with("percentage", decimal{"42.5"})
        .with("main_task", false)
        .with("repeat", 0)
        .with("raw", std::optional<std::string>())
        .with("reason", "disk full");
    e.id = 17;
    EXPECT_EQ(
        to_logfmt(e),
        "time=2027-01-15T12:00:00.007Z level=ERROR msg=\"the synchronization is abnormal\" "
        "event=replication_abnormal project=prod starrocks_instance=orders task=t stage=full percentage=42.5 "
        "main_task=false repeat=0 reason=\"disk full\" event_id=17");
}

TEST(LogLine, Json) {
    event e = sample_event();
    e.with("stage", "full")
        .with("percentage", decimal{"42.5"})
        .with("main_task", true)
        .with("repeat", 0)
        .with("raw", std::optional<std::string>())
        .with("reason", "disk full");
    e.id = 17;
    EXPECT_EQ(to_json(e),
              R"({"time":"2027-01-15T12:00:00.007Z","level":"ERROR","msg":"the synchronization is abnormal",)"
              R"("event":"replication_abnormal","project":"prod","starrocks_instance":"orders","task":"t",)"
              R"("stage":"full","percentage":42.5,"main_task":true,"repeat":0,"reason":"disk full",)"
              R"("event_id":17})");
}

TEST(LogLine, OfTheDaemonLeavesOutWhatItIsNotAbout) {
    event e;
    e.name = "started";
    e.time = logged_at;
    e.message = "up";
    EXPECT_EQ(to_logfmt(e), "time=2027-01-15T12:00:00.007Z level=INFO msg=\"up\" event=started");
    EXPECT_EQ(to_json(e),
              R"({"time":"2027-01-15T12:00:00.007Z","level":"INFO","msg":"up","event":"started"})");
    EXPECT_EQ(to_line(e, log_format::logfmt), to_logfmt(e));
    EXPECT_EQ(to_line(e, log_format::json), to_json(e));
}

TEST(LogLine, Levels) {
    event e = sample_event();
    const std::vector<std::pair<severity, std::string>> table{{severity::debug, "DEBUG"},
                                                              {severity::info, "INFO"},
                                                              {severity::warn, "WARN"},
                                                              {severity::error, "ERROR"}};
    for (const auto& [level, word] : table) {
        e.level = level;
        EXPECT_NE(to_logfmt(e).find(" level=" + word + " "), std::string::npos);
        EXPECT_NE(to_json(e).find("\"level\":\"" + word + "\""), std::string::npos);
    }
}

struct quoting {
    const char* what;
    std::string value;
    std::string logfmt;
};

const std::vector<quoting> hostile_values{
    {"a word", "incremental", "incremental"},
    {"a time", "2027-01-15T08:00:00.000Z", "2027-01-15T08:00:00.000Z"},
    {"punctuation", "a-b_c.d/e:f,g;h'i(j)[k]{l}%~!", "a-b_c.d/e:f,g;h'i(j)[k]{l}%~!"},
    {"empty", "", R"("")"},
    {"a blank", " ", R"(" ")"},
    {"blanks", "not found", R"("not found")"},
    {"an equals sign", "a=b", R"("a=b")"},
    {"a quote", "say \"hi\"", R"("say \"hi\"")"},
    {"only a quote", "\"", R"("\"")"},
    {"quote and backslash", "\"\\", R"("\"\\")"},
    {"only a backslash", "C:\\a", "C:\\a"}, // not in the contract's list of what is quoted
    {"backslash and blank", "C:\\a b", R"("C:\\a b")"},
    {"an escape that is none", "\\n \\u000a", R"("\\n \\u000a")"},
    {"newline", "a\nb", R"("a\u000ab")"},
    {"carriage return", "a\rb", R"("a\u000db")"},
    {"tab", "a\tb", R"("a\u0009b")"},
    {"NUL", "a\0b"s, R"("a\u0000b")"},
    {"escape sequence", "\x1B[31mred", R"("\u001b[31mred")"},
    {"unit separator", "\x1F", R"("\u001f")"},
    {"DEL", "\x7F", R"("\u007f")"},
    {"C1 controls", "\xC2\x80\xC2\x85\xC2\x9F", R"("\u0080\u0085\u009f")"},
    {"no control any more", "\xC2\xA0", "\"\xC2\xA0\""},
    {"line separator", "a\xE2\x80\xA8z", R"("a\u2028z")"},
    {"paragraph separator", "a\xE2\x80\xA9z", R"("a\u2029z")"},
    {"neighbours of the separators", "\xE2\x80\xA7\xE2\x80\xAA", "\"\xE2\x80\xA7\xE2\x80\xAA\""},
    {"a fake key", "x level=DEBUG", R"("x level=DEBUG")"},
    {"a fake line", "x\ntime=2027 level=ERROR msg=\"root\"",
     R"("x\u000atime=2027 level=ERROR msg=\"root\"")"},
    {"a fake end of the quotes", "x\" event=forged y=\"", R"("x\" event=forged y=\"")"},
    {"a backslash before the fake end", "x\\\" event=forged", R"("x\\\" event=forged")"},
    {"not ASCII", "任务", "\"任务\""},
    {"outside the basic plane", "😀", "\"😀\""},
    {"a quote behind two bytes", "é\"", R"("é\"")"},
    {"a quote behind three bytes", "任\"", R"("任\"")"},
    {"a quote behind the first of three bytes", "\xE0\xA0\x80\"", "\"\xE0\xA0\x80\\\"\""},
    {"a quote behind four bytes", "😀\"", R"("😀\"")"},
};

const std::vector<quoting> ill_formed_values{
    {"a lone byte", "a\xFFz", R"("a\u00ffz")"},
    {"a lone continuation", "\x80", R"("\u0080")"},
    {"cut short", "a\xE4\xBB", R"("a\u00e4\u00bb")"},
    {"an overlong newline", "\xC0\x8A", R"("\u00c0\u008a")"},
    {"a surrogate", "\xED\xA0\x80", R"("\u00ed\u00a0\u0080")"},
    {"between good ones", "任\xFF务 \xFE", "\"任\\u00ff务 \\u00fe\""},
};

TEST(LogLine, QuotesValuesInLogfmt) {
    for (const auto* table : {&hostile_values, &ill_formed_values}) {
        for (const quoting& q : *table) {
            event e;
            e.with("k", q.value);
            EXPECT_TRUE(to_logfmt(e).ends_with(" k=" + q.logfmt)) << q.what << ": " << to_logfmt(e);
        }
    }
}

TEST(LogLine, JsonGivesBackEveryValue) {
    for (const quoting& q : hostile_values) {
        SCOPED_TRACE(q.what);
        event e = sample_event();
        e.task = q.value.empty() ? "t" : q.value;
        e.message = q.value;
        e.with("value", q.value);
        boost::json::error_code error;
        const auto parsed = boost::json::parse(to_json(e), error);
        ASSERT_FALSE(error) << to_json(e);
        EXPECT_EQ(parsed.at("value").as_string(), q.value);
        EXPECT_EQ(parsed.at("msg").as_string(), q.value);
        EXPECT_EQ(parsed.at("task").as_string(), e.task);
        EXPECT_EQ(parsed.as_object().size(), 8u);
    }
}

TEST(LogLine, JsonStaysValidWithBytesThatAreNoUtf8) {
    for (const quoting& q : ill_formed_values) {
        std::string text;
        append_json_string(text, q.value);
        EXPECT_EQ(text, q.logfmt) << q.what;
        boost::json::error_code error;
        boost::json::parse(text, error);
        EXPECT_FALSE(error) << q.what;
    }
}

// Reads a logfmt line back: keys and raw values. A quoted value ends at the first quote without a backslash.
std::vector<std::pair<std::string, std::string>> keys_of(const std::string& line) {
    std::vector<std::pair<std::string, std::string>> keys;
    for (std::size_t at = 0; at < line.size();) {
        const std::size_t equals = line.find('=', at);
        if (equals == std::string::npos)
            break;
        std::size_t end = equals + 1;
        if (end < line.size() && line[end] == '"') {
            for (++end; end < line.size() && line[end] != '"'; ++end)
                end += line[end] == '\\' ? 1 : 0;
            ++end;
        } else {
            end = std::min(line.find(' ', end), line.size());
        }
        keys.emplace_back(line.substr(at, equals - at), line.substr(equals + 1, end - equals - 1));
        at = end + 1;
    }
    return keys;
}

TEST(LogLine, NothingStartsANewLineOrANewKey) {
    for (const auto* table : {&hostile_values, &ill_formed_values}) {
        for (const quoting& q : *table) {
            SCOPED_TRACE(q.what);
            event e = sample_event();
            e.message = q.value;
            e.starrocks_instance = "x" + q.value;
            e.task = "x" + q.value;
            e.with("value", q.value).with("last", "z");
            for (const std::string& line : {to_logfmt(e), to_json(e)}) {
                for (const char c : line)
                    EXPECT_GE(static_cast<unsigned char>(c), 0x20);
                EXPECT_EQ(line.find('\x7F'), std::string::npos);
                EXPECT_EQ(line.find("\xC2\x85"), std::string::npos);
                EXPECT_EQ(line.find("\xE2\x80\xA8"), std::string::npos);
            }
            std::vector<std::string> keys;
            for (const auto& [key, value] : keys_of(to_logfmt(e)))
                keys.push_back(key);
            EXPECT_EQ(keys, (std::vector<std::string>{"time", "level", "msg", "event", "project",
                                                      "starrocks_instance", "task", "value", "last"}));
            EXPECT_EQ(keys_of(to_logfmt(e)).at(7).second, q.logfmt);
        }
    }
}

TEST(Event, FindsItsFields) {
    event e = sample_event();
    e.with("a", 1).with("b", "x");
    ASSERT_NE(e.find("b"), nullptr);
    EXPECT_EQ(*e.find("b"), field_value("x"s));
    EXPECT_EQ(*e.find("a"), field_value(decimal{"1"}));
    EXPECT_EQ(e.find("c"), nullptr);
}

// What one line may cost is bounded, whatever a value is and however it has to be written.
TEST(LogLine, StaysShortWhateverItHasToSay) {
    for (const std::string& piece : {"x"s, "\x01"s, "\""s, "\u4efb"s, "\xFF"s, "\u2028"s}) {
        for (const std::size_t count : {std::size_t{5000}, std::size_t{20'000}}) {
            std::string value;
            for (std::size_t i = 0; i < count; ++i)
                value += piece;
            event e = sample_event();
            e.task = std::string(512, 't');
            for (const char* key : {"source_database", "target_database", "from_source_database", "reason"})
                e.with(key, value);
            e.with("repeat", 3);
            e.id = 17;
            for (const std::string& line : {to_logfmt(e), to_json(e)}) {
                EXPECT_LE(line.size(), longest_line);
                EXPECT_GE(line.size(), longest_line / 4); // and it keeps what has room
                EXPECT_NE(line.find(std::string(512, 't')), std::string::npos);
                EXPECT_TRUE(is_valid_utf8(line));
            }
            const auto read = boost::json::parse(to_json(e)).as_object();
            EXPECT_TRUE(std::string_view(read.at("reason").as_string()).ends_with("\u2026"));
            EXPECT_EQ(read.at("repeat").as_int64(), 3);
            EXPECT_EQ(read.at("event_id").as_int64(), 17);
            EXPECT_TRUE(to_logfmt(e).ends_with(" repeat=3 event_id=17"));
        }
    }
}

TEST(LogLine, OfManyLongFieldsTheLastHaveNoRoom) {
    for (const std::size_t length_of_keys : {5, 600, 1000, 3000}) {
        event e = sample_event();
        for (int i = 0; i < 500; ++i)
            e.with(std::string(length_of_keys, 'k') + std::to_string(i), std::string(1000, 'x'));
        e.id = 17;
        EXPECT_LE(to_logfmt(e).size(), longest_line) << length_of_keys;
        EXPECT_LE(to_json(e).size(), longest_line) << length_of_keys;
        EXPECT_TRUE(boost::json::parse(to_json(e)).as_object().contains("event_id"));
        EXPECT_TRUE(to_logfmt(e).ends_with(" event_id=17"));
    }
}

TEST(LogLine, WhatFitsIsWhole) {
    event e = sample_event();
    e.with("error", std::string(15'000, 'x'));
    EXPECT_EQ(std::string_view(boost::json::parse(to_json(e)).at("error").as_string()).size(), 15'000u);
    EXPECT_EQ(to_logfmt(e).find("\u2026"), std::string::npos);
}

TEST(LogLine, IsCutWhereItWouldBeLongerThanALineMayBe) {
    event e = sample_event();
    const std::size_t rest = to_logfmt(e.with("k", "x")).size() - 1;
    e.fields.clear();
    e.with("k", std::string(longest_line - rest, 'x'));
    EXPECT_EQ(to_logfmt(e).size(), longest_line);
    EXPECT_EQ(to_logfmt(e).find("\u2026"), std::string::npos);
    e.fields.clear();
    e.with("k", std::string(longest_line - rest + 1, 'x'));
    EXPECT_NE(to_logfmt(e).find("\u2026"), std::string::npos);
}

// All long values have the same limit, which is halved until the line fits.
TEST(LogLine, TheMoreLongValuesTheShorterTheyAre) {
    const std::vector<std::pair<std::size_t, std::size_t>> table{{1, 8192},  {3, 4096}, {7, 2048},
                                                                 {14, 1024}, {28, 512}, {56, 256}};
    for (const auto& [values, limit] : table) {
        event e = sample_event();
        for (std::size_t i = 0; i < values; ++i)
            e.with("k", std::string(20'000, 'x'));
        const std::string cut = " k=\"" + std::string(limit - 6, 'x') + "\u2026\"";
        EXPECT_TRUE(to_logfmt(e).ends_with(cut)) << limit;
    }
}

TEST(LogLine, AValueAsLongAsTheLimitIsWhole) {
    for (const auto& [length, whole] : {std::pair(4096, true), std::pair(4097, false)}) {
        event e = sample_event();
        const std::string value(static_cast<std::size_t>(length), 'y');
        e.with("a", value).with("b", std::string(20'000, 'x')).with("c", std::string(20'000, 'x'));
        EXPECT_EQ(to_logfmt(e).find(" a=" + value + " b=") != std::string::npos, whole) << length;
    }
}

// With the smallest limit a key is left out where two values of that limit would not fit behind it.
TEST(LogLine, TheLastKeyIsLeftOutWhereThereIsNoRoomForIt) {
    event e = sample_event();
    e.message.clear();
    for (int i = 0; i < 58; ++i)
        e.with("k" + std::to_string(100 + i), std::string(20'000, 'x'));
    constexpr std::size_t room = 2 * 256 + 1;
    const std::size_t free = longest_line - to_logfmt(e).size();
    ASSERT_GE(free, room);
    ASSERT_LE(free, room + 240);
    for (const auto& [more, written] : {std::pair(std::size_t{0}, true), std::pair(std::size_t{1}, false)}) {
        e.message = std::string(free - room + more, 'm');
        event with_last = e;
        with_last.with("z", true);
        EXPECT_EQ(to_logfmt(with_last).ends_with(" z=true"), written);
    }
}

} // namespace
} // namespace replmond::web
