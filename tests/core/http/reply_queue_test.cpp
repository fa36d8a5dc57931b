#include "daemon/core/http/reply_queue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace replmond::http {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using failure = reply_queue::failure;

// Jobs that take a millisecond a step on a clock of their own.
class desk {
public:
    desk() {
        limits.bytes = 1000;
        limits.slice = milliseconds(3);
        limits.rest = limits.pause_factor_unfinished = 1;
    }

    class job final : public reply_body {
    public:
        job(desk& at, std::string name, int length, std::size_t size)
            : at_(at), name_(std::move(name)), length_(length), size_(size) {
            ++at_.alive;
        }
        ~job() override { --at_.alive; }
        bool step() override {
            at_.now += milliseconds(1);
            at_.steps.push_back(name_);
            if (name_ == "throws")
                throw std::runtime_error("no memory");
            return ++done_ >= length_;
        }
        std::size_t bytes() const override {
            return size_ * static_cast<std::size_t>(done_) / static_cast<std::size_t>(length_);
        }
        buffer_chain take() override {
            buffer_chain text;
            text.add(std::string(size_, name_.front()));
            return text;
        }

    private:
        desk& at_;
        std::string name_;
        int length_;
        std::size_t size_;
        int done_ = 0;
    };

    reply_queue& queue() {
        if (!queue_) {
            reply_queue_callbacks callbacks;
            callbacks.now = [this] { return now; };
            callbacks.cut_off = [this](const buffer_chain* body) {
                cut_off.push_back(body->pieces.front()->substr(0, 1));
                if (cutting_helps)
                    held.erase(cut_off.back());
            };
            queue_.emplace(limits, std::move(callbacks));
        }
        return *queue_;
    }

    /// `key`: its first letter is what the body is made of. Held by who asked, under that letter.
    reply_queue::id ask(const std::string& key, int length = 1, std::size_t size = 10,
                        const std::string& peer = "p") {
        reply_queue::request what;
        what.key = key;
        what.peer = peer;
        what.begin = [this, key, length, size] { return std::make_unique<job>(*this, key, length, size); };
        return queue().ask(std::move(what), [this, key](reply_queue::outcome outcome) {
            told.emplace_back(key, outcome.why);
            if (outcome.made)
                held[key.substr(0, 1)] = outcome.made;
        });
    }

