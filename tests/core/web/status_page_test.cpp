#include "daemon/core/config/load.hpp"
#include "daemon/core/model/version.hpp"
#include "daemon/core/web/assets.hpp"
#include "daemon/core/web/router.hpp"
#include "daemon/core/web/texts.hpp"
#include "tests/support/markup.hpp"
#include "tests/support/small_fleet.hpp"
#include "tests/support/whole_reply.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace replmond::web {
namespace {

using test::small_fleet;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using std::chrono_literals::operator""h;

class site {
public:
    explicit site(small_fleet fleet) : fleet_(std::move(fleet)), router_("/metrics", sources()) {}

    http::http_reply get(const std::string& target, http::header_list headers = {}) const {
        http::http_request request;
        request.target = target;
        request.headers = std::move(headers);
        return test::whole_reply(router_, request);
    }
    std::string page(const std::string& query = "", int status = 200) const {
        const auto answer = get("/" + query);
        EXPECT_EQ(answer.status, status);
        EXPECT_EQ(http::find_header(answer.headers, "Content-Type"), "text/html; charset=utf-8");
        return answer.body;
    }

private:
    router_sources sources() {
        router_sources s;
        s.fleet = [this] { return fleet_.view(); };
        s.events = [this](const event_filter& wanted) {
            std::vector<const event*> found;
            for (const event* each : fleet_.latest()) {
                if (wanted.admits(*each, "") && found.size() < wanted.limit)
                    found.push_back(each);
            }
            return found;
        };
        s.facts = [] {
            daemon_facts facts;
            facts.started = test::noon - 50h;
            facts.addresses = "127.0.0.1:10930";
            facts.config_file = "/etc/replmond/replmond.yaml";
            facts.shard = "0/2";
            facts.ready = true;
            return facts;
        };
        s.count = [](std::string_view, int) {};
        return s;
    }

    small_fleet fleet_;
    router router_;
};

std::size_t count(const std::string& text, const std::string& part) {
    std::size_t found = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size()))
        ++found;
    return found;
}

// The keys of the task table's rows, in their order.
std::vector<std::string> rows(const std::string& page) {
    std::vector<std::string> found;
    const auto table = page.find("id=\"task-table\"");
    const std::string mark = "<tr data-key=\"";
    const auto end = page.find("</table>", table);
    for (auto at = page.find(mark, table); at < end; at = page.find(mark, at + 1)) {
        const auto first = at + mark.size();
        found.push_back(page.substr(first, page.find('"', first) - first));
    }
    return found;
}

void replace(std::string& text, std::string_view what, std::string_view with) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
        text.replace(at, what.size(), with);
}

// Of builds, only what they are like is compared.
std::string without_build(std::string page) {
    replace(page,
            std::string(version) + " (revision " + std::string(revision) + ", " + std::string(compiler) + ")",
            "BUILD");
    replace(page, translated(language::chinese, "{} (revision {}, {})", version, revision, compiler),
            "BUILD");
    for (const char* name : {"icon.svg", "icon-wrong.svg", "style.css", "script.js"})
        replace(page, std::string("?v=") + std::string(find_asset(name)->version), "?v=VERSION");
    return page;
}

void expect_golden(const std::string& name, const std::string& page) {
    const std::string path = std::string(REPLMOND_SOURCE_DIR) + "/tests/data/" + name;
    std::ifstream file(path, std::ios::binary);
    std::ostringstream golden;
    golden << file.rdbuf();
    if (golden.str().empty())
        std::ofstream(path, std::ios::binary) << page; // read it, then run this again
    EXPECT_EQ(page, golden.str());
}

TEST(StatusPage, OfASmallFleet) {
    expect_golden("status_page.html", without_build(site(test::one_of_each()).page()));
}

TEST(StatusPage, OfASmallFleetInChinese) {
    const auto answer = site(test::one_of_each()).get("/", {{"Accept-Language", "zh-CN,zh;q=0.9"}});
    expect_golden("status_page.zh-CN.html", without_build(answer.body));
}

// The text without what stands between the two, them included.
std::string without(std::string text, std::string_view from, std::string_view to) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos;)
        text.erase(at, text.find(to, at) + to.size() - at);
    return text;
}

