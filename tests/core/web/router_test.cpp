#include "daemon/core/web/router.hpp"
#include "tests/support/whole_reply.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace replmond::web {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// A web of scripted sources that remembers what it counted.
class routed_site {
public:
    explicit routed_site(std::string telemetry_path = "/metrics", bool may_reload = false,
                         site_policy policy = {})
        : router_(std::move(telemetry_path), sources(may_reload), std::move(policy)) {}

    http::http_reply ask(const std::string& method, const std::string& target) {
        http::http_request request;
        request.method = method;
        request.target = target;
        return test::whole_reply(router_, request);
    }
    http::http_reply ask(const http::http_request& request) { return test::whole_reply(router_, request); }
    http::http_reply get(const std::string& target) { return ask("GET", target); }
    routed_reply reply_to(const std::string& method, const std::string& target) {
        http::http_request request;
        request.method = method;
        request.target = target;
        return router_.answer(request);
    }
    std::string failure_of(const std::string& target) {
        http::http_request request;
        request.target = target;
        return std::string(router_.count_failure(request));
    }
    std::optional<http::http_reply> objection(const http::http_request& request) {
        return router_.objection(request);
    }

    bool ready = true;
    std::string mistakes; ///< of the configuration that a reload reads
    std::vector<event_filter> asked;
    event happened;
    fleet_view fleet;
    int reloads = 0;
    std::vector<std::string> counted;

private:
    router_sources sources(bool may_reload) {
        router_sources s;
        s.metrics = [](metrics::format as) {
            return metrics::text_chunks{
                metrics::unversioned_chunk(as == metrics::format::text ? "up 1\n" : "om 1\n")};
        };
        s.config = [] { return std::make_unique<http::ready_body>("projects: []\n"); };
        s.ready = [this] { return ready; };
        s.events = [this](const event_filter& wanted) {
            asked.push_back(wanted);
            return std::vector<const event*>{&happened};
        };
        s.fleet = [this] { return fleet; };
        if (may_reload)
            s.reload = [this] {
                ++reloads;
                return mistakes;
            };
        s.facts = [] { return daemon_facts(); };
        s.count = [this](std::string_view handler, int code) {
            counted.push_back(std::string(handler) + " " + std::to_string(code));
        };
        return s;
    }

    router router_;
};

std::string_view type_of(const http::http_reply& answer) {
    return http::find_header(answer.headers, "Content-Type");
}

