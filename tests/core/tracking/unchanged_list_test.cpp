#include "daemon/core/cloud/task_page.hpp"
#include "daemon/core/metrics/metrics_page.hpp"
#include "daemon/core/tracking/reading.hpp"
#include "daemon/core/tracking/tracker.hpp"
#include "daemon/core/web/log_line.hpp"
#include "tests/support/instants.hpp"
#include "tests/support/pieces.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <string>
#include <utility>
#include <vector>

/// A list that is the same bytes as before is not decoded: what is known of it must come out the same.
namespace replmond::tracking {
namespace {

using std::chrono_literals::operator""min;
using std::chrono_literals::operator""s;

struct record {
    std::string name;
    std::string status = "Yes";
    int percentage = 0;
};

// A cloud whose list changes at times, seen by bodies only.
class changing_cloud {
public:
    explicit changing_cloud(unsigned seed) : random_(seed) {
        for (int i = 0; i < 5; ++i)
            add();
    }

    int below(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }

    void live() {
        switch (below(12)) {
        case 0:
            records_[any()].percentage = below(100);
            break;
        case 1:
            records_[any()].status = below(2) == 0 ? "No" : "Yes";
            break;
        case 2:
            records_[any()].status = below(2) == 0 ? "Perhaps" : below(2) == 0 ? "" : "Yes";
            break;
        case 3:
            add();
            break;
        case 4:
            if (records_.size() > 1)
                records_.erase(records_.begin() + static_cast<std::ptrdiff_t>(any()));
            break;
        case 5:
            total_off_ = below(3) == 0 ? 1 : 0;
            break;
        default:
            break;
        }
    }

    std::string body(std::size_t offset, std::size_t limit) const {
        std::string text =
            fmt::format(R"({{"total_count":{},"replications":[)", records_.size() + total_off_);
        for (std::size_t i = offset; i < std::min(offset + limit, records_.size()); ++i)
            text += fmt::format(R"({}{{"task_name":"{}",{}"stage":"Full","percentage":{}}})",
                                i == offset ? "" : ",", records_[i].name, status_of(records_[i]),
                                records_[i].percentage);
        return text + "]}";
    }

private:
    static std::string status_of(const record& of) {
        return of.status.empty() ? "" : fmt::format(R"("status":"{}",)", of.status);
    }

    void add() { records_.push_back({fmt::format("t{}", ++last_), "Yes", below(100)}); }
    std::size_t any() { return static_cast<std::size_t>(below(static_cast<int>(records_.size()))); }

    std::mt19937 random_;
    std::vector<record> records_;
    std::size_t total_off_ = 0;
    int last_ = 0;
};

// A poller with its exposition. One knows the bodies of before, the other decodes everything.
class poller {
public:
    explicit poller(bool knows) : knows_(knows) { state.identity.name = "orders"; }

    // Returns the events, as lines.
    std::string poll(const changing_cloud& of, std::size_t limit, timestamp now) {
        list_reading progress(
            memory_,
            [this] {
                std::set<std::string> names;
                for (const auto& [name, task] : state.tasks)
                    names.insert(name);
                return names;
            },
            static_cast<int>(limit));
        auto step = list_reading::step::read_on;
        while (step == list_reading::step::read_on)
            step = progress.add(page_of(of.body(progress.offset(), limit), progress.known_body()));
        EXPECT_EQ(step, list_reading::step::done);
        memory_ = progress.memory();
        reading seen = progress.take_reading();
        ++state.counters.polls[0];
        std::vector<event> events;
        if (seen.unchanged) {
            ++unchanged;
            auto outcome = tracking_.observe_unchanged(state, test::by_both_clocks(now));
            events = std::move(outcome.events);
            outcome.changed ? shown.update(state, now) : shown.update_poll(state);
        } else {
            events = tracking_.observe(state, std::move(seen), test::by_both_clocks(now));
            shown.update(state, now);
        }
        std::string lines;
        for (const event& e : events)
            lines += web::to_logfmt(e) + '\n';
        return lines;
    }

    void fail(timestamp now) {
        memory_ = after_failed_poll(std::move(memory_));
        tracker::miss(state, now);
        shown.update(state, now);
    }

    std::string text(timestamp now) { return test::joined(shown.pieces(now, metrics::format::text)); }

    instance_state state;
    metrics::metrics_page shown{2min};
    int unchanged = 0;

private:
    cloud::page page_of(std::string body, const std::shared_ptr<const std::string>& known) const {
        if (knows_ && known && *known == body) {
            cloud::page same;
            same.same = true;
            same.body = known;
            return same;
        }
        auto page = *cloud::decode_page(body);
        page.body = std::make_shared<const std::string>(std::move(body));
        return page;
    }