// What a reader of Chinese sees in Latin letters: names, words of the API and of the log, units. A text that
// was forgotten is a run of English words.
TEST(StatusPage, InChineseHasNoEnglishText) {
    const site all(test::one_of_each());
    for (const char* target : {"/?lang=zh-CN&events=all", "/?lang=zh-CN&search=nothing-has-this",
                               "/task?lang=zh-CN&starrocks_instance=none&task=none"}) {
        std::string text = all.get(target).body;
        for (const auto& [from, to] : {std::pair("<script", "</script>"), std::pair("<title>", "</title>"),
                                       std::pair("<nav id=\"languages\"", "</nav>"),
                                       std::pair("<td data-label=\"内容\" lang=\"en\"", "</td>"),
                                       std::pair("<dd>", "</dd>"), std::pair("<pre>", "</pre>")})
            text = without(text, from, to);
        text = std::regex_replace(
            text, std::regex("<(span|a|dd)[^>]*class=\"[^\"]*(name|why)[^\"]*\"[^>]*>[^<]*</"), "<");
        text = std::regex_replace(text, std::regex("<[^>]*>"), "|");
        const std::regex words("[A-Za-z]{2,}( [A-Za-z]{2,})+");
        for (std::sregex_iterator at(text.begin(), text.end(), words), end; at != end; ++at)
            EXPECT_EQ(at->str(), "") << target;
    }
}

TEST(StatusPage, SpeaksTheLanguageThatIsAskedFor) {
    const site all(test::one_of_each());
    const auto lang_of = [&](const std::string& target, http::header_list headers) {
        const std::string page = all.get(target, std::move(headers)).body;
        const std::size_t at = page.find("<html lang=\"");
        return at == std::string::npos ? page : page.substr(at + 12, page.find('"', at + 12) - at - 12);
    };
    EXPECT_EQ(lang_of("/", {}), "en");
    EXPECT_EQ(lang_of("/", {{"Accept-Language", "zh"}}), "zh-CN");
    EXPECT_EQ(lang_of("/?lang=en", {{"Accept-Language", "zh"}}), "en");
    EXPECT_EQ(lang_of("/?lang=zh-CN", {{"Accept-Language", "en"}}), "zh-CN");
    EXPECT_EQ(lang_of("/?lang=fr", {{"Accept-Language", "zh"}}), "zh-CN");
    EXPECT_EQ(lang_of("/", {{"Cookie", "a=b; replmond_lang=zh-CN"}}), "zh-CN");
    EXPECT_EQ(lang_of("/", {{"Cookie", "replmond_lang=en"}, {"Accept-Language", "zh"}}), "en");
    EXPECT_EQ(lang_of("/", {{"Cookie", "replmond_language=zh; x"}}), "en");
    EXPECT_EQ(lang_of("/?lang=en", {{"Cookie", "replmond_lang=zh-CN"}}), "en");
    EXPECT_EQ(lang_of("/task?task=x&starrocks_instance=y", {{"Accept-Language", "zh"}}), "zh-CN");
    EXPECT_EQ(lang_of("/task", {{"Accept-Language", "zh"}}), "zh-CN");
}

TEST(StatusPage, RemembersTheLanguageThatWasChosen) {
    const site all(test::one_of_each());
    const auto answer = all.get("/?lang=zh&stage=full");
    EXPECT_EQ(http::find_header(answer.headers, "Set-Cookie"),
              "replmond_lang=zh-CN; Max-Age=31536000; SameSite=Lax; HttpOnly");
    EXPECT_EQ(http::find_header(answer.headers, "Vary"), "Accept-Language, Cookie");
    EXPECT_THAT(answer.body, HasSubstr("href=\"?stage=full&amp;lang=en\""));
    EXPECT_EQ(http::find_header(all.get("/").headers, "Set-Cookie"), "");
    EXPECT_EQ(http::find_header(all.get("/?lang=fr%0d%0aX:y").headers, "Set-Cookie"), "");
}

