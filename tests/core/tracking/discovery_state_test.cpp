#include "daemon/core/tracking/discovery_state.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace replmond::tracking {
namespace {

listing found(std::map<std::string, std::string> instances) {
    listing l;
    l.found = std::move(instances);
    return l;
}

listing doubtful(std::map<std::string, std::string> instances) {
    listing l = found(std::move(instances));
    l.proves_absence = false;
    return l;
}

// "+a=orders ~b=new -c=clicks"
std::string show(const discovery_changes& changes) {
    std::string text;
    const auto add = [&text](char sign, const std::vector<discovered_instance>& all) {
        for (const auto& one : all)
            text += fmt::format("{}{}{}={}", text.empty() ? "" : " ", sign, one.id, one.name);
    };
    add('+', changes.added);
    add('~', changes.renamed);
    add('-', changes.gone);
    return text;
}

config::discovery_settings admitting(std::optional<std::string> include,
                                     std::optional<std::string> exclude = {}) {
    config::discovery_settings settings;
    settings.include = std::move(include);
    settings.exclude = std::move(exclude);
    return settings;
}

TEST(DiscoveryState, TellsWhatChanged) {
    discovery_state state(config::discovery_settings{});
    EXPECT_EQ(show(state.take(found({{"b", "clicks"}, {"a", "orders"}}))), "+a=orders +b=clicks");
    EXPECT_EQ(show(state.take(found({{"b", "clicks"}, {"a", "orders"}}))), "");
    EXPECT_EQ(show(state.take(found({{"b", "views"}, {"a", "orders"}, {"c", "x"}}))), "+c=x ~b=views");
    EXPECT_EQ(show(state.take(found({}))), "");
    EXPECT_EQ(show(state.take(found({}))), "-a=orders -b=views -c=x");
    EXPECT_EQ(show(state.take(found({{"a", "orders"}}))), "+a=orders");
}

TEST(DiscoveryState, WhoWasThereBeforeIsThereUntilListingsProveTheContrary) {
    discovery_state state(admitting("^o"));
    state.know({{"a", "orders"}, {"b", "old"}, {"c", "clicks"}});
    EXPECT_EQ(state.discovered(), (std::map<std::string, std::string>{{"a", "orders"}, {"b", "old"}}));
    EXPECT_EQ(show(state.take(found({{"a", "orders"}, {"d", "offers"}}))), "+d=offers");
    EXPECT_EQ(show(state.take(found({{"a", "orders"}, {"d", "offers"}}))), "-b=old");
}

TEST(DiscoveryState, GoneIsWhatTwoListingsInARowLack) {
    discovery_state state(config::discovery_settings{});
    state.take(found({{"a", "orders"}}));
    EXPECT_EQ(show(state.take(found({}))), "");
    EXPECT_EQ(show(state.take(found({{"a", "orders"}}))), ""); // back: it starts anew
    EXPECT_EQ(show(state.take(found({}))), "");
    EXPECT_EQ(show(state.take(found({}))), "-a=orders");
    EXPECT_EQ(show(state.take(found({}))), "");
}

TEST(DiscoveryState, ADoubtfulListingAddsButLosesNobody) {
    discovery_state state(config::discovery_settings{});
    state.take(found({{"a", "orders"}}));
    EXPECT_EQ(show(state.take(doubtful({{"b", "clicks"}}))), "+b=clicks");
    EXPECT_EQ(show(state.take(doubtful({}))), "");
    EXPECT_EQ(show(state.take(found({{"b", "clicks"}}))), "");
    EXPECT_EQ(show(state.take(doubtful({{"b", "clicks"}}))), ""); // neither missed nor seen
    EXPECT_EQ(show(state.take(found({{"b", "clicks"}}))), "-a=orders");
}

TEST(DiscoveryState, WithoutANameTheIdIsIt) {
    discovery_state state(config::discovery_settings{});
    EXPECT_EQ(show(state.take(found({{"a", ""}}))), "+a=a");
    EXPECT_EQ(show(state.take(found({{"a", "orders"}}))), "~a=orders");
    EXPECT_EQ(show(state.take(found({{"a", ""}}))), "~a=a");
}

TEST(DiscoveryState, FiltersByTheCloudsName) {
    discovery_state state(admitting("^prod-", "-test$"));
    EXPECT_EQ(show(state.take(
                  found({{"a", "prod-orders"}, {"b", "prod-orders-test"}, {"c", "dev-prod-x"}, {"d", ""}}))),
              "+a=prod-orders");
    EXPECT_EQ(show(state.take(found({{"a", "prod-orders-test"}, {"c", "prod-x"}}))),
              "+c=prod-x -a=prod-orders"); // at once: it is there, and not wanted
    EXPECT_EQ(state.discovered().size(), 1U);
}

TEST(DiscoveryState, NewSettingsHoldForAllThatIsKnown) {
    discovery_state state(admitting("^prod-"));
    EXPECT_EQ(show(state.take(found({{"a", "prod-a"}, {"b", "dev-b"}}))), "+a=prod-a");
    EXPECT_EQ(show(state.set_filter(admitting("^dev-"))), "+b=dev-b -a=prod-a");
    EXPECT_EQ(show(state.set_filter(admitting({}))), "+a=prod-a");
    EXPECT_EQ(show(state.set_filter(admitting({}))), "");
}

TEST(NameFilter, SearchesTheName) {
    struct row {
        const char* include;
        const char* name;
        bool expected;
    };
    const row table[] = {
        {"^prod-", "prod-1", true},     {"^prod-", "a-prod-1", false}, {"or", "orders", true},
        {"^(a|b)[0-9]+$", "b12", true}, {"^(a|b)[0-9]+$", "b", false}, {"\\d{2}", "x12", true},
        {"^订单.$", "订单库", true},    {"[库]", "订单", false},       {"PROD", "prod", false},
    };
    for (const row& r : table)
        EXPECT_EQ(name_filter(admitting(r.include)).admits(r.name), r.expected) << r.include << ' ' << r.name;
}

TEST(NameFilter, RefusesWhatIsNoPattern) {
    EXPECT_THROW(name_filter(admitting("(")), std::invalid_argument);
}

} // namespace
} // namespace replmond::tracking
