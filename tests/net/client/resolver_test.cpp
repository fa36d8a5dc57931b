#include "daemon/net/async.hpp"
#include "tests/net/client/scripted_names.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <thread>

namespace replmond::testing {
namespace {

using namespace std::chrono_literals;
using http::address_list;
using verdict = http::lookup_outcome::verdict;
using pending = std::shared_ptr<started<result<address_list>>>;

class Resolver : public ::testing::Test {
protected:
    void make(std::chrono::steady_clock::duration late_after = 1h) {
        http::lookup_limits rules;
        rules.late_after = late_after;
        resolver_ = std::make_unique<client::resolver>(rules, scripted_names::function_of(names_));
    }

    void SetUp() override {
        for (const char* host : {"a", "b", "good", "h1", "h2", "h3", "h4"})
            names_->set(host, scripted_names::found({"192.0.2.1", "2001:db8::1"}));
        make();
    }

    void TearDown() override {
        names_->release_all();
        run_dry(loop_);
    }

    pending ask(const std::string& host) {
        auto running = start(loop_, resolver_->addresses_of(host));
        loop_.restart();
        loop_.poll(); // until it waits
        return running;
    }

    result<address_list> get(const std::string& host) { return run(loop_, resolver_->addresses_of(host)); }

    void expect_failure(const std::string& host, const std::string& text) {
        const auto failed = get(host);
        ASSERT_FALSE(failed);
        EXPECT_EQ(failed.error().result, poll_result::network);
        EXPECT_EQ(failed.error().error_msg, text);
    }

    // Of the threads, which have no loop that could be run.
    template<class Predicate>
    static void await(Predicate reached) {
        const auto give_up = std::chrono::steady_clock::now() + patience;
        while (!reached()) {
            if (std::chrono::steady_clock::now() > give_up)
                throw std::runtime_error("the condition was not met: something hangs");
            std::this_thread::yield();
        }
    }

    void wait_until_none_is_out() {
        await([this] { return !resolver_->lookups_out(); });
    }