TEST(StatusPage, AFailureWithoutAStatusIsItsWordAlone) {
    test::small_fleet fleet;
    instance_state& far = fleet.add("far");
    far.last_result = poll_result::timeout;
    far.last_failure.emplace().error_msg = "no answer within 10s";
    const std::string page = site(std::move(fleet)).page();
    EXPECT_THAT(
        page, HasSubstr("<span class=\"badge bad\">timeout</span><span class=\"why\">no answer within 10s"));
}

TEST(StatusPage, ForbidsAllThatIsNotItsOwn) {
    const auto answer = site(test::one_of_each()).get("/");
    EXPECT_EQ(
        http::find_header(answer.headers, "Content-Security-Policy"),
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'");
    EXPECT_EQ(http::find_header(answer.headers, "X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(http::find_header(answer.headers, "Referrer-Policy"), "no-referrer");
    EXPECT_EQ(http::find_header(answer.headers, "Cache-Control"), "no-store");
    for (const char* inline_code : {" style=", "<style", " onclick", "javascript:"})
        EXPECT_THAT(answer.body, Not(HasSubstr(inline_code)));
    EXPECT_EQ(count(answer.body, "<script"), 1U);
}

// Links work behind a proxy that serves this below a path of its own.
TEST(StatusPage, HasOnlyRelativeLinks) {
    const std::string page = site(test::one_of_each()).page();
    for (const char* absolute : {"href=\"/", "src=\"/", "action=\"/", "href=\"http", "src=\"http"})
        EXPECT_THAT(page, Not(HasSubstr(absolute)));
}

// Whatever names and texts hold, tags and attributes are the same: nothing of them becomes markup.
TEST(StatusPage, HostileNamesStayText) {
    const auto tags = [](const std::string& page) { return count(page, "<") + 1000 * count(page, "\""); };
    const std::string plain = site(test::named("plain")).page();
    for (const char* text : {"<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>",
                             "' onmouseover='x", "&lt;b&gt;", "</td></table>", "javascript:alert(1)", "-->",
                             "]]>", "\xFF\xFE<b>", "\xE2\x80\xAE", "<!--", "{{7*7}}", "${7*7}"}) {
        const std::string page = site(test::named(text)).page();
        EXPECT_EQ(tags(page), tags(plain)) << text;
        EXPECT_EQ(test::fault_in_markup(page), "") << text;
        EXPECT_THAT(page, Not(HasSubstr("href=\"javascript"))) << text;
    }
}

TEST(Markup, TheCheckFindsWhatNamesWouldDo) {
    const std::string page = site(test::named("NAME")).page();
    for (const char* text : {"<script>", "<img src=\"x\">", "\" onclick=\"x", "\"><b>", "</td>", "<!--"}) {
        std::string broken = page;
        replace(broken, "NAME", text);
        EXPECT_NE(test::fault_in_markup(broken), "") << text;
    }
}

TEST(StatusPage, TheQueryStaysTextToo) {
    const site s(test::one_of_each());
    const std::string page =
        s.page("?search=%22%3E%3Cscript%3E&instance=%27%3Cb%3E&project=%3Ci%3E&utm=%3Cu%3E");
    for (const char* markup : {"\"><script>", "<b>'", "<i>", "<u>"})
        EXPECT_THAT(page, Not(HasSubstr(markup)));
    EXPECT_THAT(page, HasSubstr("value=\"&quot;&gt;&lt;script&gt;\""));
    EXPECT_THAT(page, HasSubstr("No task fits this filter."));
}

TEST(StatusPage, ShowsAMistakeAndEverything) {
    const std::string page = site(test::one_of_each()).page("?status=%3Cb%3E", 400);
    EXPECT_THAT(page, HasSubstr("<p class=\"mistake\" role=\"alert\">status: expected normal, abnormal or "
                                "unknown; yes and no work too</p>"));
    EXPECT_EQ(rows(page).size(), 8U);
}

TEST(StatusPage, FiltersAndSorts) {
    const site s(test::one_of_each());
    EXPECT_EQ(rows(s.page()).front(), "orders/sync_customers"); // abnormal first
    EXPECT_EQ(rows(s.page("?status=no")), std::vector<std::string>{"orders/sync_customers"});
    EXPECT_EQ(rows(s.page("?condition=no_progress")).size(), 2U);
    EXPECT_EQ(rows(s.page("?sort=-task")).front(), "orders/sync_waiting");
    const std::string sorted = s.page("?sort=task&status=yes");
    EXPECT_THAT(sorted, HasSubstr("<th scope=\"col\" aria-sort=\"ascending\"><a "
                                  "href=\"?status=yes&amp;sort=-task#tasks\">Task</a></th>"));
    EXPECT_THAT(sorted, HasSubstr("<option value=\"yes\" selected>normal</option>"));
    EXPECT_THAT(
        s.page("?sort=stage_changed"), // longest first
        HasSubstr("aria-sort=\"descending\"><a href=\"?sort=-stage_changed#tasks\">In this state</a>"));
}

TEST(StatusPage, TurnsPages) {
    const site s(test::many(25, 40));
    const std::string first = s.page();
    EXPECT_EQ(rows(first).size(), 100U);
    EXPECT_EQ(rows(first).back(), "i1024/t1000990"); // the hundred abnormal ones
    EXPECT_THAT(first,
                HasSubstr("<span>1–100 of 1000</span>\n<a rel=\"next\" href=\"?offset=100#tasks\">Next</a>"));
    EXPECT_THAT(
        first,
        HasSubstr("<span>1–10 of 25</span>\n<a rel=\"next\" href=\"?instances_offset=10#instances\">"));
    EXPECT_THAT(first, Not(HasSubstr("Previous")));
    const std::string last = s.page("?status=yes&offset=800&instances_offset=20");
    EXPECT_EQ(rows(last).size(), 100U);
    EXPECT_THAT(
        last,
        HasSubstr("<a rel=\"prev\" href=\"?status=yes&amp;offset=700&amp;instances_offset=20#tasks\">"));
    EXPECT_THAT(last, HasSubstr("<span>801–900 of 900</span>\n</nav>"));
    EXPECT_THAT(last, HasSubstr("<span>21–25 of 25</span>\n</nav>"));
    EXPECT_THAT(s.page("?offset=5000"), HasSubstr("There is nothing on this page."));
    EXPECT_THAT(s.page("?offset=1000"), HasSubstr("<span>nothing on this page</span>"));
    for (const char* offset : {"1", "50", "100"}) // the page before begins at the first task
        EXPECT_THAT(s.page(std::string("?offset=") + offset),
                    HasSubstr("<a rel=\"prev\" href=\"./#tasks\">Previous</a>"));
}

TEST(StatusPage, TurnsPagesOfInstancesWhereThereAreMoreThanTen) {
    const std::string pages = "aria-label=\"Pages of instances\"";
    EXPECT_THAT(site(test::many(10, 1)).page(), Not(HasSubstr(pages)));
    EXPECT_THAT(site(test::many(11, 1)).page(), HasSubstr(pages));
    EXPECT_THAT(site(test::many(10, 1)).page("?instances_offset=1"), HasSubstr(pages));
}

TEST(StatusPage, SuggestsTheNamesOf200Instances) {
    const std::string page = site(test::many(201, 0)).page();
    const std::size_t begin = page.find("<datalist id=\"instance-names\">");
    const std::string names = page.substr(begin, page.find("</datalist>") - begin);
    EXPECT_EQ(count(names, "<option value=\"i"), 200U);
}

TEST(StatusPage, AnOrderThatIsNotInTheListIsAddedToIt) {
    EXPECT_THAT(site(test::one_of_each()).page("?sort=-task"),
                HasSubstr("<option selected value=\"-task\">-task</option>"));
}

TEST(StatusPage, APollThatIsDueIsNow) {
    small_fleet fleet;
    fleet.add("due").next_poll = test::noon;
    EXPECT_THAT(site(std::move(fleet)).page(), HasSubstr("<td data-label=\"Next poll\">now<span"));
}

std::string without_entities(std::string text) {
    for (const auto& [entity, character] :
         {std::pair("&lt;", "<"), std::pair("&gt;", ">"), std::pair("&quot;", "\""), std::pair("&amp;", "&")})
        text = std::regex_replace(text, std::regex(entity), character);
    return text;
}

// What it says to write is a configuration that is valid.
TEST(StatusPage, ShowsTheFirstStepsAsAConfiguration) {
    for (const char* query : {"?lang=en", "?lang=zh-CN"}) {
        const std::string page = site(small_fleet()).page(query);
        const std::size_t begin = page.find("<pre>") + 5;
        const std::string shown = without_entities(page.substr(begin, page.find("</pre>") - begin));
        EXPECT_THAT(shown, HasSubstr("\n  - name: orders\n"));
        config::lookup from;
        from.environment = [](const std::string&) { return std::nullopt; };
        from.read_file = [](const std::string&) { return config::file_outcome{"key", {}}; };
        const auto outcome = config::load_text(shown, "example", from);
        EXPECT_THAT(config::messages(outcome), IsEmpty()) << shown;
        ASSERT_TRUE(outcome.loaded);
        EXPECT_EQ(outcome.loaded->instances.size(), 1U);
    }
}

TEST(StatusPage, SaysSoWhenThereIsNothing) {
    const std::string bare = site(small_fleet()).page();
    EXPECT_THAT(bare, HasSubstr("<h2 id=\"wrong-title\">No instance is watched.</h2>"));
    EXPECT_THAT(bare, HasSubstr("Write what to watch into <code>/etc/replmond/replmond.yaml</code>"));
    EXPECT_THAT(bare, HasSubstr("<code>replmond check-config /etc/replmond/replmond.yaml</code>"));
    EXPECT_THAT(bare, Not(HasSubstr("id=\"instances\"")));
    EXPECT_THAT(bare, HasSubstr("There are no tasks."));
    EXPECT_THAT(bare, HasSubstr("No warning and no error is among the stored events."));
    EXPECT_THAT(site(small_fleet()).page("?events=all"), HasSubstr("Nothing has happened yet."));
    EXPECT_THAT(bare, HasSubstr("<title>replmond</title>"));
    EXPECT_THAT(bare, HasSubstr("<li class=\"none\"><a href=\"?condition=abnormal#tasks\">"));
    EXPECT_THAT(bare, HasSubstr("<span>none</span>"));
    small_fleet fresh;
    fresh.add("orders");
    const std::string page = site(std::move(fresh)).page();
    EXPECT_THAT(page, HasSubstr("not polled yet"));
    EXPECT_THAT(page, HasSubstr("No task is known yet."));
}

TEST(Assets, AreServedToBeKept) {
    const site s{small_fleet()};
    const std::string page = s.page();
    const std::string wrong = site(test::one_of_each()).page();
    for (const char* name : {"icon.svg", "icon-wrong.svg", "style.css", "script.js"}) {
        const std::string link = link_to_asset(name);
        EXPECT_THAT(name == std::string("icon-wrong.svg") ? wrong : page, HasSubstr("\"" + link + "\""));
        const auto answer = s.get(link.substr(1));
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(http::find_header(answer.headers, "Content-Type"), find_asset(name)->type);
        EXPECT_EQ(http::find_header(answer.headers, "Cache-Control"), "public, max-age=31536000, immutable");
        EXPECT_EQ(http::find_header(answer.headers, "X-Content-Type-Options"), "nosniff");
        std::ifstream file(std::string(REPLMOND_SOURCE_DIR) + "/daemon/core/web/assets/" + name,
                           std::ios::binary);
        std::ostringstream content;
        content << file.rdbuf();
        EXPECT_EQ(answer.body, content.str());
        const std::string tag(http::find_header(answer.headers, "ETag"));
        const auto again = s.get(std::string("/assets/") + name, {{"If-None-Match", tag}});
        EXPECT_EQ(again.status, 304);
        EXPECT_EQ(again.body, "");
        EXPECT_EQ(http::find_header(again.headers, "ETag"), tag);
        EXPECT_EQ(http::find_header(again.headers, "Cache-Control"), "no-cache"); // no version in the link
        EXPECT_EQ(s.get(std::string("/assets/") + name, {{"If-None-Match", "\"other\""}}).status, 200);
    }
    EXPECT_EQ(s.get("/assets/").status, 404);
    EXPECT_EQ(s.get("/assets/../config").status, 404);
}

} // namespace
} // namespace replmond::web
