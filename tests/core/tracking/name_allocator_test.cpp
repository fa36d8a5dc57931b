#include "daemon/core/tracking/name_allocator.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace replmond::tracking {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// An id of 36 characters with these 8 before its suffix.
std::string id(const std::string& eight) {
    return std::string(32 - eight.size(), '0') + eight + "in17";
}

const instance_key a{"prod", id("aaaaaaaa")};
const instance_key b{"prod", id("bbbbbbbb")};
const instance_key c{"dev", id("cccccccc")};

TEST(NameAllocator, DiscoveredOnesAreNamedAsInTheCloud) {
    name_allocator names;
    EXPECT_EQ(names.add(a, "orders"), "orders");
    EXPECT_EQ(names.find(a), "orders");
    EXPECT_EQ(names.add(a, "orders"), "orders"); // known already
    EXPECT_EQ(names.add(b, ""), b.id);
    EXPECT_EQ(names.find(c), std::nullopt);
}

TEST(NameAllocator, ANameThatIsTakenGetsAPartOfTheId) {
    name_allocator names;
    names.set_configured({{{"prod", id("0")}, "orders"}});
    EXPECT_EQ(names.add(a, "orders"), "orders-aaaaaaaa"); // a configured name
    EXPECT_EQ(names.add(b, "clicks"), "clicks");
    EXPECT_EQ(names.add(c, "clicks"), "clicks-cccccccc"); // another project's: first come
}

TEST(NameAllocator, AnIdAsShortAsWhatIsShownOfItIsShownWhole) {
    name_allocator names;
    names.set_configured({{{"prod", id("0")}, "orders"}});
    EXPECT_EQ(names.add({"prod", "aaaaaaaain17"}, "orders"), "orders-aaaaaaaa"); // 8 and the suffix
    EXPECT_EQ(names.add({"prod", "bbbbbbbin17"}, "orders"), "orders-bbbbbbbin17");
}

TEST(NameAllocator, AndWhereThatIsTakenTheWholeId) {
    name_allocator names;
    names.set_configured({{{"prod", id("0")}, "orders"}, {{"prod", id("1")}, "orders-aaaaaaaa"}});
    EXPECT_EQ(names.add(a, "orders"), a.id);

    names.set_configured({{{"prod", id("0")}, a.id}, {{"prod", id("1")}, a.id + "-aaaaaaaa"}});
    names.remove(a);
    EXPECT_EQ(names.add(a, ""), a.id + "-2"); // always some name
    const instance_key twin{"dev", a.id};
    EXPECT_EQ(names.add(twin, ""), a.id + "-3");
}

TEST(NameAllocator, TheConfiguredEntryWins) {
    name_allocator names;
    EXPECT_EQ(names.add(a, "orders"), "orders");
    const auto displaced = names.set_configured({{a, "mine"}});
    EXPECT_THAT(displaced.now_configured, ElementsAre(a));
    EXPECT_THAT(displaced.moved, IsEmpty());
    EXPECT_EQ(names.add(a, "orders"), std::nullopt);
    EXPECT_EQ(names.find(a), std::nullopt);
    const instance_key elsewhere{"dev", a.id};
    EXPECT_EQ(names.add(elsewhere, "orders"), "orders"); // configured under another project only
}

TEST(NameAllocator, KeepsANameWhileOthersComeAndGo) {
    name_allocator names;
    names.add(a, "orders");
    EXPECT_EQ(names.add(b, "orders"), "orders-bbbbbbbb");
    names.remove(a);
    EXPECT_EQ(names.find(b), "orders-bbbbbbbb");
    EXPECT_EQ(names.rename(b, "orders"), std::nullopt); // as it was called all along
    EXPECT_EQ(names.add(c, "orders"), "orders");        // the name was free
    names.remove(c);
    names.remove(c);
    EXPECT_EQ(names.add(a, "orders"), "orders");
}

TEST(NameAllocator, FollowsARenamingInTheCloud) {
    name_allocator names;
    names.add(a, "orders");
    names.add(b, "orders");
    EXPECT_EQ(names.rename(a, "clicks"), (name_allocator::renamed{a, "orders", "clicks"}));
    EXPECT_EQ(names.rename(b, "clicks"), (name_allocator::renamed{b, "orders-bbbbbbbb", "clicks-bbbbbbbb"}));
    EXPECT_EQ(names.rename(b, "orders"), (name_allocator::renamed{b, "clicks-bbbbbbbb", "orders"}));
    EXPECT_EQ(names.rename(b, "clicks-bbbbbbbb"), (name_allocator::renamed{b, "orders", "clicks-bbbbbbbb"}));
    EXPECT_EQ(names.rename(b, "clicks"), std::nullopt); // would be called so anyway
    EXPECT_EQ(names.rename(c, "x"), std::nullopt);
    EXPECT_EQ(names.rename(a, ""), (name_allocator::renamed{a, "clicks", a.id}));
}

TEST(NameAllocator, AReloadMovesThoseWhoseNameIsConfiguredNow) {
    name_allocator names;
    names.add(a, "orders");
    names.add(b, "clicks");
    names.add(c, "orders");
    const auto displaced = names.set_configured({{{"prod", id("0")}, "orders"}});
    EXPECT_THAT(displaced.now_configured, IsEmpty());
    EXPECT_THAT(displaced.moved, ElementsAre(name_allocator::renamed{a, "orders", "orders-aaaaaaaa"}));
    EXPECT_EQ(names.find(b), "clicks");
    EXPECT_EQ(names.find(c), "orders-cccccccc");

    names.set_configured({}); // nothing is stolen back
    EXPECT_EQ(names.find(a), "orders-aaaaaaaa");
}

} // namespace
} // namespace replmond::tracking
