#include "daemon/core/web/api.hpp"
#include "daemon/core/web/router.hpp"
#include "tests/support/small_fleet.hpp"
#include "tests/support/whole_reply.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <string>
#include <vector>

namespace replmond::web {
namespace {

using test::add_task;
using test::small_fleet;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// The web side over a fleet that stands still.
class api {
public:
    explicit api(small_fleet fleet) : fleet_(std::move(fleet)), router_("/metrics", sources()) {}

    http::http_reply ask(const std::string& method, const std::string& target) const {
        http::http_request request;
        request.method = method;
        request.target = target;
        return test::whole_reply(router_, request);
    }

    boost::json::object get(const std::string& target, int status = 200) const {
        const auto answer = ask("GET", target);
        EXPECT_EQ(answer.status, status) << target;
        EXPECT_EQ(http::find_header(answer.headers, "Content-Type"), "application/json") << target;
        EXPECT_EQ(http::find_header(answer.headers, "X-Content-Type-Options"), "nosniff");
        return boost::json::parse(answer.body).as_object();
    }

    std::vector<std::string> names(const std::string& target, std::string_view key = "task") const {
        const auto answer = get(target);
        std::vector<std::string> found;
        for (const auto& each : answer.at("data").as_array())
            found.emplace_back(each.at(key).as_string());
        return found;
    }

    std::string mistake(const std::string& target) const {
        const auto answer = get(target, 400);
        EXPECT_EQ(answer.at("status").as_string(), "error");
        return std::string(answer.at("error").as_string());
    }

private:
    router_sources sources() {
        router_sources s;
        s.fleet = [this] { return fleet_.view(); };
        s.events = [this](const event_filter& wanted) {
            auto events = fleet_.latest();
            events.resize(std::min(events.size(), wanted.limit));
            return events;
        };
        s.count = [](std::string_view, int) {};
        return s;
    }

