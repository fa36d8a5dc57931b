#include "daemon/cli/open_state.hpp"
#include "daemon/cli/record_keeper.hpp"
#include "daemon/model/sizes.hpp"
#include "tests/store/temporary_directory.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

namespace replmond::cli {
namespace {

constexpr timestamp noon{milliseconds(1'800'014'400'000)};

// What was in memory before a restart is in memory after it.
TEST(OpenState, BringsBackAsManyEventsAsAreKept) {
    const store::temporary_directory directory;
    const std::string path = directory / "state.db";
    const std::size_t more = record_keeper::most_latest + 7;
    {
        auto file = store::database::open(path, noon);
        ASSERT_TRUE(file) << file.error().text;
        store::batch all;
        for (std::uint64_t id = 1; id <= more; ++id) {
            event e;
            e.name = "task_discovered";
            e.time = noon;
            e.message = "m";
            e.id = id;
            all.events.push_back({e, {}});
        }
        ASSERT_TRUE(file->commit(all));
    }
    const auto state = open_state(path);
    ASSERT_EQ(state.latest.size(), record_keeper::most_latest);
    EXPECT_EQ(state.latest.front().what.id, 8u);
    EXPECT_EQ(state.latest.back().what.id, more);
}

// A file as a daemon leaves it, with its log merged into it.
void make_file(const std::string& path) {
    auto file = store::database::open(path, noon);
    ASSERT_TRUE(file) << file.error().text;
    store::batch all;
    for (std::uint64_t id = 1; id <= 60; ++id) {
        event e;
        e.name = "task_discovered";
        e.time = noon + milliseconds(id);
        e.message = "m";
        e.task = "t" + std::to_string(id);
        e.id = id;
        e.with("stage", "full").with("percentage", decimal{"42.5"});
        all.events.push_back({e, {"project", "instance" + std::to_string(id % 3)}});
        const store::instance_key instance{"project", "instance" + std::to_string(id % 3)};
        all.instances[instance].last_seen = noon;
        store::task_record& task = all.tasks[{instance, e.task}].emplace();
        task.state.reading.name = e.task;
        task.state.reading.percentage = 42.5;
        task.state.stage_changed = noon;
    }
    ASSERT_TRUE(file->commit(all, 60));
    ASSERT_TRUE(file->prune(noon, std::chrono::hours(1)));
    ASSERT_TRUE(file->note_pruned_at(noon));
}

std::string content_of(const std::string& path) {
    std::stringstream whole;
    whole << std::ifstream(path, std::ios::binary).rdbuf();
    return whole.str();
}

// As the daemon uses it. What fails must say damage: then the daemon begins anew.
void use(opened_state& state) {
    store::database& file = *state.file;
    store::batch what;
    const store::instance_key instance{"project", "instance1"};
    what.instances[instance].last_seen = noon;
    what.tasks[{instance, "t1"}].emplace().state.reading.name = "t1";
    event e;
    e.name = "task_gone";
    e.time = noon;
    e.id = file.last_event_id().value() + 1;
    what.events = {{e, instance}};
    const auto committed = file.commit(what, *e.id);
    EXPECT_TRUE(committed || committed.error().kind == store::trouble::corrupt) << committed.error().text;
    const auto pruned = file.prune(noon + std::chrono::hours(2), std::chrono::hours(1));
    EXPECT_TRUE(pruned || pruned.error().kind == store::trouble::corrupt) << pruned.error().text;
    const auto found = file.events({});
    EXPECT_TRUE(found || found.error().kind == store::trouble::corrupt) << found.error().text;
}

// A disk, or the memory of the machine, may turn any bit over. Each start must end with a file that works:
// that one, or a new one beside it. Every bit of the header, and some hundred of the rest.
TEST(OpenState, AnyFlippedBitIsLoadedOrSetAside) {
    const store::temporary_directory directory;
    const std::string path = directory / "state.db";
    make_file(path);
    const std::string whole = content_of(path);
    std::vector<std::size_t> bits;
    for (std::size_t bit = 0; bit < 100 * 8; ++bit)
        bits.push_back(bit);
    std::mt19937_64 dice(19);
    for (int i = 0; i < 400; ++i)
        bits.push_back(dice() % (whole.size() * 8));

    int set_aside = 0;
    for (const std::size_t bit : bits) {
        SCOPED_TRACE("byte " + std::to_string(bit / 8) + ", bit " + std::to_string(bit % 8));
        const store::temporary_directory own;
        std::string bytes = whole;
        bytes[bit / 8] ^= static_cast<char>(1 << bit % 8);
        std::ofstream(own / "state.db", std::ios::binary) << bytes;
        try {
            auto state = open_state(own / "state.db");
            set_aside += state.set_aside ? 1 : 0;
            if (!state.set_aside || bit % 16 == 0)
                use(state);
        } catch (const std::exception& e) {
            ADD_FAILURE() << e.what();
        }
    }
    EXPECT_GT(set_aside, 100);
    EXPECT_LT(set_aside, static_cast<int>(bits.size()) - 100);
}

// quick_check looks at neither the texts nor the order of an index.
TEST(OpenState, DamageThatTheCheckDoesNotFindIsSetAsideToo) {
    const store::temporary_directory directory;
    const std::string path = directory / "state.db";
    make_file(path);
    ASSERT_TRUE(store::connection::open(path, store::access::read_write)
                    .value()
                    .run("UPDATE tasks SET task = CAST(X'61FF' AS TEXT) WHERE task = 't1'"));
    const auto state = open_state(path);
    EXPECT_TRUE(state.set_aside);
    EXPECT_TRUE(state.past.empty());
    EXPECT_EQ(state.file->is_open(), true);
}

// A name that an earlier version took: the list cannot have it again, and nobody would ever declare it gone.
TEST(OpenState, ATaskWhoseNameIsTooLongIsNotKnown) {
    const store::temporary_directory directory;
    const std::string path = directory / "state.db";
    {
        auto file = store::database::open(path, noon);
        ASSERT_TRUE(file);
        store::batch what;
        const store::instance_key instance{"project", "instance"};
        for (const std::size_t size : {longest_task_name, longest_task_name + 1})
            what.tasks[{instance, std::string(size, 'n')}].emplace();
        ASSERT_TRUE(file->commit(what));
    }
    const auto state = open_state(path);
    EXPECT_FALSE(state.set_aside);
    ASSERT_EQ(state.past.size(), 1U);
    EXPECT_EQ(state.past.begin()->second.tasks.size(), 1U);
}

} // namespace
} // namespace replmond::cli
