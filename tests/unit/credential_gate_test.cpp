#include "daemon/cloud/credential_gate.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <map>
#include <string>

namespace replmond::cloud {
namespace {

using std::chrono_literals::operator""min;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using admission = credential_gate::admission;

// A fleet on a virtual clock: instances poll every 15 s, a request takes 50 ms, waiting ones are asked again
// when one has ended.
class fleet {
public:
    enum class verdict { accepted, refused, undecided };

    explicit fleet(std::function<verdict(uptime)> cloud) : cloud_(std::move(cloud)) {}

    void run(int instances, uptime until) {
        for (int i = 0; i < instances; ++i) {
            for (uptime tick = 1s * i % 15s; tick < until; tick += 15s)
                at(tick, [this] { try_to_send(); });
        }
        while (!agenda_.empty() && agenda_.begin()->first < until) {
            now_ = agenda_.begin()->first;
            const auto action = agenda_.begin()->second;
            agenda_.erase(agenda_.begin());
            action();
        }
    }

    credential_gate gate;
    int sent = 0;
    int held = 0;
    int most_at_once = 0;

private:
    void at(uptime when, std::function<void()> action) { agenda_.emplace(when, std::move(action)); }

    void try_to_send() {
        switch (gate.ask(now_)) {
        case admission::held:
            ++held;
            return;
        case admission::wait:
            waiting_.push_back([this] { try_to_send(); });
            return;
        case admission::go:
            break;
        }
        ++sent;
        most_at_once = std::max(most_at_once, ++under_way_);
        at(now_ + 50ms, [this, of = gate.generation()] { ended(of); });
    }

    void ended(std::uint64_t generation) {
        --under_way_;
        switch (cloud_(now_)) {
        case verdict::accepted:
            gate.accepted(generation);
            break;
        case verdict::refused:
            gate.refused(generation, now_);
            break;
        case verdict::undecided:
            gate.undecided(generation);
            break;
        }
        std::deque<std::function<void()>> woken;
        woken.swap(waiting_);
        for (const auto& ask_again : woken)
            ask_again();
    }

