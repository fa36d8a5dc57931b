// Bodies that are made step by step: what comes out, how little a step does, and what becomes of them when
// the fleet changes between two steps.
#include "daemon/core/web/api.hpp"
#include "daemon/core/web/fleet_view.hpp"
#include "daemon/core/web/json_objects.hpp"
#include "daemon/core/web/search.hpp"
#include "daemon/core/web/status_page.hpp"
#include "tests/support/markup.hpp"
#include "tests/support/small_fleet.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace replmond::web {
namespace {

using test::small_fleet;

struct made_text {
    std::string text;
    std::size_t steps = 0;
};

made_text make(
    http::reply_body& job, const std::function<void()>& between = [] {}) {
    constexpr std::size_t much_memory = std::size_t{1} << 30;
    made_text made;
    EXPECT_LT(job.bytes(), much_memory);
    for (made.steps = 1; !job.step(); ++made.steps) {
        EXPECT_LT(job.bytes(), much_memory);
        between();
    }
    EXPECT_LT(job.bytes(), much_memory);
    made.text = job.take().joined();
    return made;
}

task_query query_of(const std::string& parameters) {
    return std::get<task_query>(parse_task_query("/?" + parameters));
}

// The same list, made at once of sorted pointers.
std::string expected_tasks(const fleet_view& fleet, const task_query& query) {
    std::vector<listed_task> found;
    for (const instance_state* of : fleet.instances()) {
        for (const auto& [name, task] : of->tasks) {
            if (admits(query, of->identity) && admits(query, *of, task, fleet.time()))
                found.push_back({of, &task});
        }
    }
    const auto percentage = [](const listed_task& of) { return of.task->reading.percentage; };
    const auto precedes = [&](const listed_task& a, const listed_task& b) {
        if (query.order == task_order::task)
            return query.descending ? a.task->reading.name > b.task->reading.name
                                    : a.task->reading.name < b.task->reading.name;
        if (query.order != task_order::percentage || percentage(a) == percentage(b))
            return false;
        if (!percentage(a) || !percentage(b))
            return percentage(a).has_value();
        return query.descending ? *percentage(a) > *percentage(b) : *percentage(a) < *percentage(b);
    };
    // Each goes behind those that it does not precede. std::stable_sort is deprecated to clang 19, with GCC
    // 12's library.
    for (auto next = found.begin(); next != found.end(); ++next)
        std::rotate(std::upper_bound(found.begin(), next, *next, precedes), next, next + 1);
    if (query.order == task_order::instance && query.descending)
        std::reverse(found.begin(), found.end());
    std::string json = R"({"status":"success","data":[)";
    std::size_t given = 0;
    for (std::size_t i = query.offset; i < found.size() && given < query.limit.value_or(found.size()); ++i) {
        json += given++ == 0 ? "" : ",\n";
        append_task_object(json, *found[i].of, *found[i].task, fleet.context);
    }
    json += ']';
    if (query.limit || query.offset != 0)
        json += ",\"total\":" + std::to_string(found.size());
    return json + "}\n";
}

TEST(AnswerJobs, ListsOfTasksAreWhatOneSortGives) {
    small_fleet fleet = test::many(30, 30);
    fleet.instances[7].tasks.begin()->second.reading.percentage.reset();
    for (const char* parameters :
         {"", "limit=5", "offset=895", "limit=10&offset=100", "limit=100000", "offset=5000", "status=no",
          "status=no&limit=3", "search=t100017&offset=2", "instance=i1020", "instance=none", "sort=-instance",
          "sort=-instance&limit=4&offset=1", "sort=task", "sort=-task&limit=7", "sort=percentage",
          "sort=-percentage&limit=50&offset=20", "sort=percentage&offset=899", "sort=percentage&limit=1"}) {
        SCOPED_TRACE(parameters);
        const task_query query = query_of(parameters);
        const auto job = tasks_body([&] { return fleet.view(); }, query);
        EXPECT_EQ(make(*job).text, expected_tasks(fleet.view(), query));
    }
}

using begin_job = std::function<std::unique_ptr<http::reply_body>(std::function<fleet_view()>)>;

std::map<std::string, begin_job> jobs() {
    std::map<std::string, begin_job> all;
    for (const char* parameters : {"", "limit=1", "status=unknown", "search=nothing", "sort=task",
                                   "sort=-percentage", "sort=severity&limit=1000"})
        all[std::string("tasks ") + parameters] = [parameters](std::function<fleet_view()> look) {
            return tasks_body(std::move(look), query_of(parameters));
        };
    all["instances"] = [](std::function<fleet_view()> look) { return instances_body(std::move(look), {}); };
    all["instances by severity"] = [](std::function<fleet_view()> look) {
        instance_query query;
        query.order = instance_order::severity;
        return instances_body(std::move(look), query);
    };
    all["summary"] = [](std::function<fleet_view()> look) { return summary_body(std::move(look)); };
    all["page"] = [](std::function<fleet_view()> look) {
        page_sources sources;
        sources.fleet = std::move(look);
        sources.events = [](const event_filter&) { return std::vector<const event*>(); };
        sources.facts = [] { return daemon_facts(); };
        page_query query;
        query.tasks.limit = 1000;
        return status_page(std::move(sources), query, "");
    };
    return all;
}

// Whether it finds all or nothing: no step sees more than some hundreds of tasks.
TEST(AnswerJobs, AStepIsSmallHoweverLargeTheFleetIs) {
    constexpr std::size_t most_seen = 700;
    const small_fleet fleet = test::many(100, 100);
    for (const auto& [name, begin] : jobs()) {
        SCOPED_TRACE(name);
        const auto job = begin([&] { return fleet.view(); });
        EXPECT_GE(make(*job).steps, 100 * 100 / most_seen);
    }
}

TEST(AnswerJobs, ALargeBodyLiesInPieces) {
    const small_fleet fleet = test::many(40, 100);
    const auto job = tasks_body([&] { return fleet.view(); }, {});
    while (!job->step()) {
    }
    const std::size_t held = job->bytes();
    const http::buffer_chain body = job->take();
    EXPECT_GT(body.pieces.size(), 4U);
    EXPECT_LE(held, body.size + http::growing_body::piece_bytes + http::growing_body::piece_bytes / 16);
    for (const auto& piece : body.pieces) {
        EXPECT_LE(piece->size(), http::growing_body::piece_bytes + 64 * 1024);
        EXPECT_LE(piece->capacity(), piece->size() + 64);
    }
}

// A fleet in which anything may happen between two steps; what is left alone must be listed, once.
class moving_fleet {
public:
    explicit moving_fleet(unsigned seed) : random_(seed) {
        for (int i = 0; i < 30; ++i)
            add("m" + std::to_string(1000 + i), 40);
    }

