#include "daemon/core/web/one_task_page.hpp"
#include "daemon/core/web/router.hpp"
#include "tests/support/markup.hpp"
#include "tests/support/small_fleet.hpp"
#include "tests/support/whole_reply.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

// The page that alerts, rows and events link to.
namespace replmond::web {
namespace {

using namespace std::chrono_literals;
using test::noon;
using test::small_fleet;
using ::testing::HasSubstr;
using ::testing::Not;

class OneTaskPage : public ::testing::Test {
protected:
    router_sources sources(const std::string& grafana = "") {
        router_sources s;
        s.fleet = [this] { return fleet_.view(); };
        s.events = [this](const event_filter& wanted) {
            asked_ = wanted;
            return fleet_.latest();
        };
        s.facts = [grafana] {
            daemon_facts facts;
            facts.grafana_url = grafana;
            return facts;
        };
        s.count = [](std::string_view, int) {};
        return s;
    }
    http::http_reply get(const std::string& query, const std::string& grafana = "") {
        const router routes("/metrics", sources(grafana));
        http::http_request request;
        request.target = "/task" + query;
        return test::whole_reply(routes, request);
    }
    std::string page(const std::string& query, int status = 200) {
        const auto answer = get(query);
        EXPECT_EQ(answer.status, status);
        EXPECT_EQ(http::find_header(answer.headers, "Content-Type"), "text/html; charset=utf-8");
        EXPECT_EQ(http::find_header(answer.headers, "Cache-Control"), "no-store");
        EXPECT_THAT(std::string(http::find_header(answer.headers, "Content-Security-Policy")),
                    HasSubstr("default-src 'none'"));
        EXPECT_EQ(test::fault_in_markup(answer.body), "");
        return answer.body;
    }