    boost::asio::io_context loop_{1};
    std::shared_ptr<scripted_names> names_ = std::make_shared<scripted_names>();
    std::unique_ptr<client::resolver> resolver_;
    const address_list both_{"192.0.2.1", "2001:db8::1"};
};

TEST_F(Resolver, AddressesNeedNoLookup) {
    for (const std::string address : {"192.0.2.7", "2001:db8::7", "::1"}) {
        EXPECT_EQ(get(address).value(), address_list{address});
        EXPECT_EQ(names_->asked(address), 0);
    }
}

TEST_F(Resolver, EveryConnectionIsALookup) {
    EXPECT_EQ(get("a").value(), both_);
    names_->set("a", scripted_names::found({"192.0.2.2"}));
    EXPECT_EQ(get("a").value(), address_list{"192.0.2.2"});
    EXPECT_EQ(names_->asked("a"), 2);
}

TEST_F(Resolver, Failures) {
    names_->set("none", {verdict::no_such_name, {}, "no such name"});
    names_->set("down", {verdict::unavailable, {}, "try again"});
    names_->set("empty", scripted_names::found({}));
    expect_failure("none", "cannot resolve none: no such name");
    expect_failure("down", "cannot resolve down: try again; does the name server answer?");
    expect_failure("empty", "cannot resolve empty: no address was given; does the name server answer?");
    expect_failure("thrown",
                   "cannot resolve thrown: nothing is known of thrown; does the name server answer?");
}

TEST_F(Resolver, OneLookupOfAHostAtATime) {
    names_->hang("a");
    const std::vector<pending> all{ask("a"), ask("a"), ask("a")};
    names_->wait_until_asked("a");
    EXPECT_EQ(get("b").value(), both_);
    names_->release("a");
    for (const pending& one : all)
        EXPECT_EQ(finish(loop_, one).value(), both_);
    EXPECT_EQ(names_->asked("a"), 1);
}

TEST_F(Resolver, HangingLookupsDelayNoOther) {
    std::vector<pending> hung;
    for (const char* host : {"h1", "h2", "h3"}) {
        names_->hang(host);
        hung.push_back(ask(host));
    }
    EXPECT_EQ(get("good").value(), both_);
    EXPECT_EQ(get("a").value(), both_);
    for (const pending& one : hung)
        EXPECT_FALSE(one->done);
    names_->release_all();
    for (const pending& one : hung)
        EXPECT_EQ(finish(loop_, one).value(), both_);
}

TEST_F(Resolver, FourThreadsAndNoMore) {
    std::vector<pending> all;
    for (const char* host : {"h1", "h2", "h3", "h4", "a", "b"}) {
        names_->hang(host);
        all.push_back(ask(host));
    }
    for (const char* host : {"h1", "h2", "h3", "h4"})
        names_->wait_until_asked(host);
    EXPECT_EQ(names_->asked("a"), 0);
    names_->release("h2");
    names_->wait_until_asked("a"); // in their order
    EXPECT_EQ(names_->asked("b"), 0);
    names_->release_all();
    for (const pending& one : all)
        EXPECT_EQ(finish(loop_, one).value(), both_);
    EXPECT_EQ(names_->most_at_once(), 4);
}

TEST_F(Resolver, HostsThatAreAlwaysLateLeaveAThread) {
    make(0ms); // whatever is looked up is late
    std::vector<pending> hung;
    for (const char* host : {"h1", "h2", "h3", "h4"}) {
        names_->set(host, {verdict::unavailable, {}, "try again"});
        EXPECT_FALSE(get(host));
    }
    for (const char* host : {"h1", "h2", "h3", "h4"}) {
        names_->hang(host);
        hung.push_back(ask(host));
    }
    EXPECT_EQ(get("good").value(), both_);
    EXPECT_EQ(names_->asked("h4"), 1); // its second lookup has to wait
    names_->release_all();
    for (const pending& one : hung)
        EXPECT_FALSE(finish(loop_, one));
    EXPECT_EQ(names_->asked("h4"), 2);
}

TEST_F(Resolver, LastGoodAddressesWhileALookupIsLate) {
    make(20ms);
    EXPECT_EQ(get("a").value(), both_);
    names_->hang("a");
    EXPECT_EQ(get("a").value(), both_);
    EXPECT_EQ(get("a").value(), both_);
    names_->wait_until_asked("a", 2);
    EXPECT_TRUE(resolver_->lookups_out());
    EXPECT_EQ(names_->asked("a"), 2);
    names_->set("a", scripted_names::found({"192.0.2.2"}));
    names_->release("a");
    wait_until_none_is_out();
    EXPECT_EQ(get("a").value(), address_list{"192.0.2.2"});
}

TEST_F(Resolver, LastGoodAddressesWhereNobodyCanSay) {
    EXPECT_EQ(get("a").value(), both_);
    names_->set("a", {verdict::unavailable, {}, "try again"});
    EXPECT_EQ(get("a").value(), both_);
    EXPECT_EQ(names_->asked("a"), 2);
    names_->set("a", {verdict::no_such_name, {}, "no such name"});
    expect_failure("a", "cannot resolve a: no such name");
}

TEST_F(Resolver, AHungLookupHoldsNoDeadline) {
    names_->hang("a");
    EXPECT_FALSE(run(loop_, net::with_deadline(resolver_->addresses_of("a"), 5ms)).has_value());
    run_dry(loop_); // nothing of it is left here
    EXPECT_TRUE(resolver_->lookups_out());
}

TEST_F(Resolver, AHungLookupCanBeCancelled) {
    names_->hang("a");
    const pending running = ask("a");
    const pending other = ask("a");
    names_->wait_until_asked("a");
    cancel(loop_, running);
    EXPECT_THROW(finish(loop_, running), boost::system::system_error);
    names_->release("a");
    EXPECT_EQ(finish(loop_, other).value(), both_);
}

TEST_F(Resolver, EndingWaitsForNoHungLookup) {
    names_->hang("a");
    EXPECT_EQ(get("b").value(), both_);
    const pending running = ask("a");
    names_->wait_until_asked("a");
    cancel(loop_, running);
    EXPECT_THROW(finish(loop_, running), boost::system::system_error);
    resolver_.reset();
    names_->release("a"); // it answers to nobody

    // The thread frees what it shared with the resolver.
    const std::weak_ptr<scripted_names> gone = names_;
    names_ = std::make_shared<scripted_names>();
    await([&] { return gone.expired(); });
}

TEST_F(Resolver, EndingJoinsThreadsThatWait) {
    EXPECT_EQ(get("a").value(), both_);
    EXPECT_EQ(get("b").value(), both_);
    resolver_.reset();
    EXPECT_EQ(names_.use_count(), 1);
}

TEST_F(Resolver, ALoopThatIsGoneGetsNoMessage) {
    names_->hang("a");
    {
        boost::asio::io_context brief(1);
        boost::asio::co_spawn(brief, resolver_->addresses_of("a"),
                              [](const std::exception_ptr&, const result<address_list>&) { FAIL(); });
        brief.poll();
        names_->wait_until_asked("a");
    }
    names_->release("a");
    wait_until_none_is_out();
    EXPECT_EQ(get("a").value(), both_);
}

TEST_F(Resolver, ManyAtOnceWithEveryEnd) {
    std::mt19937 random(1); // NOLINT: the same on every run
    const std::vector<std::string> hosts{"a", "b", "good", "h1", "h2", "h3", "h4", "thrown"};
    int ends[2] = {0, 0};
    for (int round = 0; round < 200; ++round) {
        make(std::chrono::microseconds(random() % 200));
        std::vector<std::shared_ptr<started<std::optional<result<address_list>>>>> all;
        for (int i = 0; i < 12; ++i) {
            auto lookup = resolver_->addresses_of(hosts[random() % hosts.size()]);
            const auto budget = std::chrono::microseconds(random() % 400);
            all.push_back(start(loop_, net::with_deadline(std::move(lookup), budget)));
        }
        for (const auto& one : all)
            ends[finish(loop_, one) ? 1 : 0] += 1;
        resolver_.reset();
    }
    EXPECT_GT(ends[0], 0) << "no deadline passed";
    EXPECT_GT(ends[1], 0) << "all deadlines passed";
}

} // namespace
} // namespace replmond::testing
