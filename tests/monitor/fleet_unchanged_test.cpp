#include "tests/monitor/fleet_stub.hpp"

#include <string>

/// A list that is the same bytes as before: what the fleet tells of it, and what it asks for.
namespace replmond::testing {
namespace {

constexpr const char* healthy =
    R"({"total_count":1,"replications":[{"task_name":"t1","status":"Yes","stage":"Full"}]})";
constexpr const char* abnormal =
    R"({"total_count":1,"replications":[{"task_name":"t1","status":"No","stage":"Full"}]})";

result<cloud::task_configuration> failed_configuration() {
    failure why;
    why.result = poll_result::http;
    why.http_status = 500;
    return why;
}

class FleetUnchanged : public FleetStub {
protected:
    // As the real one answers: decoded unless the bytes are known.
    result<cloud::page> received(const cloud::list_query& query) {
        if (fails_)
            return failed(poll_result::http, 503);
        if (query.known_body && *query.known_body == body_) {
            ++same_;
            cloud::page same;
            same.same = true;
            same.body = query.known_body;
            return same;
        }
        ++decoded_;
        auto page = cloud::decode_page(body_);
        page->body = std::make_shared<const std::string>(body_);
        return page;
    }

    void watch_one() {
        api_ = make_api([this](const cloud::list_query& query) { return received(query); });
        if (!knows_why_)
            api_->why = [] { return failed_configuration(); };
        watch("a", *api_);
        begin();
    }

    stub_api* api_ = nullptr;
    std::string body_ = healthy;
    bool fails_ = false;
    bool knows_why_ = true;
    int same_ = 0;
    int decoded_ = 0;
};

TEST_F(FleetUnchanged, IsAPollLikeAnyOther) {
    watch_one();
    until([&] { return same_ == 5; });
    until_polls("a", 1);
    EXPECT_EQ(decoded_, 1);
    EXPECT_EQ(polls("a"), polls("a", poll_result::success));
    EXPECT_EQ(seen_.names("a"), std::vector<std::string>{"task_discovered"});
    EXPECT_EQ(state("a").tasks.size(), 1U);
    EXPECT_EQ(state("a").task_count, 1U);
    EXPECT_GE(seen_.told_unchanged, 5);
}

TEST_F(FleetUnchanged, EndsWithTheFirstOtherByte) {
    watch_one();
    until([&] { return same_ > 0; });
    body_ = abnormal;
    until([&] { return seen_.count("a", "replication_abnormal") == 1; });
    const int before = same_;
    until([&] { return same_ > before; }); // the new bytes are the known ones now
    EXPECT_EQ(decoded_, 2);
}

TEST_F(FleetUnchanged, AnAbnormalTaskIsToldAgain) {
    settings_.repeat_interval = std::chrono::milliseconds(20);
    body_ = abnormal;
    watch_one();
    until([&] { return seen_.count("a", "replication_abnormal") == 3; });
    EXPECT_EQ(text_of(seen_.last("a", "replication_abnormal"), "repeat"), "2");
    EXPECT_EQ(decoded_, 1);
}

TEST_F(FleetUnchanged, ThatAReasonWasAskedForIsTold) {
    body_ = abnormal;
    knows_why_ = false;
    watch_one();
    until([&] { return api_->asked_why.size() == 3; }); // at three polls, and then no more
    const int before = seen_.told_unchanged;
    until([&] { return seen_.told_unchanged >= before + 3; });
    EXPECT_EQ(api_->asked_why.size(), 3U);
    EXPECT_EQ(state("a").tasks.at("t1").reason.asked, 3);
    EXPECT_GE(seen_.told_changed, 4); // new, read, and each time that it was asked for
}

TEST_F(FleetUnchanged, IsReadAnewAfterAFailure) {
    watch_one();
    until([&] { return same_ > 0; });
    fails_ = true;
    until([&] { return polls("a", poll_result::http) > 0; });
    EXPECT_TRUE(state("a").tasks.at("t1").unseen_since);
    fails_ = false;
    until([&] { return decoded_ == 2; });
    until([&] { return seen_.count("a", "poll_recovered") == 1; });
    EXPECT_FALSE(state("a").tasks.at("t1").unseen_since);
}

TEST_F(FleetUnchanged, IsReadAnewWithOtherSettings) {
    watch_one();
    until([&] { return same_ > 0; });
    page_size_ = 50;
    fleet_->change(keys_.at("a"), instance_of("a", *api_));
    until([&] { return decoded_ == 2; });
}

} // namespace
} // namespace replmond::testing
