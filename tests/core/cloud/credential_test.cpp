#include "daemon/core/cloud/credential.hpp"
#include "daemon/core/model/text.hpp"
#include "daemon/core/web/log_line.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace replmond::cloud {

namespace {

using std::chrono::hours;
using std::chrono::minutes;

credential token(std::string text) {
    credential made;
    made.secret = std::move(text);
    return made;
}

credential key(std::string access, std::string secret, std::optional<std::string> security_token = {}) {
    credential made;
    made.secret = signing_key{std::move(access), std::move(secret), std::move(security_token)};
    return made;
}

TEST(Credential, IsTheSameByItsSecretAlone) {
    struct row {
        credential a;
        credential b;
        bool same;
    };
    const std::vector<row> table{
        {token("t"), token("t"), true},
        {token("t"), token("u"), false},
        {token(""), key("", ""), false},
        {key("a", "s"), key("a", "s"), true},
        {key("a", "s"), key("b", "s"), false},
        {key("a", "s"), key("a", "t"), false},
        {key("a", "s"), key("a", "s", "x"), false},
        {key("a", "s", "x"), key("a", "s", "x"), true},
        {key("a", "s", "x"), key("a", "s", "y"), false},
        {key("a", "s", ""), key("a", "s"), false},
    };
    for (std::size_t i = 0; i < table.size(); ++i) {
        EXPECT_EQ(same_secret(table[i].a, table[i].b), table[i].same) << i;
        EXPECT_EQ(same_secret(table[i].b, table[i].a), table[i].same) << i;
    }

    credential later = token("t");
    later.issued_at = timestamp(hours(1));
    later.expires_at = timestamp(hours(2));
    later.project_id = "p";
    later.source = "elsewhere";
    EXPECT_TRUE(same_secret(later, token("t")));
}

TEST(Credential, ShowsFourCharactersOfAnIdAtMost) {
    const std::vector<std::pair<std::string, std::string>> table{
        {"", "..."},
        {"CESS", "..."},
        {"1234567", "..."},
        {"12345678", "...5678"},
        {"QTWAOYTTINDUT2QVKYUC", "...KYUC"},
        {"12345678\n", "..."},
        {"1234 5678", "..."},
        {"1234567\xC3\xA9", "..."},
        {std::string("1234567\0", 8), "..."},
    };
    for (const auto& [id, shown] : table)
        EXPECT_EQ(last_four(id), shown) << id;
}

TEST(Credential, KnowsWhatFitsIntoAHeaderAndAPath) {
    struct row {
        std::string text;
        bool header;
        bool path;
    };
    const std::vector<row> table{
        {"0123456789abcdef0123456789abcdef", true, true},
        {"A-b_9", true, true},
        {"azAZ09", true, true},
        {std::string(64, 'a'), true, true},
        {std::string(65, 'a'), true, false},
        {"a/../b", true, false},
        {"a?b", true, false},
        {"~!", true, false},
        {"", false, false},
        {" a", false, false},
        {"a\r\nX-Evil: 1", false, false},
        {std::string("a\0b", 3), false, false},
        {"\x7F", false, false},
        {"\xC3\xA9", false, false},
    };
    for (const row& r : table) {
        EXPECT_EQ(replmond::is_visible_ascii(r.text), r.header) << r.text;
        EXPECT_EQ(is_project_id(r.text), r.path) << r.text;
    }
}

TEST(Credential, IsRenewedBeforeItEnds) {
    struct row {
        bool is_token;
        std::optional<milliseconds> life; ///< none: issued at a time not known
        milliseconds left;                ///< when it is renewed
    };
    const std::vector<row> table{
        {true, hours(24), hours(1)},
        {true, hours(5), hours(1)},
        {true, hours(4), minutes(48)},
        {true, minutes(10), minutes(2)},
        {true, hours(0), hours(0)},
        {true, hours(-1), hours(0)}, // over before it was issued
        {true, std::nullopt, hours(1)},
        {false, hours(24), minutes(10)},
        {false, minutes(20), minutes(10)},
        {false, minutes(15), milliseconds(450'000)},
        {false, milliseconds(1), milliseconds(0)},
        {false, hours(-1), hours(0)},
        {false, std::nullopt, minutes(10)},
    };
    const timestamp end{hours(500'000)};
    for (std::size_t i = 0; i < table.size(); ++i) {
        credential held = table[i].is_token ? token("t") : key("a", "s", "x");
        EXPECT_FALSE(renew_at(held)) << i;
        held.expires_at = end;
        if (table[i].life)
            held.issued_at = end - *table[i].life;
        EXPECT_EQ(renew_at(held), end - table[i].left) << i;
    }
}

// Keys of pods and identity providers (API.md, section 13).
TEST(Credential, KeysAreRenewedAsFarAheadAsTheirServiceWants) {
    const timestamp end{hours(500'000)};
    credential held = key("a", "s", "x");
    held.expires_at = end;
    held.renew_ahead = minutes(40);
    EXPECT_EQ(renew_at(held), end - minutes(40));
    held.issued_at = end - hours(6);
    EXPECT_EQ(renew_at(held), end - minutes(40));
    held.issued_at = end - hours(1);
    EXPECT_EQ(renew_at(held), end - minutes(30)) << "not in the first half of its life";
}

using std::chrono_literals::operator""min;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;
using decision = credential_breaker::decision;

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

    credential_breaker breaker;
    int sent = 0;
    int held = 0;
    int most_at_once = 0;

private:
    void at(uptime when, std::function<void()> action) { agenda_.emplace(when, std::move(action)); }

    void try_to_send() {
        switch (breaker.ask(now_)) {
        case decision::held:
            ++held;
            return;
        case decision::wait:
            waiting_.push_back([this] { try_to_send(); });
            return;
        case decision::go:
            break;
        }
        ++sent;
        most_at_once = std::max(most_at_once, ++under_way_);
        at(now_ + 50ms, [this, of = breaker.generation()] { release(of); });
    }

    void release(std::uint64_t generation) {
        --under_way_;
        switch (cloud_(now_)) {
        case verdict::accepted:
            breaker.accepted(generation);
            break;
        case verdict::refused:
            breaker.refused(generation, now_);
            break;
        case verdict::undecided:
            breaker.undecided(generation);
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

TEST(CredentialBreaker, AWrongKeyIsTriedOnceInFourMinutesBySixteenInstances) {
    fleet f([](uptime) { return fleet::verdict::refused; });
    f.run(16, 4min);
    EXPECT_EQ(f.sent, 1);
    EXPECT_EQ(f.held, 16 * 16 - 1);
}

TEST(CredentialBreaker, AfterTheHoldOneProbeGoesOut) {
    fleet f([](uptime) { return fleet::verdict::refused; });
    f.run(16, 14min);
    EXPECT_EQ(f.sent, 3); // at the start, after 5 and after 10 minutes
    EXPECT_EQ(f.most_at_once, 1);
}

TEST(CredentialBreaker, AProbeThatIsAcceptedLetsAllThrough) {
    fleet f([](uptime now) { return now < 4min ? fleet::verdict::refused : fleet::verdict::accepted; });
    f.run(16, 10min);
    EXPECT_TRUE(f.breaker.proven());
    EXPECT_GT(f.sent, 16 * 19);
}

TEST(CredentialBreaker, OneAtATimeUntilOneIsAccepted) {
    fleet f([](uptime now) { return now < 1min ? fleet::verdict::undecided : fleet::verdict::accepted; });
    f.run(16, 1min);
    EXPECT_EQ(f.most_at_once, 1);
    EXPECT_EQ(f.sent, 16 * 4) << "everybody had a turn";
}

TEST(CredentialBreaker, AcceptedLetsWaitingOnesGoTogether) {
    credential_breaker breaker;
    EXPECT_EQ(breaker.ask(0ms), decision::go);
    EXPECT_EQ(breaker.ask(0ms), decision::wait);
    EXPECT_EQ(breaker.ask(0ms), decision::wait);
    breaker.accepted(breaker.generation());
    EXPECT_EQ(breaker.ask(1ms), decision::go);
    EXPECT_EQ(breaker.ask(1ms), decision::go);
}

TEST(CredentialBreaker, RefusedTogetherIsOneHold) {
    credential_breaker breaker;
    breaker.ask(0ms);
    breaker.accepted(0);
    EXPECT_TRUE(breaker.refused(0, 1min));
    EXPECT_FALSE(breaker.refused(0, 2min)) << "it does not grow";
    breaker.accepted(0); // an answer that was under way
    EXPECT_EQ(breaker.ask(6min - 1ms), decision::held);
    EXPECT_EQ(breaker.ask(6min), decision::go);
    EXPECT_EQ(breaker.ask(6min), decision::wait);
}

TEST(CredentialBreaker, AChangeEndsTheHoldAndOldOutcomesSayNothing) {
    credential_breaker breaker;
    breaker.ask(0ms);
    breaker.refused(0, 0ms);
    breaker.changed();
    EXPECT_FALSE(breaker.held(1s));
    EXPECT_EQ(breaker.ask(1s), decision::go);
    EXPECT_FALSE(breaker.refused(0, 1s)) << "about the old one";
    breaker.accepted(0);
    EXPECT_FALSE(breaker.proven());
    breaker.undecided(0);
    EXPECT_EQ(breaker.ask(1s), decision::wait) << "the new one's probe is still under way";
    breaker.accepted(1);
    EXPECT_TRUE(breaker.proven());
}

// A 401 of the error texts or of discovery, where the list accepts the same credential.
TEST(CredentialBreaker, WhatTheListAcceptedNothingElseCanRefuse) {
    credential_breaker breaker;
    breaker.ask(0ms);
    breaker.accepted(0, asked_by::list);
    EXPECT_FALSE(breaker.judges(asked_by::other));
    EXPECT_FALSE(breaker.refused(0, 1s, asked_by::other));
    EXPECT_TRUE(breaker.proven());
    EXPECT_EQ(breaker.ask(2s), decision::go);
    EXPECT_TRUE(breaker.refused(0, 3s, asked_by::list)) << "the list can";
    EXPECT_EQ(breaker.ask(4s), decision::held);
}

TEST(CredentialBreaker, WhatTheListHasNotAcceptedSinceEverybodyCanRefuse) {
    credential_breaker breaker;
    breaker.ask(0ms);
    breaker.accepted(0, asked_by::other);
    EXPECT_TRUE(breaker.proven());
    EXPECT_TRUE(breaker.judges(asked_by::other));
    EXPECT_TRUE(breaker.refused(0, 1s, asked_by::other));

    breaker.changed();
    breaker.ask(2s);
    breaker.accepted(1, asked_by::list);
    breaker.refused(1, 3s, asked_by::list);
    EXPECT_TRUE(breaker.judges(asked_by::other)) << "since the hold";
    breaker.changed();
    breaker.accepted(2, asked_by::list);
    breaker.changed();
    EXPECT_TRUE(breaker.judges(asked_by::other)) << "since the change";
}

TEST(CredentialBreaker, AListThatWasUnderWayEndsTheHoldOfAnotherOperation) {
    credential_breaker breaker;
    breaker.ask(0ms);
    breaker.accepted(0, asked_by::other);
    breaker.ask(1s); // the list
    breaker.ask(1s); // discovery
    EXPECT_TRUE(breaker.refused(0, 2s, asked_by::other));
    breaker.accepted(0, asked_by::other);
    EXPECT_EQ(breaker.ask(3s, asked_by::other), decision::held) << "only the list can";
    breaker.accepted(0, asked_by::list);
    EXPECT_EQ(breaker.ask(3s, asked_by::other), decision::go);
    EXPECT_FALSE(breaker.refused(0, 4s, asked_by::other));
}

TEST(CredentialBreaker, TheListFindsOutWhatAnotherOperationWasRefusedFor) {
    credential_breaker breaker;
    breaker.ask(0ms, asked_by::other);
    EXPECT_TRUE(breaker.refused(0, 1s, asked_by::other));
    EXPECT_EQ(breaker.ask(2s, asked_by::other), decision::held);
    EXPECT_EQ(breaker.ask(2s, asked_by::list), decision::go);
    EXPECT_EQ(breaker.ask(2s, asked_by::list), decision::wait) << "one at a time";
    breaker.undecided(0);
    EXPECT_EQ(breaker.ask(3s, asked_by::list), decision::go);
    EXPECT_FALSE(breaker.refused(0, 4s, asked_by::list)) << "the same hold, for all now";
    EXPECT_EQ(breaker.ask(5s, asked_by::list), decision::held);
    EXPECT_FALSE(breaker.refused(0, 5s, asked_by::list));
    EXPECT_EQ(breaker.ask(4s + credential_hold, asked_by::other), decision::go);
}

TEST(CredentialBreaker, ACopyDoesNotWaitForTheProbeOfItsOriginal) {
    credential_breaker breaker;
    EXPECT_EQ(breaker.ask(0ms), decision::go);
    credential_breaker copy = breaker.copy_without_probe();
    EXPECT_EQ(copy.ask(0ms), decision::go);
    EXPECT_EQ(breaker.ask(0ms), decision::wait);
    breaker.accepted(0);
    EXPECT_TRUE(breaker.copy_without_probe().proven());
}

// Without what is the same in each: the time, and the name of the project.
std::string logged(const event& e) {
    const std::string line = web::to_logfmt(e);
    return line.substr(line.find(" level=") + 1);
}

TEST(CredentialEvents, TellWhatTheCloudSaid) {
    failure why = make_failure(poll_result::auth, "no such key");
    why.http_status = 401;
    why.error_code = "APIGW.0301";
    why.request_id = "r1";
    EXPECT_EQ(logged(credential_refused("p", "key ...CESS", why, timestamp())),
              "level=ERROR msg=\"the cloud refused the credential; replmond does not use it for 5 minutes, "
              "or until it changes; check that it is right, active and of this account, and check this "
              "host's clock\" event=credential_refused project=p credential=\"key ...CESS\" "
              "error_code=APIGW.0301 error_msg=\"no such key\" request_id=r1");
    EXPECT_EQ(logged(credential_accepted("p", "key ...CESS", timestamp())),
              "level=INFO msg=\"the cloud accepts the credential again\" event=credential_accepted project=p "
              "credential=\"key ...CESS\"");
    EXPECT_EQ(logged(credential_expired("p", "key ...CESS", timestamp(), timestamp())),
              "level=WARN msg=\"by this host's clock, the new credential has already expired; replmond uses "
              "it until the cloud refuses it; check this host's clock\" event=credential_expired project=p "
              "credential=\"key ...CESS\" expires=1970-01-01T00:00:00.000Z");
}

TEST(CredentialEvents, WhatIsNotKnownIsLeftOut) {
    EXPECT_EQ(
        logged(credential_refused("p", "", make_failure(poll_result::auth, ""), timestamp())),
        "level=ERROR msg=\"replmond cannot read the credential on this host; it sends nothing until it can; "
        "check the files and variables that the configuration names\" event=credential_refused project=p");
}

} // namespace

} // namespace replmond::cloud