    fleet_view view() {
        instance_list all;
        for (const auto& each : instances_)
            all.push_back(each.get());
        std::sort(all.begin(), all.end(), [](const auto* a, const auto* b) { return comes_before(*a, *b); });
        fleet_view fleet;
        fleet.list = std::make_shared<const instance_list>(std::move(all));
        fleet.context = {test::noon, std::chrono::minutes(15)};
        fleet.now = test::noon;
        fleet.totals = &totals_;
        return fleet;
    }

    void change() {
        if (instances_.empty())
            return;
        const auto at = instances_.begin() + static_cast<std::ptrdiff_t>(random_() % instances_.size());
        instance_state& of = **at;
        totals_.forget(of);
        switch (random_() % 6) {
        case 0: // removed
            touch(of);
            instances_.erase(at);
            break;
        case 1: // all of its tasks are replaced, as a poll may do
            touch(of);
            of.tasks = {};
            test::add_task(of, "fresh", stage::full, status::no, 1);
            break;
        case 2: // renamed
            touch(of);
            of.identity.name = "m" + std::to_string(900 + random_() % 300) + "x";
            touch(of);
            break;
        case 3: // a new one
            touch(add("m" + std::to_string(900 + random_() % 300) + "n", 3));
            break;
        case 4: // a task goes
            if (!of.tasks.empty()) {
                const auto task = std::next(of.tasks.begin(), static_cast<long>(random_() % of.tasks.size()));
                touched_.insert(of.identity.name + "/" + task->first);
                of.tasks.erase(task);
            }
            break;
        default: // one comes
            test::add_task(of, "a" + std::to_string(random_() % 1000), stage::full, status::yes, 3);
        }
    }

    std::set<std::string> untouched() const {
        std::set<std::string> left;
        for (const auto& of : instances_) {
            for (const auto& [name, task] : of->tasks) {
                const std::string key = of->identity.name + "/" + name;
                if (name.starts_with("t") && !touched_.contains(key))
                    left.insert(key);
            }
        }
        return left;
    }

private:
    instance_state& add(const std::string& name, int tasks) {
        instances_.push_back(std::make_unique<instance_state>());
        instance_state& of = *instances_.back();
        of.identity.name = name;
        of.identity.project = "prod";
        of.identity.id = "id" + std::to_string(++last_);
        for (int i = 0; i < tasks; ++i)
            test::add_task(of, "t" + std::to_string(100 + i), stage::incremental, status::yes, i % 7);
        return of;
    }
    void touch(const instance_state& of) {
        for (const auto& [name, task] : of.tasks)
            touched_.insert(of.identity.name + "/" + name);
    }

