#include "daemon/core/web/problems.hpp"
#include "tests/support/small_fleet.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace replmond::web {
namespace {

using namespace std::chrono_literals;
using test::add_task;
using test::noon;
using test::small_fleet;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

problem_search searched(const small_fleet& fleet, std::size_t most = 20) {
    problem_search search(most);
    while (!search.step(fleet.view())) {
    }
    return search;
}

std::vector<std::string> tasks(const problem_search& search, const small_fleet& fleet) {
    std::vector<std::string> found;
    for (std::size_t place = 0; place < search.size(); ++place) {
        const listed_problem each = search.at(fleet.view(), place);
        found.push_back(std::string(to_string(each.worst)) + ' ' + each.task->reading.name);
    }
    return found;
}

std::string headline_of(const small_fleet& fleet) {
    instance_search search{instance_query()};
    while (!search.step(fleet.view())) {
    }
    return headline(search.sum(), noon);
}

void fail(instance_state& of, int http_status, const std::string& code, milliseconds ago) {
    of.last_result = poll_result::http;
    of.last_failure.emplace().http_status = http_status;
    of.last_failure->error_code = code;
    of.failing_since = noon - ago;
}

instance_state& well(small_fleet& fleet, const std::string& name) {
    instance_state& of = fleet.add(name);
    of.last_result = poll_result::success;
    of.last_success = noon - 5s;
    return of;
}

TEST(Problems, TheWorstFirstThenTheLatest) {
    small_fleet fleet;
    instance_state& of = well(fleet, "i");
    add_task(of, "fine", stage::incremental, status::yes);
    add_task(of, "old", stage::incremental, status::no).abnormal_since = noon - 2h;
    add_task(of, "new", stage::incremental, status::no).abnormal_since = noon - 1min;
    add_task(of, "repair", stage::incremental, status::yes).reading.needs_repair = true;
    add_task(of, "stands", stage::full, status::yes, 10);
    departed_task& left = of.departed["left"];
    left.at = noon - 5min;
    left.state.reading.name = "left";
    const problem_search search = searched(fleet);
    EXPECT_THAT(tasks(search, fleet), ElementsAre("abnormal new", "abnormal old", "gone left",
                                                  "needs repair repair", "no progress stands"));
    EXPECT_TRUE(search.at(fleet.view(), 2).gone);
    EXPECT_EQ(search.at(fleet.view(), 2).since, noon - 5min);
    EXPECT_EQ(search.at(fleet.view(), 4).since, noon - 3h);
    EXPECT_EQ(searched(fleet, 2).total(), 5U);
    EXPECT_THAT(tasks(searched(fleet, 2), fleet), ElementsAre("abnormal new", "abnormal old"));
}

// That an instance is not read is said once, of the instance.
TEST(Problems, OutdatedTasksAreNotListedOneByOne) {
    small_fleet fleet;
    instance_state& of = fleet.add("i");
    fail(of, 503, "", 20min);
    add_task(of, "a", stage::incremental, status::yes).unseen_since = noon - 20min;
    add_task(of, "b", stage::incremental, status::no).unseen_since = noon - 20min;
    EXPECT_THAT(tasks(searched(fleet), fleet), ElementsAre("abnormal b"));
    EXPECT_EQ(headline_of(fleet), "1 task is abnormal, 1 instance cannot be read, 2 tasks are outdated.");
}

TEST(Problems, InstancesThatFailAlikeAreOneGroup) {
    small_fleet fleet;
    for (const char* name : {"a", "b", "c"})
        fail(fleet.add(name), 401, "APIGW.0301", name == std::string("b") ? 9min : 3min);
    fail(fleet.add("d"), 503, "", 1min);
    fail(fleet.add("e", "test"), 401, "APIGW.0301", 1min);
    const problem_search search = searched(fleet);
    ASSERT_EQ(search.groups().size(), 3U);
    const failing_group& first = search.groups().front();
    EXPECT_EQ(first.instances, 3U);
    EXPECT_EQ(first.instance, "a");
    EXPECT_EQ(first.since, noon - 9min);
    EXPECT_EQ(search.groups()[1].project, "prod");
    EXPECT_EQ(search.groups()[2].project, "test");
    const problem_search few = searched(fleet, 1);
    EXPECT_EQ(few.groups().size(), 1U);
    EXPECT_EQ(few.other_groups(), 2U);
}

// An instance with many tasks is entered once a step.
TEST(Problems, AnInstanceIsCountedOnceHoweverManyStepsItTakes) {
    small_fleet fleet;
    instance_state& of = fleet.add("large");
    for (int i = 0; i < 1000; ++i)
        add_task(of, std::to_string(i), stage::incremental, status::no);
    fail(of, 503, "", 1min);
    of.departed["left"].at = noon;
    of.departed["left"].state.reading.name = "left";
    const problem_search search = searched(fleet);
    EXPECT_EQ(search.groups().front().instances, 1U);
    EXPECT_EQ(search.total(), 1001U);
}

TEST(Problems, ATaskThatDisappearsMeanwhileIsLeftOut) {
    small_fleet fleet;
    add_task(well(fleet, "i"), "t", stage::incremental, status::no);
    const problem_search search = searched(fleet);
    fleet.instances.front().tasks.clear();
    EXPECT_EQ(search.at(fleet.view(), 0).of, nullptr);
    fleet.instances.clear();
    EXPECT_EQ(search.at(fleet.view(), 0).of, nullptr);
}

TEST(Headline, SaysThatNothingIsWrongAndHowFreshThatIs) {
    small_fleet fleet;
    EXPECT_EQ(headline_of(fleet), "No instance is watched.");
    add_task(well(fleet, "i"), "t", stage::incremental, status::yes);
    EXPECT_EQ(headline_of(fleet), "Nothing is wrong: 1 task of 1 instance, all read within the last 5 s.");
    well(fleet, "j").last_success = noon - 58s;
    EXPECT_EQ(headline_of(fleet), "Nothing is wrong: 1 task of 2 instances, all read within the last 58 s.");
    fleet.add("new");
    EXPECT_EQ(headline_of(fleet), "Nothing is known to be wrong, but 1 of 3 instances was not read yet.");
    fleet.add("newer");
    EXPECT_EQ(headline_of(fleet), "Nothing is known to be wrong, but 2 of 4 instances were not read yet.");
}

TEST(Headline, CountsWithGrammar) {
    small_fleet fleet;
    instance_state& of = well(fleet, "i");
    add_task(of, "a", stage::incremental, status::no);
    EXPECT_EQ(headline_of(fleet), "1 task is abnormal.");
    add_task(of, "b", stage::incremental, status::no).reading.needs_repair = true;
    EXPECT_EQ(headline_of(fleet), "2 tasks are abnormal, 1 task needs repair.");
    add_task(of, "c", stage::full, status::yes, 1);
    add_task(of, "d", stage::cancelled, status::yes);
    add_task(of, "e", stage::incremental, std::nullopt);
    of.departed["f"].at = noon;
    fail(fleet.add("j"), 503, "", 1min);
    fail(fleet.add("k"), 503, "", 1min);
    of.lag.emplace().tasks["g"].above_since = noon;
    of.lag->tasks["g"].lag.read(10min);
    add_task(of, "g", stage::incremental, status::yes);
    of.lag->tasks["h"].lag.read(1s);
    of.lag->tasks["h"].lag.failed(noon - 1h);
    add_task(of, "h", stage::incremental, status::yes);
    EXPECT_EQ(headline_of(fleet),
              "2 tasks are abnormal, 2 instances cannot be read, 1 task is gone, 1 task needs repair, "
              "1 task is behind, 1 task makes no progress, 1 task is cancelled, 1 task has no known "
              "status, 1 task has an unknown lag.");
}

} // namespace
} // namespace replmond::web
