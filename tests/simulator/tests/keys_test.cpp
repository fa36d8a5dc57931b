#include "tests/simulator/signature.hpp"
#include "tests/simulator/tests/cloud_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace json = boost::json;

namespace replmond::simulator {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

constexpr auto keys_scenario = R"(
keys:
  - {access: AK, secret: SK}
  - {access: TEMP, secret: SK2, security_token: token/of+TEMP==}
projects: [p]
instances: [{id: i, tasks: [{name: task}]}]
)";

class SimulatorKeys : public ::testing::Test {
protected:
    cloud_under_test cloud_{keys_scenario};

    // Headers that go well together, unless a test changes them before they are signed.
    std::vector<testing::field> headers_{{"Host", "gaussdb.example.com"},
                                         {"X-Sdk-Date", basic_time(cloud_.real)}};
    std::vector<std::string> signed_{"host", "x-sdk-date"};

    // What a client that signs the request sends; `change` comes on the way.
    testing::script ask(const std::string& access, const std::string& secret,
                        const std::function<void(testing::request&)>& change = {},
                        const std::string& method = "GET", const std::string& target = list_path + "?limit=5",
                        const std::string& body = "") {
        testing::request asked;
        asked.method = method;
        asked.target = target;
        asked.headers = headers_;
        asked.body = body;
        asked.peer = "192.0.2.1";
        testing::split_target(asked);
        std::string names;
        std::string date;
        for (const auto& name : signed_)
            names += (names.empty() ? "" : ";") + name;
        for (const auto& [name, value] : headers_)
            date = name == "X-Sdk-Date" ? value : date;
        const auto signature = sign(secret, date, canonical_request(asked, signed_).value_or(""));
        asked.headers.emplace_back("Authorization", "SDK-HMAC-SHA256 Access=" + access + ", SignedHeaders=" +
                                                        names + ", Signature=" + signature);
        if (change)
            change(asked);
        return handle(cloud_.all, asked, cloud_.now, cloud_.real);
    }

    std::string text_of(const testing::script& answer) {
        EXPECT_EQ(cloud_.outcome(answer), "401 APIGW.0301");
        return std::string(json::parse(answer.body).at("error_msg").as_string());
    }

    static void set(testing::request& asked, const std::string& name, const std::string& value) {
        for (auto& [key, old] : asked.headers)
            old = key == name ? value : old;
    }

    json::object key_state(std::size_t i = 0) {
        return cloud_.ask_json("GET", "/_control/state").at("keys").at(i).as_object();
    }
};

const std::string wrong = "Incorrect IAM authentication information: verify aksk signature fail";

TEST_F(SimulatorKeys, AcceptsGoodSignatures) {
    EXPECT_EQ(ask("AK", "SK").status, 200);
    signed_ = {"x-sdk-date"}; // Host need not be signed
    EXPECT_EQ(ask("AK", "SK").status, 200);
    EXPECT_EQ(cloud_.latest().at("caller"), "AK");
    headers_.emplace_back("X-Project-Id", "p"); // nor this
    EXPECT_EQ(ask("AK", "SK").status, 200);
    EXPECT_EQ(key_state().at("accepted"), 3);
}

TEST_F(SimulatorKeys, AcceptsABodyAndItsHash) {
    const std::string body = R"({"task_name":"task"})";
    EXPECT_EQ(ask("AK", "SK", {}, "POST", list_path + "/pause", body).status, 200);
    headers_.emplace_back("X-Sdk-Content-Sha256", "UNSIGNED-PAYLOAD");
    EXPECT_EQ(ask("AK", "SK", {}, "POST", list_path + "/resume", body).status, 200);
    headers_.back().second = std::string(64, '0');
    EXPECT_EQ(text_of(ask("AK", "SK", {}, "POST", list_path + "/pause", body)), wrong);
}

TEST_F(SimulatorKeys, RefusesWhatWasNotSigned) {
    const std::vector<std::function<void(testing::request&)>> changes{
        [](auto& r) { r.method = "POST"; },
        [](auto& r) {
            r.path += "/pause";
            r.method = "POST";
        },
        [](auto& r) {
            r.target += "&offset=1";
            testing::split_target(r);
        },
        [](auto& r) { r.body = "x"; },
        [](auto& r) { set(r, "Host", "other.example.com"); },
        [](auto& r) { set(r, "X-Sdk-Date", "20260102T030001Z"); },
        [](auto& r) { r.headers.erase(r.headers.begin()); },
        [](auto& r) { set(r, "Authorization", "Bearer x"); },
    };
    for (std::size_t i = 0; i < changes.size(); ++i) {
        EXPECT_EQ(text_of(ask("AK", "SK", changes[i])), wrong) << i;
        EXPECT_EQ(ask("AK", "SK").status, 200); // a success in between: no lock
    }
    EXPECT_EQ(text_of(ask("AK", "other secret")), wrong);
    EXPECT_THAT(std::string(cloud_.latest().at("note").as_string()), HasSubstr("canonical request: GET\n"));
}

TEST_F(SimulatorKeys, WantsASignedDate) {
    signed_ = {"host"};
    EXPECT_EQ(text_of(ask("AK", "SK")), wrong);
    signed_ = {"host", "x-sdk-date"};
    headers_[1].second = "yesterday";
    EXPECT_EQ(text_of(ask("AK", "SK")), wrong);
    headers_.pop_back();
    EXPECT_EQ(text_of(ask("AK", "SK")), wrong);
}