    std::minstd_rand random_;
    std::vector<std::unique_ptr<instance_state>> instances_;
    totals_cache totals_;
    std::set<std::string> touched_;
    int last_ = 0;
};

TEST(AnswerJobs, WhatDoesNotChangeMeanwhileIsThereOnce) {
    for (unsigned seed = 1; seed <= 8; ++seed) {
        for (const char* parameters : {"", "sort=task", "sort=-percentage", "sort=-instance"}) {
            SCOPED_TRACE(std::string(parameters) + " " + std::to_string(seed));
            moving_fleet fleet(seed);
            const auto job = tasks_body([&] { return fleet.view(); }, query_of(parameters));
            const std::string text = make(*job, [&] { fleet.change(); }).text;
            std::map<std::string, int> listed;
            const auto parsed = boost::json::parse(text);
            for (const auto& each : parsed.at("data").as_array())
                ++listed[std::string(each.at("starrocks_instance").as_string()) + "/" +
                         std::string(each.at("task").as_string())];
            const auto left = fleet.untouched();
            EXPECT_GT(left.size(), 100U);
            for (const std::string& key : left)
                EXPECT_EQ(listed[key], 1) << key;
        }
    }
}

TEST(AnswerJobs, NothingDanglesWhateverChanges) {
    for (const auto& [name, begin] : jobs()) {
        for (unsigned seed = 1; seed <= 4; ++seed) {
            SCOPED_TRACE(name + " " + std::to_string(seed));
            moving_fleet fleet(seed);
            const auto job = begin([&] { return fleet.view(); });
            const std::string text = make(*job, [&] {
                                         for (int i = 0; i < 3; ++i)
                                             fleet.change();
                                     }).text;
            if (name == "page")
                EXPECT_EQ(test::fault_in_markup(text), "");
            else
                EXPECT_TRUE(boost::json::parse(text).is_object());
        }
    }
}

// What is stale must not change in the middle of an answer.
TEST(AnswerJobs, AnAnswerIsAsOfOneMoment) {
    small_fleet fleet = test::many(10, 100);
    for (auto& of : fleet.instances) {
        for (auto& [name, task] : of.tasks)
            task.unseen_since = test::noon - std::chrono::minutes(14);
    }
    milliseconds passed{};
    const auto look = [&] {
        fleet_view view = fleet.view();
        view.context.now += passed;
        return view;
    };
    const auto job = tasks_body(look, query_of("stale=false&limit=1"));
    const std::string text = make(*job, [&] { passed += std::chrono::minutes(1); }).text;
    EXPECT_EQ(boost::json::parse(text).at("total").as_int64(), 1000);
}

TEST(AnswerJobs, EventsThatGoMeanwhileAreStillTold) {
    small_fleet fleet = test::one_of_each();
    const auto job = events_body([&] { return fleet.latest(); });
    EXPECT_FALSE(job->step());
    fleet.events.clear();
    const std::string text = make(*job).text;
    EXPECT_EQ(boost::json::parse(text).at("data").as_array().size(), 2U);
}

small_fleet of_size(std::size_t count, std::size_t tasks) {
    small_fleet fleet;
    for (std::size_t i = 0; i < count; ++i) {
        instance_state& of = fleet.add("i" + std::to_string(1000 + i));
        for (std::size_t t = 0; t < tasks; ++t)
            test::add_task(of, "t" + std::to_string(1000 + t), stage::full, status::yes);
    }
    return fleet;
}

// How many steps a search takes, the last of which only sorts.
template<class Search, class Query>
std::size_t steps_of_search(const small_fleet& fleet, const Query& query) {
    Search search(query);
    std::size_t steps = 1;
    while (!search.step(fleet.view()))
        ++steps;
    return steps;
}

TEST(Searches, AStepSeesInstancesThatCost512) {
    const auto steps = [](std::size_t count, std::size_t tasks) {
        return steps_of_search<instance_search>(of_size(count, tasks), instance_query());
    };
    EXPECT_EQ(steps(128, 0), 2U + 1U); // each costs 8; a step sorts 128
    EXPECT_EQ(steps(129, 0), 3U + 2U);
    EXPECT_EQ(steps(16, 56), 2U + 1U); // and its tasks
    EXPECT_EQ(steps(17, 56), 3U + 1U);
}

TEST(Searches, AStepSees256TasksWithTheirInstances) {
    const auto steps = [](std::size_t tasks) {
        return steps_of_search<task_search>(of_size(1, tasks), query_of("status=no"));
    };
    EXPECT_EQ(steps(255), 1U + 1U);
    EXPECT_EQ(steps(256), 2U + 1U);
}

TEST(Searches, CountTheMemoryOfNamesUnlessMostAreDropped) {
    const auto held = [](const char* parameters, std::size_t length_of_name) {
        small_fleet fleet;
        test::add_task(fleet.add("i"), std::string(length_of_name, 't'), stage::full, status::yes);
        task_search search(query_of(parameters));
        EXPECT_EQ(search.bytes(), 0U);
        while (!search.step(fleet.view())) {
        }
        return search.bytes();
    };
    EXPECT_EQ(held("", 2000) - held("", 1000), 1000U);
    EXPECT_EQ(held("limit=1", 2000), held("limit=1", 1000));
}

TEST(Searches, CountTheMemoryOfTheirInstances) {
    const auto held = [](std::size_t instances) {
        task_search search(query_of("limit=1"));
        const small_fleet fleet = of_size(instances, 1);
        while (!search.step(fleet.view())) {
        }
        return search.bytes();
    };
    EXPECT_GE(held(100), held(1) + 99 * sizeof(instance_key));
    EXPECT_LE(held(100), held(1) + 200 * sizeof(instance_key));
}

TEST(AnswerJobs, AStepWrites64Objects) {
    const auto steps = [](std::unique_ptr<http::reply_body> job) { return make(*job).steps; };
    for (const auto& [count, written] : {std::pair(64U, 1U), std::pair(65U, 2U)}) {
        SCOPED_TRACE(count);
        const small_fleet tasks = of_size(1, count);
        EXPECT_EQ(steps(tasks_body([&] { return tasks.view(); }, query_of("sort=task"))), 2 + written);
        const small_fleet instances = of_size(count, 0);
        const std::size_t searched = count == 64 ? 2 : 3; // a step sees 64
        EXPECT_EQ(steps(instances_body([&] { return instances.view(); }, {})), searched + written);
        const std::vector<event> happened(count);
        const auto events = [&happened] {
            std::vector<const event*> all;
            for (const event& each : happened)
                all.push_back(&each);
            return all;
        };
        EXPECT_EQ(steps(events_body(events)), 1 + written);
    }
    const small_fleet together = of_size(1, 63); // in their own order, tasks and instances are 64
    EXPECT_EQ(steps(tasks_body([&] { return together.view(); }, {})), 1U);
    const small_fleet one_more = of_size(1, 64);
    EXPECT_EQ(steps(tasks_body([&] { return one_more.view(); }, {})), 2U);
}

TEST(AnswerJobs, AStepOfThePageHas16Rows) {
    const auto steps = [](std::size_t tasks) {
        const small_fleet fleet = of_size(1, tasks);
        return make(*jobs().at("page")([&] { return fleet.view(); })).steps;
    };
    EXPECT_EQ(steps(16), 9U); // two of each search, the top, the rows, the bottom
    EXPECT_EQ(steps(17), 10U);
}

// Copies of events are counted with their texts.
TEST(AnswerJobs, EventsCountTheMemoryOfTheirCopies) {
    const auto held = [](const event& e) {
        const auto job = events_body([&e] { return std::vector<const event*>{&e}; });
        EXPECT_FALSE(job->step());
        return job->bytes();
    };
    const std::string text(1000, 'x');
    event plain;
    event other = plain;
    other.message = text;
    EXPECT_EQ(held(other), held(plain) + 1000);
    other = plain;
    other.starrocks_instance = text;
    EXPECT_EQ(held(other), held(plain) + 1000);
    other = plain;
    other.task = text;
    EXPECT_EQ(held(other), held(plain) + 1000);
    other = plain;
    other.with("k", decimal{"1"});
    EXPECT_EQ(held(other), held(plain) + sizeof(other.fields.front()));
    other = plain;
    other.with("k", text);
    EXPECT_EQ(held(other), held(plain) + sizeof(other.fields.front()) + 1000);
}

} // namespace
} // namespace replmond::web
