#include "daemon/core/model/event.hpp"
#include "daemon/store/outbox.hpp"
#include "tests/store/samples.hpp"

#include <gmock/gmock.h>

namespace replmond::store {
namespace {

using ::testing::ElementsAre;

TEST(Outbox, KeepsTheOrderOfLinesAndTheNewestState) {
    outbox box;
    EXPECT_TRUE(box.empty());
    batch first;
    first.events = {sample_event(1)};
    first.tasks[{orders, "a"}] = full_task("a");
    box.add(first);
    box.add_plain(plain_event("plain"));
    batch second;
    second.events = {sample_event(2)};
    second.tasks[{orders, "a"}] = std::nullopt;
    box.add(second);

    outbox taken = box.take();
    EXPECT_TRUE(box.empty());
    ASSERT_EQ(taken.lines().size(), 3u);
    EXPECT_EQ(taken.lines()[0].what, sample_event(1).what);
    EXPECT_EQ(taken.lines()[1].what.name, "plain");
    EXPECT_FALSE(taken.lines()[1].kept);
    EXPECT_EQ(taken.lines()[2].what, sample_event(2).what);
    EXPECT_THAT(taken.unsaved().events, ElementsAre(sample_event(1), sample_event(2)));
    EXPECT_EQ(taken.unsaved().tasks.size(), 1u);
    EXPECT_FALSE(taken.unsaved().tasks.begin()->second.has_value());
}

TEST(Outbox, CountsBytes) {
    event large = plain_event("large");
    large.message = std::string(1000, 'x');
    kept_event kept = sample_event(1);
    kept.what.message = large.message;
    outbox_limits limits;
    limits.plain_bytes = 2 * bytes_of(large) + 1;
    limits.kept_bytes = 2 * bytes_of(kept.what) + 1;
    outbox box(limits);
    for (std::uint64_t id = 1; id <= 4; ++id) {
        box.add_plain(large);
        kept.what.id = id;
        batch what;
        what.events = {kept};
        box.add(what);
    }
    EXPECT_EQ(box.dropped_plain(), 2u);
    EXPECT_EQ(box.dropped_kept(), 2u);
    ASSERT_EQ(box.kept(), 2u);
    EXPECT_EQ(box.unsaved().events.front().what.id, 3u);
    EXPECT_EQ(box.lines().size(), 4u);
}

TEST(Outbox, StatesAloneAreWorkToo) {
    outbox box;
    batch states;
    states.instances[orders] = full_instance();
    box.add(states);
    EXPECT_FALSE(box.empty());
    EXPECT_EQ(box.take().unsaved().instances.size(), 1u);
}

} // namespace
} // namespace replmond::store