    /// Works when work is due, so many times.
    void work(int times = 1) {
        for (; times > 0; --times) {
            now = std::max(now, queue().next());
            queue().work();
        }
    }
    void work_until_told(std::size_t count) {
        for (int i = 0; i < 10'000 && told.size() < count; ++i)
            work();
        ASSERT_EQ(told.size(), count);
    }

    std::vector<std::string> given() const {
        std::vector<std::string> keys;
        for (const auto& [key, why] : told)
            keys.push_back(key);
        return keys;
    }

    reply_queue_limits limits;
    std::chrono::steady_clock::time_point now{std::chrono::hours(1)};
    std::vector<std::string> steps;
    std::vector<std::pair<std::string, failure>> told;
    std::map<std::string, reply_queue::body> held;
    std::vector<std::string> cut_off;
    bool cutting_helps = true;
    int alive = 0;

private:
    std::optional<reply_queue> queue_;
};

TEST(ReplyQueue, WhatFitsIntoASliceIsThereAtOnce) {
    desk d;
    d.ask("a", 2);
    EXPECT_THAT(d.given(), ElementsAre("a"));
    EXPECT_EQ(d.held.at("a")->joined(), "aaaaaaaaaa");
    EXPECT_EQ(d.queue().waiting(), 0U);
    EXPECT_EQ(d.alive, 0);
}

TEST(ReplyQueue, MoreIsMadeSliceBySlice) {
    desk d;
    d.ask("a", 7);
    EXPECT_THAT(d.given(), IsEmpty());
    EXPECT_EQ(d.steps.size(), 3U); // a slice of 3 ms
    d.queue().work();              // too early: the others have as much time
    EXPECT_EQ(d.steps.size(), 3U);
    EXPECT_EQ(d.queue().next(), d.now + milliseconds(3));
    d.work();
    EXPECT_EQ(d.steps.size(), 6U);
    EXPECT_THAT(d.given(), IsEmpty());
    d.work();
    EXPECT_THAT(d.given(), ElementsAre("a"));
}

TEST(ReplyQueue, WhoComesWhileItRestsWaits) {
    desk d;
    d.ask("a", 2);
    d.ask("b", 1);
    EXPECT_THAT(d.given(), ElementsAre("a"));
    EXPECT_EQ(d.queue().next(), d.now + milliseconds(2));
    d.work();
    EXPECT_THAT(d.given(), ElementsAre("a", "b"));
}

TEST(ReplyQueue, AmidABodyItMayRestLess) {
    desk d;
    d.limits.pause_factor_unfinished = 0;
    d.ask("a", 4);
    EXPECT_EQ(d.queue().next(), d.now); // the next turn of the loop
    d.work();
    EXPECT_THAT(d.given(), ElementsAre("a"));
    EXPECT_EQ(d.queue().next(), d.now + milliseconds(1000)); // nothing to do but to forget it
    d.ask("b");
    EXPECT_EQ(d.queue().next(), d.now + milliseconds(1)); // as long as that slice took
}

TEST(ReplyQueue, OneBodyIsMadeAtATimeAndSmallOnesShareASlice) {
    desk d;
    d.ask("a", 5);
    d.ask("b", 1);
    d.ask("c", 1);
    EXPECT_EQ(d.alive, 1);
    d.work_until_told(3);
    EXPECT_THAT(d.steps, ElementsAre("a", "a", "a", "a", "a", "b", "c"));
    EXPECT_EQ(d.now.time_since_epoch() - std::chrono::hours(1),
              milliseconds(7 + 2 * 3)); // three slices, two rests
}

TEST(ReplyQueue, WhoAsksForTheSameGetsTheSame) {
    desk d;
    d.ask("a", 5);
    d.ask("b", 5);
    d.ask("a");
    d.ask("b");
    d.work_until_told(4);
    EXPECT_THAT(d.given(), ElementsAre("a", "a", "b", "b"));
    EXPECT_EQ(d.steps.size(), 10U);
}

TEST(ReplyQueue, ABodyThatTookLongIsKeptForASecond) {
    desk d;
    d.ask("a", 5);
    d.work_until_told(1);
    d.held.clear();
    const auto made = d.now;
    EXPECT_EQ(d.queue().bytes(), 10U);
    EXPECT_EQ(d.queue().next(), made + milliseconds(1000));
    d.now = made + milliseconds(999);
    d.ask("a", 5);
    EXPECT_EQ(d.told.size(), 2U);
    EXPECT_EQ(d.steps.size(), 5U);
    d.held.clear();
    d.work(); // at its end
    EXPECT_EQ(d.queue().bytes(), 0U);
    EXPECT_EQ(d.queue().next(), reply_queue::time_point::max());
    d.ask("a", 1);
    EXPECT_EQ(d.steps.size(), 6U);
}

TEST(ReplyQueue, ASmallOneIsNewWhereNobodyHoldsIt) {
    desk d;
    d.ask("a");
    const auto first = d.held.at("a");
    d.now += milliseconds(999);
    d.ask("a");
    EXPECT_EQ(d.held.at("a"), first);
    d.now += milliseconds(1);
    d.ask("a");
    EXPECT_NE(d.held.at("a"), first); // a second old
    d.held.clear();
    d.now += milliseconds(1);
    d.ask("a");
    EXPECT_EQ(d.steps.size(), 3U);
}

TEST(ReplyQueue, NoneIsKeptWhereThatIsSaid) {
    desk d;
    d.limits.keeps = false;
    d.ask("a", 5);
    d.work_until_told(1);
    EXPECT_EQ(d.queue().next(), reply_queue::time_point::max());
    d.ask("a");
    EXPECT_EQ(d.steps.size(), 5U); // it is on its way still
    d.held.clear();
    d.work(0);
    d.now += milliseconds(5);
    d.ask("a");
    EXPECT_EQ(d.steps.size(), 6U);
}

TEST(ReplyQueue, PeersTakeTurns) {
    desk d;
    d.ask("now", 4, 10, "greedy");
    for (int i = 0; i < 5; ++i)
        d.ask("g" + std::to_string(i), 4, 10, "greedy");
    d.ask("x", 4, 10, "other");
    d.ask("y", 4, 10, "other");
    d.ask("z", 4, 10, "third");
    d.work_until_told(9);
    EXPECT_THAT(d.given(), ElementsAre("now", "g0", "x", "z", "g1", "y", "g2", "g3", "g4"));
}

// The page that everybody looks at is not at the end of a stranger's line.
TEST(ReplyQueue, WhatIsInAnothersLineIsNotWaitedForBehindTheRestOfIt) {
    desk d;
    d.ask("now", 4, 10, "greedy");
    for (int i = 0; i < 5; ++i)
        d.ask("g" + std::to_string(i), 4, 10, "greedy");
    d.ask("g4", 4, 10, "other");
    d.work_until_told(7);
    EXPECT_THAT(d.given(), ElementsAre("now", "g0", "g4", "g4", "g1", "g2", "g3"));
}

TEST(ReplyQueue, TooManyThatWaitAreRefused) {
    desk d;
    d.limits.waiting = 5;
    d.limits.waiting_of_a_peer = 3;
    for (int i = 0; i < 4; ++i)
        d.ask("a" + std::to_string(i), 9, 10, "greedy");
    EXPECT_THAT(d.told, ElementsAre(std::pair("a3", failure::full)));
    d.ask("b0", 9, 10, "other");
    d.ask("b1", 9, 10, "third");
    EXPECT_EQ(d.told.size(), 1U);
    d.ask("c", 9, 10, "fourth");
    EXPECT_THAT(d.told, ElementsAre(std::pair("a3", failure::full), std::pair("c", failure::full)));
    d.ask("b1", 9, 10, "fourth"); // no body more
    EXPECT_EQ(d.told.size(), 2U);
    d.work_until_told(8);
    EXPECT_EQ(d.queue().waiting(), 0U);
    EXPECT_EQ(d.alive, 0);
}

TEST(ReplyQueue, WhatNobodyWantsIsNotMade) {
    desk d;
    const auto running = d.ask("a", 9);
    const auto waiting = d.ask("b", 9);
    const auto shared = d.ask("b", 9);
    d.queue().leave(running);
    EXPECT_EQ(d.alive, 0);
    d.queue().leave(waiting);
    EXPECT_EQ(d.queue().waiting(), 1U);
    d.queue().leave(shared);
    EXPECT_EQ(d.queue().waiting(), 0U);
    d.queue().leave(shared); // was told, or left: nothing
    EXPECT_EQ(d.queue().next(), reply_queue::time_point::max());
    EXPECT_THAT(d.told, IsEmpty());
    d.now += milliseconds(10);
    d.ask("c");
    EXPECT_THAT(d.given(), ElementsAre("c"));
}

TEST(ReplyQueue, AJobThatThrowsEndsAlone) {
    desk d;
    d.ask("throws");
    d.ask("b");
    d.work_until_told(2);
    EXPECT_THAT(d.told, ElementsAre(std::pair("throws", failure::broken), std::pair("b", failure::none)));
}

// Made and being made, they are never more than that.
TEST(ReplyQueue, BytesAreBounded) {
    desk d;
    d.ask("a", 20, 800); // its readers are slow
    d.ask("b", 20, 800);
    while (d.told.size() < 2) {
        d.work();
        EXPECT_LE(d.queue().bytes(), 1000U + 800 / 20);
    }
    EXPECT_THAT(d.cut_off, ElementsAre("a")); // after a second in which they could read
    EXPECT_EQ(d.told.back(), std::pair(std::string("b"), failure::none));
    EXPECT_GE(d.now.time_since_epoch() - std::chrono::hours(1), milliseconds(1000));
}

TEST(ReplyQueue, WhatIsKeptGoesFirst) {
    desk d;
    d.ask("a", 20, 800);
    d.work_until_told(1);
    d.held.clear();
    d.ask("b", 20, 800);
    d.work_until_told(2);
    EXPECT_THAT(d.cut_off, IsEmpty());
    EXPECT_EQ(d.told.back(), std::pair(std::string("b"), failure::none));
}

TEST(ReplyQueue, WithoutRoomItGivesUp) {
    desk d;
    d.cutting_helps = false;
    d.ask("a", 20, 800);
    d.ask("b", 20, 800);
    d.work_until_told(2);
    EXPECT_EQ(d.told.back(), std::pair(std::string("b"), failure::no_room));
    EXPECT_THAT(d.cut_off, ElementsAre("a")); // once
    EXPECT_EQ(d.queue().bytes(), 800U);
    d.held.clear();
    d.now += milliseconds(1000);
    d.ask("c", 20, 800);
    d.work_until_told(3);
    EXPECT_EQ(d.told.back(), std::pair(std::string("c"), failure::none));
}

// a, b and the first half of c are 400 bytes too many: as many as a has.
TEST(ReplyQueue, OnlyAsMuchIsCutOffAsIsNeeded) {
    desk d;
    d.limits.rest = d.limits.pause_factor_unfinished = 0;
    d.ask("a", 1, 400);
    const auto a_made = d.now;
    d.ask("b", 1, 400);
    d.now += milliseconds(3);
    d.ask("c", 2, 1200);
    d.work_until_told(3);
    EXPECT_THAT(d.cut_off, ElementsAre("a"));
    EXPECT_EQ(d.now, a_made + milliseconds(1001)); // a second to read a, and c goes on at once
}

TEST(ReplyQueue, OneMayHaveAllBytes) {
    desk d;
    d.ask("a", 1, 10);
    d.ask("b", 2, 2000); // half of it is as much as is allowed
    d.work_until_told(2);
    EXPECT_EQ(d.told.back(), std::pair(std::string("b"), failure::none));
}

TEST(ReplyQueue, LooksForRoomEvery5MillisecondsFor3Seconds) {
    desk d;
    d.limits.rest = d.limits.pause_factor_unfinished = 0;
    d.cutting_helps = false;
    d.ask("a", 1, 800);
    d.ask("b", 20, 800); // has room for six steps, two slices
    d.work();
    const auto without_room = d.now;
    d.work();
    EXPECT_EQ(d.queue().next(), without_room + milliseconds(5));
    d.work_until_told(2);
    EXPECT_EQ(d.told.back(), std::pair(std::string("b"), failure::no_room));
    EXPECT_EQ(d.now, without_room + milliseconds(3000));
}

TEST(ReplyQueue, WhatIsKeptGoesForASingleByte) {
    desk d;
    d.limits.rest = d.limits.pause_factor_unfinished = 0;
    const auto begun = d.now;
    d.ask("a", 4, 801);
    d.work_until_told(1);
    d.held.clear();
    d.ask("b", 20, 800); // 200 bytes after five steps
    d.work_until_told(2);
    EXPECT_EQ(d.now, begun + milliseconds(24)); // it never had to wait
}

TEST(ReplyQueue, NoMoreOfWhatIsKeptGoesThanIsNeeded) {
    desk d;
    d.limits.rest = d.limits.pause_factor_unfinished = 0;
    d.ask("a", 4, 500);
    d.work_until_told(1);
    d.ask("b", 4, 500);
    d.work_until_told(2);
    d.held.clear();
    d.ask("c", 2, 1000); // 500 after the first step
    d.work_until_told(3);
    EXPECT_EQ(d.steps.size(), 10U);
    d.ask("b", 4, 500);
    d.ask("a", 4, 500);
    d.work_until_told(5);
    EXPECT_EQ(d.steps.size(), 14U); // a is made anew
}

TEST(ReplyQueue, WhatIsKeptAndReadIsCutOffAtOnceWhereItMayBe) {
    desk d;
    d.limits.rest = d.limits.pause_factor_unfinished = 0;
    d.limits.reading_time = milliseconds(0);
    const auto begun = d.now;
    d.ask("a", 20, 800);
    d.work_until_told(1);
    d.ask("b", 20, 800);
    d.work_until_told(2);
    EXPECT_THAT(d.cut_off, ElementsAre("a"));
    EXPECT_EQ(d.now, begun + milliseconds(40));
}

TEST(ReplyQueue, WhatNobodyHoldsHasNoBytes) {
    desk d;
    d.ask("a");
    EXPECT_EQ(d.queue().bytes(), 10U);
    d.held.clear();
    EXPECT_EQ(d.queue().bytes(), 0U);
}

TEST(ReplyQueue, APeerMayHaveOneThatWaitsWhereOneIsAllowed) {
    desk d;
    d.limits.waiting_of_a_peer = 1;
    d.ask("a", 9, 10, "p");
    d.ask("b", 9, 10, "other");
    EXPECT_THAT(d.told, IsEmpty());
    d.ask("c", 9, 10, "other");
    EXPECT_THAT(d.told, ElementsAre(std::pair("c", failure::full)));
}

TEST(ReplyQueue, OneAloneThatIsTooLargeIsRefused) {
    desk d;
    d.ask("a", 20, 1100);
    d.work_until_told(1);
    EXPECT_EQ(d.told.back(), std::pair(std::string("a"), failure::too_large));
    EXPECT_EQ(d.queue().bytes(), 0U);
    EXPECT_EQ(d.alive, 0);
}

} // namespace
} // namespace replmond::http