TEST_F(SimulatorKeys, ComparesTheClocks) {
    cloud_.real += 15min;
    EXPECT_EQ(ask("AK", "SK").status, 200);
    cloud_.real += 1s;
    EXPECT_EQ(
        text_of(ask("AK", "SK")),
        "Incorrect IAM authentication information: calc aksk signature fail:signature expired, signature "
        "time:20260102T030000Z,server time:20260102T031501Z");
    cloud_.real -= 30min + 1s;
    EXPECT_EQ(ask("AK", "SK").status, 200);
    cloud_.real -= 1s;
    EXPECT_THAT(text_of(ask("AK", "SK")), HasSubstr("signature expired"));
}

TEST_F(SimulatorKeys, TheClockCanBeSet) {
    EXPECT_EQ(cloud_.ask_json("POST", "/_control/clock", R"({"offset_seconds":901})").at("clock"),
              "2026-01-02T03:15:01.000000Z");
    const auto answer = ask("AK", "SK");
    EXPECT_THAT(text_of(answer), HasSubstr("server time:20260102T031501Z"));
    EXPECT_THAT(answer.headers, ::testing::Contains(testing::field("Date", "Fri, 02 Jan 2026 03:15:01 GMT")));
    EXPECT_EQ(cloud_.ask("POST", "/_control/clock", R"({"offset_seconds":0})").status, 200);
    EXPECT_EQ(ask("AK", "SK").status, 200);
    EXPECT_EQ(cloud_.ask("POST", "/_control/clock", "{}").status, 400);
    EXPECT_EQ(cloud_.ask("POST", "/_control/clock", R"({"offset_seconds":"1"})").status, 400);
}

TEST_F(SimulatorKeys, UnknownKeysAreSaidToBe) {
    EXPECT_EQ(text_of(ask("NOBODY", "SK")),
              "Incorrect IAM authentication information: Get secretKey failed,ak:NOBODY,err:ak not exist");
}

TEST_F(SimulatorKeys, TemporaryKeysNeedTheirToken) {
    const std::string no_token = "Incorrect IAM authentication information: decrypt token fail";
    EXPECT_EQ(text_of(ask("TEMP", "SK2")), no_token);
    headers_.emplace_back("X-Security-Token", "token/of+TEMP==");
    EXPECT_EQ(ask("TEMP", "SK2").status, 200); // unsigned
    signed_.emplace_back("x-security-token");
    EXPECT_EQ(ask("TEMP", "SK2").status, 200);
    EXPECT_EQ(text_of(ask("AK", "SK")), no_token); // a permanent key has none
    headers_.back().second = "another";
    EXPECT_EQ(text_of(ask("TEMP", "SK2")), no_token);
}

TEST_F(SimulatorKeys, SixFailuresInARowLockTheKey) {
    const std::string locked =
        "Incorrect IAM authentication information: AK access failed to reach the limit,forbidden.";
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(text_of(ask("AK", "bad")), wrong);
    EXPECT_EQ(ask("AK", "SK").status, 200); // five are forgiven
    for (int i = 0; i < 6; ++i)
        EXPECT_EQ(text_of(ask("AK", "bad")), wrong);
    EXPECT_EQ(text_of(ask("AK", "SK")), locked);
    cloud_.now = 299s;
    EXPECT_EQ(text_of(ask("AK", "SK")), locked);
    const auto state = key_state();
    EXPECT_EQ(state.at("locked"), true);
    EXPECT_EQ(state.at("locked_until"), 300);
    EXPECT_EQ(state.at("refused"), 13);
    EXPECT_EQ(state.at("refused_while_locked"), 2);
    headers_.emplace_back("X-Security-Token", "token/of+TEMP==");
    EXPECT_EQ(ask("TEMP", "SK2").status, 200); // another key is not concerned
    headers_.pop_back();

    cloud_.now = 300s;
    EXPECT_EQ(text_of(ask("AK", "bad")), wrong); // counted from the start again
    EXPECT_EQ(ask("AK", "SK").status, 200);
    EXPECT_EQ(key_state().at("locked"), false);
}

TEST_F(SimulatorKeys, ControlChangesKeys) {
    const auto control = [&](const std::string& body) {
        return cloud_.ask("POST", "/_control/keys", body).status;
    };
    EXPECT_EQ(control(R"({"access":"AK","secret":"new"})"), 200);
    for (int i = 0; i < 6; ++i)
        EXPECT_EQ(ask("AK", "SK").status, 401);
    EXPECT_EQ(ask("AK", "new").status, 401); // locked
    EXPECT_EQ(control(R"({"access":"AK","unlock":true})"), 200);
    EXPECT_EQ(ask("AK", "new").status, 200);
    EXPECT_EQ(control(R"({"access":"ADDED","secret":"s"})"), 200);
    EXPECT_EQ(ask("ADDED", "s").status, 200);
    EXPECT_EQ(control(R"({"access":"ADDED","remove":true})"), 200);
    EXPECT_THAT(text_of(ask("ADDED", "s")), HasSubstr("ak not exist"));
    EXPECT_EQ(control(R"({"access":"ADDED"})"), 400);
    EXPECT_EQ(control(R"({"access":"AK","secrets":"x"})"), 400);
}

} // namespace
} // namespace replmond::simulator