TEST(Web, ServesTheMetrics) {
    routed_site s;
    const auto answer = s.get("/metrics");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.text(), "up 1\n");
    EXPECT_EQ(type_of(answer), "text/plain; version=0.0.4; charset=utf-8");
    EXPECT_EQ(http::find_header(answer.headers, "X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(s.get("/metrics?name[]=up").text(), "up 1\n");
}

TEST(Web, ServesTheMetricsWhereItIsTold) {
    routed_site s("/other/path");
    EXPECT_EQ(s.get("/other/path").text(), "up 1\n");
    EXPECT_EQ(s.get("/metrics").status, 404);
    EXPECT_THAT(s.get("/").body, HasSubstr("href=\"./other/path\""));
    EXPECT_THAT(s.counted, ElementsAre("/other/path 200", "other 404", "/ 200"));
}

TEST(Web, Routes) {
    struct row {
        const char* method;
        const char* target;
        int status;
        const char* counted;
    };
    const std::vector<row> table{
        {"GET", "/", 200, "/ 200"},
        {"GET", "/?x=1", 200, "/ 200"},
        {"GET", "/-/healthy", 200, "/-/healthy 200"},
        {"GET", "/-/ready", 200, "/-/ready 200"},
        {"GET", "/task?starrocks_instance=i&task=t", 404, "/task 404"},
        {"GET", "/task", 400, "/task 400"},
        {"POST", "/task", 405, "/task 405"},
        {"HEAD", "/", 200, "/ 200"},
        {"HEAD", "/metrics", 200, "/metrics 200"},
        {"HEAD", "/-/healthy", 200, "/-/healthy 200"},
        {"POST", "/", 405, "/ 405"},
        {"POST", "/metrics", 405, "/metrics 405"},
        {"PUT", "/-/healthy", 405, "/-/healthy 405"},
        {"DELETE", "/-/ready", 405, "/-/ready 405"},
        {"TRACE", "/metrics?x", 405, "/metrics 405"},
        {"options", "/metrics", 405, "/metrics 405"},
        {"OPTIONS", "/nothing", 404, "other 404"},
        {"get", "/metrics", 405, "/metrics 405"}, // methods are told apart by case
        {"GET", "/metrics/", 404, "other 404"},
        {"GET", "/Metrics", 404, "other 404"},
        {"GET", "//", 404, "other 404"},
        {"GET", "/-/", 404, "other 404"},
        {"GET", "/../metrics", 404, "other 404"},
        {"GET", "", 404, "other 404"},
        {"GET", "*", 404, "other 404"},
        {"GET", "?/metrics", 404, "other 404"},
        {"POST", "/nothing", 404, "other 404"},
        {"HEAD", "/nothing", 404, "other 404"},
        {"GET", "/nothing?<script>", 404, "other 404"},
    };
    for (const row& r : table) {
        SCOPED_TRACE(std::string(r.method) + " " + r.target);
        routed_site s;
        const auto answer = s.ask(r.method, r.target);
        EXPECT_EQ(answer.status, r.status);
        EXPECT_EQ(http::find_header(answer.headers, "Allow"), r.status == 405 ? "GET, HEAD, OPTIONS" : "");
        const bool is_made = std::string(r.method) + r.target != "HEAD/";
        EXPECT_EQ(answer.text().empty(), !is_made);
        EXPECT_THAT(s.counted, ElementsAre(r.counted));
        EXPECT_THAT(answer.text(), Not(HasSubstr("<script>")));
    }
}

TEST(Web, HeadIsAnsweredAsGetWithoutMakingABody) {
    for (const char* path : {"/", "/config", "/api/v1/tasks", "/api/v1/instances", "/api/v1/events",
                             "/api/v1/summary", "/-/healthy", "/-/ready"}) {
        SCOPED_TRACE(path);
        routed_site s;
        const auto get = s.get(path);
        const auto reply = s.reply_to("HEAD", path);
        EXPECT_EQ(reply.work, nullptr);
        EXPECT_EQ(reply.answer.status, 200);
        EXPECT_EQ(reply.answer.headers, get.headers);
        const bool is_ready_made = std::string_view(path).starts_with("/-/");
        EXPECT_EQ(reply.answer.has_length,
                  is_ready_made); // the server leaves the body out, and counts its length
        EXPECT_EQ(reply.answer.body, is_ready_made ? get.body : "");
        EXPECT_THAT(s.counted, ElementsAre(std::string(path) + " 200", std::string(path) + " 200"));
    }
}

// Most of their text is there, and scrapers have always been told its length.
TEST(Web, HeadOfTheMetricsHasTheirLength) {
    routed_site s;
    const auto head = s.ask("HEAD", "/metrics");
    EXPECT_TRUE(head.has_length);
    EXPECT_EQ(head.headers, s.get("/metrics").headers);
    EXPECT_EQ(head.body, s.get("/metrics").body);
}

TEST(Web, HeadOfWhatIsAMistakeSaysSo) {
    routed_site s;
    const auto answer = s.ask("HEAD", "/api/v1/tasks?limit=0");
    EXPECT_EQ(answer.status, 400);
    EXPECT_TRUE(answer.has_length);
    EXPECT_THAT(answer.body, HasSubstr("limit"));
}

TEST(Web, TheSameQueryIsTheSameWork) {
    routed_site s;
    const auto key = [&s](const std::string& target) { return s.reply_to("GET", target).key; };
    EXPECT_EQ(key("/api/v1/tasks?status=no&stage=full"), key("/api/v1/tasks?stage=full&&status=%6eo&limit="));
    EXPECT_NE(key("/api/v1/tasks?status=no"), key("/api/v1/tasks?status=yes"));
    EXPECT_NE(key("/api/v1/tasks?instance=a"), key("/api/v1/instances?instance=a"));
    EXPECT_NE(key("/api/v1/tasks?search=a%26status%3Dno"), key("/api/v1/tasks?search=a&status=no"));
    EXPECT_EQ(key("/?anything=1"), key("/")); // the page ignores what it does not know
    EXPECT_NE(key("/?status=no"), key("/"));
    EXPECT_NE(key("/?status=x"), key("/"));
    EXPECT_EQ(key("/config?a=1"), key("/config?b=2"));
    EXPECT_EQ(key("/metrics?a=1"), key("/metrics"));
}

TEST(Web, IsHealthyWhileItIsNotReady) {
    routed_site s;
    s.ready = false;
    EXPECT_EQ(s.get("/-/ready").status, 503);
    EXPECT_EQ(s.get("/-/healthy").status, 200);
    EXPECT_EQ(s.ask("POST", "/-/ready").status, 405);
    s.ready = true;
    EXPECT_EQ(s.get("/-/ready").status, 200);
    EXPECT_THAT(s.counted, ElementsAre("/-/ready 503", "/-/healthy 200", "/-/ready 405", "/-/ready 200"));
}

TEST(Web, TheTelemetryPathIsEscapedInTheLink) {
    EXPECT_THAT(routed_site("/m\"><script>").get("/").body,
                HasSubstr("href=\"./m&quot;&gt;&lt;script&gt;\""));
}

TEST(Web, MetricsInTheFormatAskedFor) {
    struct row {
        const char* accept;
        const char* encoding;
        std::string type;
        std::string coding;
        std::string body; ///< where it is not packed
        const char* second_accept = nullptr;
        const char* second_encoding = nullptr;
    };
    const std::string text = "text/plain; version=0.0.4; charset=utf-8";
    const std::string open_metrics = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    const std::vector<row> table{
        {"", "", text, "", "up 1\n"},
        {"application/openmetrics-text", "", open_metrics, "", "om 1\n# EOF\n"},
        {"application/openmetrics-text", "gzip", open_metrics, "gzip", ""},
        {"*/*", "gzip;q=0", text, "", "up 1\n"},
        {"text/html", "br", open_metrics, "gzip", "", "application/openmetrics-text", "gzip"},
    };
    for (const row& r : table) {
        SCOPED_TRACE(std::string(r.accept) + " / " + r.encoding);
        routed_site s;
        http::http_request request;
        request.target = "/metrics";
        request.headers = {{"accept", r.accept}, {"accept-encoding", r.encoding}};
        if (r.second_accept != nullptr)
            request.headers.insert(request.headers.end(),
                                   {{"Accept", r.second_accept}, {"Accept-Encoding", r.second_encoding}});
        const auto answer = s.ask(request);
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(type_of(answer), r.type);
        EXPECT_EQ(http::find_header(answer.headers, "Content-Encoding"), r.coding);
        EXPECT_EQ(http::find_header(answer.headers, "Vary"), "Accept, Accept-Encoding");
        if (r.coding.empty())
            EXPECT_EQ(answer.text(), r.body);
        else
            EXPECT_TRUE(answer.text().starts_with("\x1f\x8b"));
    }
}

TEST(Web, ShowsTheConfiguration) {
    routed_site s;
    const auto answer = s.get("/config");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(type_of(answer), "text/plain; charset=utf-8");
    EXPECT_EQ(answer.body, "projects: []\n");
}

TEST(Web, ReloadIsPostOnlyAndNotEnabled) {
    routed_site s;
    EXPECT_EQ(s.ask("POST", "/-/reload").status, 403);
    const auto answer = s.get("/-/reload");
    EXPECT_EQ(answer.status, 405);
    EXPECT_EQ(http::find_header(answer.headers, "Allow"), "POST, OPTIONS");
}

TEST(Web, OptionsSaysWhatIsAllowedAndDoesNothing) {
    routed_site s("/metrics", true);
    for (const auto& [path, allowed] : std::vector<std::pair<std::string, std::string>>{
             {"/", "GET, HEAD, OPTIONS"},
             {"/metrics", "GET, HEAD, OPTIONS"},
             {"/api/v1/tasks?status=nonsense", "GET, HEAD, OPTIONS"},
             {"/-/reload", "POST, OPTIONS"}}) {
        SCOPED_TRACE(path);
        const auto answer = s.ask("OPTIONS", path);
        EXPECT_EQ(answer.status, 204);
        EXPECT_EQ(http::find_header(answer.headers, "Allow"), allowed);
        EXPECT_EQ(answer.text(), "");
    }
    EXPECT_EQ(s.reloads, 0);
    EXPECT_THAT(s.counted, ElementsAre("/ 204", "/metrics 204", "/api/v1/tasks 204", "/-/reload 204"));
}

http::http_request named(const std::string& method, const std::string& target, http::header_list headers) {
    http::http_request request;
    request.method = method;
    request.target = target;
    request.headers = std::move(headers);
    return request;
}

TEST(Web, WithAllowedHostsPagesAndApiAnswerToKnownNamesOnly) {
    site_policy policy;
    policy.allowed_hosts = {"replmond.example"};
    routed_site s("/metrics", true, policy);
    for (const char* path : {"/", "/config", "/api/v1/tasks", "/api/v1/instances", "/api/v1/events",
                             "/api/v1/summary", "/assets/icon.svg"}) {
        SCOPED_TRACE(path);
        EXPECT_EQ(s.ask(named("GET", path, {{"Host", "evil.example:10930"}})).status, 403);
        EXPECT_EQ(s.ask(named("HEAD", path, {{"Host", "evil.example:10930"}})).status, 403);
        EXPECT_EQ(s.ask(named("OPTIONS", path, {{"Host", "evil.example:10930"}})).status, 403);
        EXPECT_EQ(s.ask(named("GET", path, {{"Host", "replmond.example:10930"}})).status, 200);
        EXPECT_EQ(s.ask(named("GET", path, {{"Host", "192.0.2.7:10930"}})).status, 200);
        EXPECT_EQ(s.ask(named("GET", path, {})).status, 200); // HTTP/1.0
    }
    for (const char* path : {"/metrics", "/-/healthy", "/-/ready"})
        EXPECT_EQ(s.ask(named("GET", path, {{"Host", "evil.example:10930"}})).status, 200) << path;
    EXPECT_EQ(s.ask(named("GET", "/nothing", {{"Host", "evil.example"}})).status, 404);
    EXPECT_EQ(s.ask(named("POST", "/config", {{"Host", "evil.example"}})).status, 405);

    const auto page = s.ask(named("GET", "/config", {{"Host", "evil.example"}}));
    EXPECT_EQ(page.body, "the name in Host is not one of this server: see --web.allowed-hosts\n");
    EXPECT_EQ(s.counted.back(), "/config 403");
    const auto api = s.ask(named("GET", "/api/v1/tasks", {{"Host", "evil.example"}}));
    EXPECT_EQ(api.body, "{\"status\":\"error\",\"error\":\"the name in Host is not one of this server: see "
                        "--web.allowed-hosts\"}\n");
}

TEST(Web, ReloadAnswersToKnownNamesOnlyWhateverIsAllowed) {
    routed_site s("/metrics", true);
    EXPECT_EQ(s.ask(named("GET", "/config", {{"Host", "evil.example"}})).status, 200);
    EXPECT_EQ(s.ask(named("POST", "/-/reload", {{"Host", "evil.example"}})).status, 403);
    EXPECT_EQ(s.ask(named("OPTIONS", "/-/reload", {{"Host", "evil.example"}})).status, 403);
    const http::header_list other{{"Host", "localhost:10930"}, {"Origin", "https://evil.example"}};
    EXPECT_EQ(s.ask(named("POST", "/-/reload", other)).body,
              "the request comes from another site: see --web.external-url\n");
    EXPECT_EQ(s.reloads, 0);
    EXPECT_EQ(s.ask(named("POST", "/-/reload", {{"Host", "localhost:10930"}})).status, 200);
    EXPECT_EQ(s.reloads, 1);
}

// It is asked where a request has a body, which is not read: a form of another site has one.
TEST(Web, AnotherSiteIsToldSoBeforeItsBodyIs) {
    site_policy policy;
    policy.allowed_hosts = {"replmond.example"};
    routed_site s("/metrics", true, policy);
    const auto objection = s.objection(named("POST", "/-/reload", {{"Host", "h"}}));
    ASSERT_TRUE(objection);
    EXPECT_EQ(objection->status, 403);
    EXPECT_EQ(s.objection(named("GET", "/config", {{"Host", "h"}}))->status, 403);
    EXPECT_FALSE(s.objection(named("GET", "/config", {{"Host", "replmond.example"}})));
}

TEST(Web, ReloadsByPostAlone) {
    routed_site s("/metrics", true);
    EXPECT_EQ(s.get("/-/reload").status, 405);
    EXPECT_EQ(s.ask("HEAD", "/-/reload").status, 405);
    EXPECT_EQ(s.reloads, 0);
    EXPECT_EQ(s.ask("POST", "/-/reload").status, 200);
    EXPECT_EQ(s.reloads, 1);
    EXPECT_THAT(s.counted, ElementsAre("/-/reload 405", "/-/reload 405", "/-/reload 200"));
}

TEST(Web, AReloadThatIsRefusedSaysWhy) {
    routed_site s("/metrics", true);
    s.mistakes = "c.yaml:2:13: poll.interval: too long\nc.yaml:3:1: another";
    const auto answer = s.ask("POST", "/-/reload");
    EXPECT_EQ(answer.status, 500);
    EXPECT_EQ(type_of(answer), "text/plain; charset=utf-8");
    EXPECT_EQ(answer.body, s.mistakes + "\n");
}

TEST(Web, ServesEvents) {
    routed_site s;
    const auto answer = s.get("/api/v1/events?limit=7&instance=orders");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(type_of(answer), "application/json");
    EXPECT_THAT(answer.body, HasSubstr(R"({"status":"success","data":[{"time":"1970-01-01T00:00:00.000Z",)"));
    ASSERT_EQ(s.asked.size(), 1U);
    EXPECT_EQ(s.asked[0].limit, 7U);
    EXPECT_EQ(s.asked[0].instance, "orders");
    EXPECT_EQ(s.ask("POST", "/api/v1/events").status, 405);
    EXPECT_EQ(s.ask("HEAD", "/api/v1/events").status, 200);
}

TEST(Web, RefusesEventsWithABadParameter) {
    routed_site s;
    const auto answer = s.get("/api/v1/events?limit=0");
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(type_of(answer), "application/json");
    EXPECT_EQ(answer.body,
              "{\"status\":\"error\",\"error\":\"limit: expected a whole number from 1 to 1000\"}\n");
    EXPECT_THAT(s.asked, ::testing::IsEmpty());
    EXPECT_THAT(s.counted, ElementsAre("/api/v1/events 400"));
}

TEST(Web, CountsARequestThatCouldNotBeAnswered) {
    routed_site s;
    EXPECT_EQ(s.failure_of("/api/v1/tasks?x=1"), "/api/v1/tasks");
    EXPECT_EQ(s.failure_of("/nothing"), "other");
    EXPECT_THAT(s.counted, ElementsAre("/api/v1/tasks 500", "other 500"));
}

} // namespace
} // namespace replmond::web