    bool knows_;
    reading_memory memory_;
    tracker tracking_{3min};
};

TEST(UnchangedList, ComesToTheSameAsDecodingItAgain) {
    int unchanged = 0;
    for (unsigned seed = 0; seed < 50; ++seed) {
        SCOPED_TRACE(seed);
        changing_cloud cloud(seed);
        poller knowing(true);
        poller decoding(false);
        const auto limit = static_cast<std::size_t>(1 + cloud.below(7));
        timestamp now{std::chrono::seconds(1'800'000'000)};
        for (int turn = 0; turn < 40; ++turn) {
            now += 30s;
            cloud.live();
            if (cloud.below(10) == 0) {
                knowing.fail(now);
                decoding.fail(now);
            } else {
                ASSERT_EQ(knowing.poll(cloud, limit, now), decoding.poll(cloud, limit, now)) << turn;
            }
            ASSERT_EQ(knowing.text(now), decoding.text(now)) << turn;
        }
        unchanged += knowing.unchanged;
        EXPECT_EQ(decoding.unchanged, 0);
    }
    EXPECT_GT(unchanged, 250); // it was tried
}

std::string list_of(std::initializer_list<const char*> names, std::size_t total) {
    std::string text = fmt::format(R"({{"total_count":{},"replications":[)", total);
    for (const char* name : names)
        text += fmt::format(R"({}{{"task_name":"{}"}})", text.back() == '[' ? "" : ",", name);
    return text + "]}";
}

cloud::page received(std::string body) {
    auto page = *cloud::decode_page(body);
    page.body = std::make_shared<const std::string>(std::move(body));
    return page;
}

// The memory after a poll that read these pages.
reading_memory after(std::vector<std::string> bodies, list_reading::names known = {}) {
    list_reading progress({}, std::move(known), 2);
    for (std::string& body : bodies)
        progress.add(received(std::move(body)));
    return progress.memory();
}

TEST(UnchangedList, IsRememberedWherePagesAgree) {
    const auto memory = after({list_of({"a", "b"}, 3), list_of({"c"}, 3)});
    ASSERT_EQ(memory.pages.size(), 2u);
    EXPECT_EQ(memory.pages[1].offset, 2u);
    EXPECT_EQ(*memory.pages[1].body, list_of({"c"}, 3));
}

TEST(UnchangedList, IsNotRememberedWhereReadingItAgainWouldTellSomething) {
    EXPECT_TRUE(after({list_of({"a"}, 3), list_of({}, 3), list_of({"a"}, 3), list_of({}, 3),
                       list_of({"a"}, 3), list_of({}, 3)})
                    .pages.empty()); // inconsistent
    EXPECT_TRUE(after({R"({"total_count":1,"replications":[{"task_name":"a","stage":"odd"}]})"})
                    .pages.empty()); // counted at every poll
    const list_reading::names known = [] { return std::set<std::string>{"a", "lost"}; };
    EXPECT_TRUE(after({list_of({"a"}, 1), list_of({"a"}, 1)}, known).pages.empty()); // two passes
}

TEST(UnchangedList, IsForgottenWithAFailedPoll) {
    EXPECT_TRUE(after_failed_poll(after({list_of({"a"}, 1)})).pages.empty());
}

TEST(UnchangedList, IsNotComparedWithPagesOfAnotherSize) {
    const auto memory = after({list_of({"a"}, 1)});
    EXPECT_NE(list_reading(memory, {}, 2).known_body(), nullptr);
    EXPECT_EQ(list_reading(memory, {}, 3).known_body(), nullptr);
}

TEST(UnchangedList, WithoutBodiesNothingIsRemembered) {
    list_reading progress({}, {}, 2);
    ASSERT_EQ(progress.add(*cloud::decode_page(list_of({"a"}, 1))), list_reading::step::done);
    EXPECT_TRUE(progress.memory().pages.empty());
}

TEST(UnchangedList, IsNotRememberedWhereItIsHuge) {
    const auto pages_of = [](std::size_t bytes) {
        std::string body = list_of({"a"}, 1);
        body.resize(bytes, ' ');
        return after({std::move(body)}).pages.size();
    };
    constexpr std::size_t bound = std::size_t{4} << 20;
    EXPECT_EQ(pages_of(bound - 1), 1u);
    EXPECT_EQ(pages_of(bound), 0u);
}

} // namespace
} // namespace replmond::tracking