    small_fleet fleet_;
    router router_;
};

TEST(TasksApi, GivesThemAllInTheOrderOfTheirNames) {
    const api a(test::one_of_each());
    EXPECT_THAT(a.names("/api/v1/tasks"),
                ElementsAre("sync_bills", "sync_old", "sync_odd", "sync_customers", "sync_orders",
                            "sync_orders_add_1", "sync_paused", "sync_waiting"));
    EXPECT_EQ(a.get("/api/v1/tasks").size(), 2U); // status and data: nothing else unless asked for pages
}

TEST(TasksApi, Filters) {
    const api a(test::one_of_each());
    const std::vector<std::pair<const char*, std::vector<std::string>>> table{
        {"instance=orders&status=no", {"sync_customers"}},
        {"instance=odd", {"sync_odd"}},
        {"instance=&status=", a.names("/api/v1/tasks")},
        {"instance=Orders", {}},
        {"status=unknown", {"sync_odd"}},
        {"status=NO", {"sync_customers"}},
        {"stage=full", {"sync_customers", "sync_orders_add_1"}},
        {"stage=unknown", {"sync_odd"}},
        {"needs_repair=true", {"sync_customers"}},
        {"stale=true", {"sync_bills"}},
        {"stale=true&stage=full", {}},
        {"task=sync_paused", {"sync_paused"}},
        {"task=sync_pause", {}},
        {"condition=abnormal", {"sync_customers"}},
        {"condition=needs_repair", {"sync_customers"}},
        {"condition=no_progress", {"sync_orders_add_1", "sync_waiting"}},
        {"condition=outdated", {"sync_bills"}},
        {"condition=status_unknown", {"sync_odd"}},
        {"condition=cancelled", {"sync_old"}},
        {"wrong=true",
         {"sync_bills", "sync_old", "sync_odd", "sync_customers", "sync_orders_add_1", "sync_waiting"}},
        {"wrong=false", {"sync_orders", "sync_paused"}},
        {"project=test", {}},
        {"search=CRM", {"sync_customers"}},
        {"search=BILL", {"sync_bills", "sync_old"}}, // by the instance's name
        {"search=shop_sr", {"sync_orders"}},
        {"search=Orders_Add", {"sync_orders_add_1"}},
        {"search=sync_paused", {"sync_paused"}}, // the whole of it
    };
    for (const auto& [query, expected] : table)
        EXPECT_EQ(a.names(std::string("/api/v1/tasks?") + query), expected) << query;
    EXPECT_EQ(a.names("/api/v1/tasks?instance=0123456789abcdef0123456789abcdefin17").size(), 8U); // the id
}

TEST(TasksApi, Sorts) {
    const api a(test::one_of_each());
    const std::vector<std::pair<const char*, std::vector<std::string>>> table{
        {"severity",
         {"sync_customers", "sync_orders_add_1", "sync_waiting", "sync_bills", "sync_odd", "sync_old",
          "sync_paused", "sync_orders"}},
        {"task",
         {"sync_bills", "sync_customers", "sync_odd", "sync_old", "sync_orders", "sync_orders_add_1",
          "sync_paused", "sync_waiting"}},
        {"-task",
         {"sync_waiting", "sync_paused", "sync_orders_add_1", "sync_orders", "sync_old", "sync_odd",
          "sync_customers", "sync_bills"}},
        {"-instance",
         {"sync_waiting", "sync_paused", "sync_orders_add_1", "sync_orders", "sync_customers", "sync_odd",
          "sync_old", "sync_bills"}},
        {"percentage", // what is not known is last in either direction
         {"sync_orders_add_1", "sync_paused", "sync_customers", "sync_bills", "sync_old", "sync_orders",
          "sync_odd", "sync_waiting"}},
        {"-percentage",
         {"sync_bills", "sync_old", "sync_orders", "sync_customers", "sync_paused", "sync_orders_add_1",
          "sync_odd", "sync_waiting"}},
    };
    for (const auto& [order, expected] : table)
        EXPECT_EQ(a.names(std::string("/api/v1/tasks?sort=") + order), expected) << order;
    EXPECT_EQ(a.names("/api/v1/tasks?sort=status").front(), "sync_customers");
    EXPECT_EQ(a.names("/api/v1/tasks?sort=stage").front(), "sync_waiting");
}

TEST(TasksApi, SearchesWithoutRegardToCase) {
    small_fleet fleet;
    instance_state& of = fleet.add("i");
    for (const char* name : {"az", "AZ", "@[", "`{"})
        add_task(of, name, stage::full, status::yes);
    const api a(std::move(fleet));
    EXPECT_THAT(a.names("/api/v1/tasks?search=aZ"), ElementsAre("AZ", "az"));
    EXPECT_THAT(a.names("/api/v1/tasks?search=Az"), ElementsAre("AZ", "az"));
    EXPECT_THAT(a.names("/api/v1/tasks?search=@"), ElementsAre("@["));
    EXPECT_THAT(a.names("/api/v1/tasks?search=%7B"), ElementsAre("`{"));
}

// From the worst to the best, against the order of their names.
TEST(TasksApi, RanksSeverities) {
    small_fleet fleet;
    instance_state& of = fleet.add("i");
    add_task(of, "i abnormal", stage::incremental, status::no);
    add_task(of, "h in need of repair", stage::incremental, status::yes).reading.needs_repair = true;
    add_task(of, "h too far behind", stage::incremental, status::yes);
    task_lag& lag = of.lag.emplace().tasks["h too far behind"];
    lag.above_since = test::noon;
    lag.lag.read(std::chrono::minutes(6));
    add_task(of, "g2 full, and it does not move", stage::full, status::yes, 42);
    add_task(of, "g stale", stage::incremental, status::yes).unseen_since =
        test::noon - std::chrono::minutes(15);
    add_task(of, "e without a status", stage::incremental, std::nullopt);
    add_task(of, "f of an unknown stage", stage::unknown, status::yes);
    add_task(of, "d cancelled", stage::cancelled, status::yes);
    add_task(of, "c paused", stage::paused, status::yes);
    add_task(of, "b full", stage::full, status::yes);
    add_task(of, "a incremental", stage::incremental, status::yes);
    const api a(std::move(fleet));
    EXPECT_THAT(a.names("/api/v1/tasks?sort=severity"),
                ElementsAre("i abnormal", "h in need of repair", "h too far behind",
                            "g2 full, and it does not move", "g stale", "e without a status",
                            "f of an unknown stage", "d cancelled", "c paused", "b full", "a incremental"));
}

// A page is the same slice of the whole order, whatever the order and wherever the page.
TEST(TasksApi, PagesAreSlicesOfTheWhole) {
    const api a(test::many(7, 9));
    for (const char* order : {"severity", "instance", "-instance", "task", "-task", "stage", "percentage",
                              "-percentage", "status", "stage_changed", "-stage_changed"}) {
        const std::string base = std::string("/api/v1/tasks?sort=") + order;
        const auto whole = a.names(base);
        ASSERT_EQ(whole.size(), 63U);
        std::vector<std::string> pieces;
        for (std::size_t offset = 0; offset < 70; offset += 10) {
            const auto page = a.names(base + "&limit=10&offset=" + std::to_string(offset));
            pieces.insert(pieces.end(), page.begin(), page.end());
        }
        EXPECT_EQ(pieces, whole) << order;
    }
    EXPECT_EQ(a.names("/api/v1/tasks?status=abnormal"), a.names("/api/v1/tasks?status=no"));
    EXPECT_EQ(a.names("/api/v1/tasks?status=Normal"), a.names("/api/v1/tasks?status=yes"));
    const auto page = a.get("/api/v1/tasks?status=no&limit=2&offset=1");
    EXPECT_EQ(page.at("total").as_int64(), 7);
    EXPECT_EQ(page.at("data").as_array().size(), 2U);
    EXPECT_EQ(a.get("/api/v1/tasks?offset=63").at("total").as_int64(), 63);
    EXPECT_THAT(a.names("/api/v1/tasks?offset=100000000"), IsEmpty());
}

TEST(TasksApi, GivesTenThousandInOneAnswer) {
    const api a(test::many(10, 1000));
    const auto names = a.names("/api/v1/tasks");
    ASSERT_EQ(names.size(), 10'000U);
    EXPECT_EQ(names.front(), "t1000000");
    EXPECT_EQ(names.back(), "t1009999");
}

TEST(TasksApi, SaysWhatIsWrongAndWhatIsAllowed) {
    const api a(test::one_of_each());
    const std::vector<std::pair<const char*, const char*>> table{
        {"status=bad", "status: expected normal, abnormal or unknown; yes and no work too"},
        {"stage=done", "stage: expected wait, full, incremental, paused, cancelled or unknown"},
        {"needs_repair=1", "needs_repair: expected true or false"},
        {"stale=maybe", "stale: expected true or false"},
        {"limit=0", "limit: expected a whole number from 1 to 100000"},
        {"limit=99999999999999999999", "limit: expected a whole number from 1 to 100000"},
        {"offset=-1", "offset: expected a whole number from 0 to 100000000"},
        {"sort=name",
         "sort: expected severity, instance, task, stage, percentage, status, stage_changed, lag; with - "
         "before it the other way round"},
        {"sort=-", "sort: expected severity"},
        {"instance=a&instance=b", "instance: given twice"},
        {"state=no", "unknown parameter \"state\": allowed are instance, status, stage, needs_repair, stale, "
                     "wrong, condition, task, project, search, sort, limit, offset"},
        {"search=%zz", "the query string has an escape that is no %XX"},
        {"%3Cscript%3E=1", "unknown parameter \"<script>\": allowed are"},
    };
    for (const auto& [query, expected] : table)
        EXPECT_THAT(a.mistake(std::string("/api/v1/tasks?") + query), ::testing::StartsWith(expected))
            << query;
}

TEST(InstancesApi, FiltersSortsAndPages) {
    const api a(test::one_of_each());
    const auto names = [&a](const std::string& query) {
        return a.names("/api/v1/instances" + query, "starrocks_instance");
    };
    EXPECT_THAT(names(""), ElementsAre("archive", "billing", "empty", "odd", "orders"));
    EXPECT_THAT(names("?sort=severity"), ElementsAre("billing", "orders", "odd", "archive", "empty"));
    EXPECT_THAT(names("?project=test"), ElementsAre("archive"));
    EXPECT_THAT(names("?result=http"), ElementsAre("billing"));
    EXPECT_THAT(names("?instance=orders"), ElementsAre("orders"));
    EXPECT_THAT(names("?limit=2&offset=1"), ElementsAre("billing", "empty"));
    EXPECT_EQ(a.get("/api/v1/instances?limit=2").at("total").as_int64(), 5);
    EXPECT_EQ(a.mistake("/api/v1/instances?result=bad"),
              "result: expected one of success, auth, throttled, timeout, network, tls, http, protocol, "
              "inconsistent");
    EXPECT_EQ(a.mistake("/api/v1/instances?sort=task"), "sort: expected severity or instance");
    EXPECT_EQ(a.mistake("/api/v1/instances?status=no"),
              "unknown parameter \"status\": allowed are instance, project, result, sort, limit, offset");
}

TEST(InstancesApi, TakesTheDefaultsByName) {
    const api a(test::one_of_each());
    const auto all = a.names("/api/v1/instances", "starrocks_instance");
    EXPECT_EQ(a.names("/api/v1/instances?sort=instance", "starrocks_instance"), all);
    EXPECT_EQ(a.names("/api/v1/instances?offset=0", "starrocks_instance"), all);
    EXPECT_THAT(a.names("/api/v1/instances?limit=1", "starrocks_instance"), ElementsAre("archive"));
    EXPECT_EQ(a.mistake("/api/v1/instances?limit=0"), "limit: expected a whole number from 1 to 100000");
    EXPECT_EQ(a.mistake("/api/v1/instances?offset=100000001"),
              "offset: expected a whole number from 0 to 100000000");
}

// From the worst to the best, against the order of their names.
TEST(InstancesApi, RanksSeverities) {
    small_fleet fleet;
    for (const char* name : {"a well", "c stale", "d in need of repair", "e abnormal", "f failing"}) {
        instance_state& of = fleet.add(name);
        add_task(of, "t", stage::incremental, status::yes);
        of.last_result = poll_result::success;
    }
    fleet.add("b not polled yet");
    fleet.instances[1].tasks.at("t").unseen_since = test::noon - std::chrono::minutes(15);
    fleet.instances[2].tasks.at("t").reading.needs_repair = true;
    fleet.instances[3].tasks.at("t").reading.status = status::no;
    fleet.instances[4].last_result = poll_result::timeout;
    const api a(std::move(fleet));
    EXPECT_THAT(a.names("/api/v1/instances?sort=severity", "starrocks_instance"),
                ElementsAre("f failing", "e abnormal", "d in need of repair", "c stale", "b not polled yet",
                            "a well"));
}

TEST(SummaryApi, AddsUp) {
    const api a(test::one_of_each());
    EXPECT_EQ(
        boost::json::serialize(a.get("/api/v1/summary").at("data")),
        R"({"instances":5,"failing":1,"not_polled":1,"tasks":8,"stages":{"wait":1,"full":2,)"
        R"("incremental":2,"paused":1,"cancelled":1,"unknown":1},"abnormal":1,"needs_repair":1,"behind":0,)"
        R"("no_progress":2,"status_unknown":1,"stale":1,"lag_unknown":0,"gone":0,"wrong":6})");
    EXPECT_EQ(a.mistake("/api/v1/summary?x"), "unknown parameter \"x\": none is taken here");
}

TEST(Api, WithoutInstancesGivesEmptyLists) {
    const api a{small_fleet()};
    for (const char* path : {"/api/v1/tasks", "/api/v1/instances", "/api/v1/events"})
        EXPECT_EQ(a.ask("GET", path).body, "{\"status\":\"success\",\"data\":[]}\n");
}

TEST(Api, ErrorsAreJson) {
    const api a{small_fleet()};
    EXPECT_EQ(a.ask("GET", "/api/v1/nothing").body, "{\"status\":\"error\",\"error\":\"not found\"}\n");
    EXPECT_EQ(a.get("/api/", 404).at("status").as_string(), "error");
    for (const char* path : {"/api/v1/tasks", "/api/v1/instances", "/api/v1/events", "/api/v1/summary"}) {
        const auto refused = a.ask("POST", path);
        EXPECT_EQ(refused.status, 405);
        EXPECT_EQ(http::find_header(refused.headers, "Allow"), "GET, HEAD, OPTIONS");
        EXPECT_EQ(refused.body, "{\"status\":\"error\",\"error\":\"method not allowed\"}\n");
        EXPECT_EQ(a.ask("HEAD", path).headers, a.ask("GET", path).headers);
        EXPECT_EQ(http::find_header(a.ask("GET", path).headers, "Cache-Control"), "no-store");
    }
}

TEST(Api, StaysJsonWhateverTheNamesHold) {
    for (const char* text :
         {"\"", "\\", "</script>", "a\nb", "\x1b[31m", "\xE2\x80\xA8", "\xFF\xFE", "' OR 1=1"}) {
        const api a(test::named(text));
        for (const char* path : {"/api/v1/tasks", "/api/v1/instances", "/api/v1/events"})
            EXPECT_EQ(a.get(path).at("data").as_array().size(), 1U) << text;
    }
}

// The examples of docs/api.md: a line with the request, then the answer.
TEST(Api, AnswersAsItsDocumentationSays) {
    const api a(test::one_of_each());
    std::ifstream page(std::string(REPLMOND_SOURCE_DIR) + "/docs/api.md");
    std::string target;
    std::string example;
    bool inside = false;
    int examples = 0;
    for (std::string line; std::getline(page, line);) {
        if (line.starts_with("`GET "))
            target = line.substr(5, line.rfind('`') - 5);
        if (inside && line == "```") {
            inside = false;
            ++examples;
            EXPECT_EQ(boost::json::parse(a.ask("GET", target).body), boost::json::parse(example)) << target;
        }
        if (inside)
            example += line;
        if (line == "```json") {
            inside = true;
            example.clear();
        }
    }
    EXPECT_EQ(examples, 7);
}

} // namespace
} // namespace replmond::web