    std::function<verdict(uptime)> cloud_;
    std::multimap<uptime, std::function<void()>> agenda_;
    std::deque<std::function<void()>> waiting_;
    uptime now_{};
    int under_way_ = 0;
};

TEST(CredentialGate, AWrongKeyIsTriedOnceInFourMinutesBySixteenInstances) {
    fleet f([](uptime) { return fleet::verdict::refused; });
    f.run(16, 4min);
    EXPECT_EQ(f.sent, 1);
    EXPECT_EQ(f.held, 16 * 16 - 1);
}

TEST(CredentialGate, AfterTheHoldOneProbeGoesOut) {
    fleet f([](uptime) { return fleet::verdict::refused; });
    f.run(16, 14min);
    EXPECT_EQ(f.sent, 3); // at the start, after 5 and after 10 minutes
    EXPECT_EQ(f.most_at_once, 1);
}

TEST(CredentialGate, AProbeThatIsAcceptedLetsAllThrough) {
    fleet f([](uptime now) { return now < 4min ? fleet::verdict::refused : fleet::verdict::accepted; });
    f.run(16, 10min);
    EXPECT_TRUE(f.gate.proven());
    EXPECT_GT(f.sent, 16 * 19);
}

TEST(CredentialGate, OneAtATimeUntilOneIsAccepted) {
    fleet f([](uptime now) { return now < 1min ? fleet::verdict::undecided : fleet::verdict::accepted; });
    f.run(16, 1min);
    EXPECT_EQ(f.most_at_once, 1);
    EXPECT_EQ(f.sent, 16 * 4) << "everybody had a turn";
}

TEST(CredentialGate, AcceptedLetsWaitingOnesGoTogether) {
    credential_gate gate;
    EXPECT_EQ(gate.ask(0ms), admission::go);
    EXPECT_EQ(gate.ask(0ms), admission::wait);
    EXPECT_EQ(gate.ask(0ms), admission::wait);
    gate.accepted(gate.generation());
    EXPECT_EQ(gate.ask(1ms), admission::go);
    EXPECT_EQ(gate.ask(1ms), admission::go);
}

TEST(CredentialGate, RefusedTogetherIsOneHold) {
    credential_gate gate;
    gate.ask(0ms);
    gate.accepted(0);
    EXPECT_TRUE(gate.refused(0, 1min));
    EXPECT_FALSE(gate.refused(0, 2min)) << "it does not grow";
    gate.accepted(0); // an answer that was under way
    EXPECT_EQ(gate.ask(6min - 1ms), admission::held);
    EXPECT_EQ(gate.ask(6min), admission::go);
    EXPECT_EQ(gate.ask(6min), admission::wait);
}

TEST(CredentialGate, AChangeEndsTheHoldAndOldOutcomesSayNothing) {
    credential_gate gate;
    gate.ask(0ms);
    gate.refused(0, 0ms);
    gate.changed();
    EXPECT_FALSE(gate.held(1s));
    EXPECT_EQ(gate.ask(1s), admission::go);
    EXPECT_FALSE(gate.refused(0, 1s)) << "about the old one";
    gate.accepted(0);
    EXPECT_FALSE(gate.proven());
    gate.undecided(0);
    EXPECT_EQ(gate.ask(1s), admission::wait) << "the new one's probe is still under way";
    gate.accepted(1);
    EXPECT_TRUE(gate.proven());
}

// A 401 of the error texts or of discovery, where the list accepts the same credential.
TEST(CredentialGate, WhatTheListAcceptedNothingElseCanRefuse) {
    credential_gate gate;
    gate.ask(0ms);
    gate.accepted(0, asked_by::list);
    EXPECT_FALSE(gate.judges(asked_by::other));
    EXPECT_FALSE(gate.refused(0, 1s, asked_by::other));
    EXPECT_TRUE(gate.proven());
    EXPECT_EQ(gate.ask(2s), admission::go);
    EXPECT_TRUE(gate.refused(0, 3s, asked_by::list)) << "the list can";
    EXPECT_EQ(gate.ask(4s), admission::held);
}

TEST(CredentialGate, WhatTheListHasNotAcceptedSinceEverybodyCanRefuse) {
    credential_gate gate;
    gate.ask(0ms);
    gate.accepted(0, asked_by::other);
    EXPECT_TRUE(gate.proven());
    EXPECT_TRUE(gate.judges(asked_by::other));
    EXPECT_TRUE(gate.refused(0, 1s, asked_by::other));

    gate.changed();
    gate.ask(2s);
    gate.accepted(1, asked_by::list);
    gate.refused(1, 3s, asked_by::list);
    EXPECT_TRUE(gate.judges(asked_by::other)) << "since the hold";
    gate.changed();
    gate.accepted(2, asked_by::list);
    gate.changed();
    EXPECT_TRUE(gate.judges(asked_by::other)) << "since the change";
}

TEST(CredentialGate, AListThatWasUnderWayEndsTheHoldOfAnotherOperation) {
    credential_gate gate;
    gate.ask(0ms);
    gate.accepted(0, asked_by::other);
    gate.ask(1s); // the list
    gate.ask(1s); // discovery
    EXPECT_TRUE(gate.refused(0, 2s, asked_by::other));
    gate.accepted(0, asked_by::other);
    EXPECT_EQ(gate.ask(3s, asked_by::other), admission::held) << "only the list can";
    gate.accepted(0, asked_by::list);
    EXPECT_EQ(gate.ask(3s, asked_by::other), admission::go);
    EXPECT_FALSE(gate.refused(0, 4s, asked_by::other));
}

TEST(CredentialGate, TheListFindsOutWhatAnotherOperationWasRefusedFor) {
    credential_gate gate;
    gate.ask(0ms, asked_by::other);
    EXPECT_TRUE(gate.refused(0, 1s, asked_by::other));
    EXPECT_EQ(gate.ask(2s, asked_by::other), admission::held);
    EXPECT_EQ(gate.ask(2s, asked_by::list), admission::go);
    EXPECT_EQ(gate.ask(2s, asked_by::list), admission::wait) << "one at a time";
    gate.undecided(0);
    EXPECT_EQ(gate.ask(3s, asked_by::list), admission::go);
    EXPECT_FALSE(gate.refused(0, 4s, asked_by::list)) << "the same hold, for all now";
    EXPECT_EQ(gate.ask(5s, asked_by::list), admission::held);
    EXPECT_EQ(gate.held_until(), 4s + credential_hold);
    EXPECT_FALSE(gate.refused(0, 5s, asked_by::list));
    EXPECT_EQ(gate.ask(4s + credential_hold, asked_by::other), admission::go);
}

} // namespace
} // namespace replmond::cloud