    small_fleet fleet_ = test::one_of_each();
    std::optional<event_filter> asked_;
};

TEST_F(OneTaskPage, SaysWhatIsWrongSinceWhenAndWhy) {
    const std::string text = page("?project=prod&starrocks_instance=orders&task=sync_customers");
    // Relative to the page of the fleet: "?instance=orders" alone would ask this page for something else.
    EXPECT_THAT(text, HasSubstr("href=\"./?instance=orders\">orders</a>"));
    EXPECT_THAT(text, HasSubstr("<title>(1) sync_customers – replmond</title>"));
    EXPECT_THAT(text, HasSubstr("<h1 class=\"name\">sync_customers</h1>"));
    EXPECT_THAT(text, HasSubstr("<dt>Wrong</dt><dd><p><span class=\"badge bad\">abnormal</span> "
                                "<span class=\"age\">for 12 min</span> <span class=\"sub\">since "
                                "<time datetime=\"2027-01-15T11:48:00.000Z\">2027-01-15 11:48:00Z</time>"));
    EXPECT_THAT(text, HasSubstr("<span class=\"badge warn\">needs repair</span>"));
    EXPECT_THAT(text,
                HasSubstr("<span class=\"why\">Unknown column &#39;x&#39; in &lt;customers&gt;</span>"));
    EXPECT_THAT(text, HasSubstr("<span class=\"name\">crm</span> → <span class=\"name\">crm_sr</span>"));
    EXPECT_THAT(text, HasSubstr("<span class=\"number\">42.5 %</span>"));
    EXPECT_THAT(text, HasSubstr("<dt>Last read</dt><dd><span class=\"age\">5 s ago</span>"));
    EXPECT_THAT(text, HasSubstr("href=\"./api/v1/tasks?instance=0123456789abcdef0123456789abcdefin17&amp;"
                                "task=sync_customers\""));
    EXPECT_THAT(text, HasSubstr("the synchronization is abnormal"));
    ASSERT_TRUE(asked_);
    EXPECT_EQ(asked_->task, "sync_customers");
    EXPECT_EQ(asked_->instance, "0123456789abcdef0123456789abcdefin17");
    EXPECT_THAT(text, Not(HasSubstr("Board of this task")));
}

TEST_F(OneTaskPage, OfATaskAsItShouldBe) {
    const std::string text =
        page("?starrocks_instance=orders&task=sync_orders"); // the project may be missing
    EXPECT_THAT(text, HasSubstr("<title>sync_orders – replmond</title>"));
    EXPECT_THAT(text, HasSubstr("<dt>Wrong</dt><dd>nothing</dd>"));
    EXPECT_THAT(text, Not(HasSubstr("<dt>Lag</dt>")));
}

TEST_F(OneTaskPage, OfATaskThatIsNotRead) {
    const std::string text = page("?starrocks_instance=billing&task=sync_bills");
    EXPECT_THAT(text, HasSubstr("<span class=\"known\">last known: </span>"));
    EXPECT_THAT(text, HasSubstr("<dt>Last read</dt><dd>before <span class=\"age\">20 min ago</span>"));
    EXPECT_THAT(text, HasSubstr("DBS.200022 no permission for &lt;this&gt;"));
}

TEST_F(OneTaskPage, HasTheLagWhereItIsMeasured) {
    task_lag& lag = fleet_.instances.front().lag.emplace().tasks["sync_orders"];
    lag.heartbeat.read(noon - 7min);
    lag.source_heartbeat.read(noon - 1min);
    lag.lag.read(6min);
    lag.above_since = noon - 1min;
    const std::string text = page("?starrocks_instance=orders&task=sync_orders");
    EXPECT_THAT(text, HasSubstr("<dt>Lag</dt><dd><span class=\"badge warn\">6 min</span></dd>"));
    EXPECT_THAT(text, HasSubstr("<dt>Newest heartbeat in StarRocks</dt><dd><span class=\"age\">7 min ago"));
    EXPECT_THAT(text, HasSubstr("<dt>Newest heartbeat in TaurusDB</dt><dd><span class=\"age\">1 min ago"));
}

TEST_F(OneTaskPage, OfATaskThatIsGone) {
    departed_task& left = fleet_.instances.front().departed["sync_left"];
    left.state.reading.name = "sync_left";
    left.at = noon - 90min;
    const std::string text = page("?starrocks_instance=orders&task=sync_left");
    EXPECT_THAT(text, HasSubstr("<span class=\"badge bad\">gone</span> <span class=\"age\">for 1 h 30 min"));
    EXPECT_THAT(text, HasSubstr("<dt>Last state</dt>"));
    EXPECT_THAT(text, Not(HasSubstr("./api/v1/tasks?")));
    left.at = noon - 121min;
    page("?starrocks_instance=orders&task=sync_left", 404);
}

TEST_F(OneTaskPage, LinksToItsBoard) {
    const std::string text =
        get("?starrocks_instance=orders&task=sync_orders", "https://grafana.example.com").body;
    EXPECT_THAT(text,
                HasSubstr("<a href=\"https://grafana.example.com/d/replmond-task?var-project=prod&amp;"
                          "var-starrocks_instance=orders&amp;var-task=sync_orders\">Board of this task"));
    EXPECT_THAT(text, HasSubstr("<a href=\"https://grafana.example.com/d/replmond-fleet\">Boards</a>"));
}

TEST_F(OneTaskPage, SaysWhatItDoesNotKnow) {
    EXPECT_THAT(page("?starrocks_instance=orders&task=nothing", 404),
                HasSubstr("There is no task &quot;nothing&quot; in an instance &quot;orders&quot;."));
    EXPECT_THAT(page("?project=test&starrocks_instance=orders&task=sync_orders", 404),
                HasSubstr("No such task"));
    EXPECT_THAT(page("", 400), HasSubstr("the parameters starrocks_instance and task are needed"));
    EXPECT_THAT(page("?task=a&task=b", 400), HasSubstr("task: given twice"));
    page("?starrocks_instance=%3Cscript%3E&task=%22%3E%3Cimg%3E", 404);
}

// All stored events are looked through for it: a step of its own, in the queue of the long
// answers.
TEST_F(OneTaskPage, IsMadeInStepsAfterRouting) {
    const router routes("/metrics", sources());
    http::http_request request;
    request.target = "/task?starrocks_instance=orders&task=sync_orders&theme=dark";
    routed_reply reply = routes.answer(request);
    EXPECT_EQ(reply.answer.status, 200);
    EXPECT_EQ(reply.key, "/task en ./task?project=&starrocks_instance=orders&task=sync_orders");
    ASSERT_TRUE(reply.work);
    const auto job = reply.work();
    EXPECT_FALSE(asked_);
    EXPECT_FALSE(job->step());
    EXPECT_TRUE(asked_);
    fleet_.events.clear(); // the page has copies
    EXPECT_TRUE(job->step());
    EXPECT_THAT(job->take().joined(), HasSubstr("the synchronization is abnormal"));
}

TEST_F(OneTaskPage, OfATaskThatDisappearsWhileThePageIsMade) {
    const router routes("/metrics", sources());
    http::http_request request;
    request.target = "/task?starrocks_instance=orders&task=sync_orders";
    const auto job = routes.answer(request).work();
    EXPECT_FALSE(job->step());
    fleet_.instances.front().tasks.erase("sync_orders");
    EXPECT_TRUE(job->step());
    EXPECT_THAT(job->take().joined(), HasSubstr("There is no task &quot;sync_orders&quot; in an instance"));
}

TEST_F(OneTaskPage, HostileNamesStayText) {
    for (const char* text :
         {"<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "\xFF<b>", "a&b=c#d"}) {
        fleet_ = test::named(text);
        std::string query = link_to_task(text, text, text).substr(std::string("./task").size());
        page(query);
    }
}

} // namespace
} // namespace replmond::web
