// Routes requests to their answers: paths, methods, formats, refusals. Long bodies are begun here and made by
// core/http/reply_queue.

#include "daemon/core/web/router.hpp"

#include "daemon/core/metrics/scrape.hpp"
#include "daemon/core/model/text.hpp"
#include "daemon/core/web/api.hpp"
#include "daemon/core/web/assets.hpp"
#include "daemon/core/web/language.hpp"
#include "daemon/core/web/one_task_page.hpp"
#include "daemon/core/web/query_string.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace replmond::web {

namespace {

constexpr std::string_view plain_text = "text/plain; charset=utf-8";
constexpr std::string_view json_type = "application/json";
constexpr std::string_view html_type = "text/html; charset=utf-8";

constexpr std::string_view api_prefix = "/api/";
constexpr std::string_view asset_prefix = "/assets/";
constexpr std::string_view reload_path = "/-/reload";
constexpr std::string_view assets_handler = "/assets"; // the label `handler` of all assets
constexpr std::array<std::string_view, 10> fixed_paths = {"/",
                                                          "/task",
                                                          "/config",
                                                          "/api/v1/tasks",
                                                          "/api/v1/instances",
                                                          "/api/v1/events",
                                                          "/api/v1/summary",
                                                          "/-/healthy",
                                                          "/-/ready",
                                                          reload_path};

// Content-Security-Policy of the pages: nothing from other origins and nothing inline, but for images of
// `data:`, since the script draws the icon. So even if a name were not escaped, it could neither run a script
// nor load anything.
constexpr std::string_view page_policy =
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

// The language of the pages: a parameter for once, which is remembered in a cookie.
constexpr std::string_view language_parameter = "lang";
constexpr std::string_view language_cookie = "replmond_lang";

std::string_view path_of(const http::http_request& request) {
    return std::string_view(request.target).substr(0, request.target.find('?'));
}

// All paths are read with GET or HEAD, except reload, which changes something and needs POST.
bool is_allowed(std::string_view handler, std::string_view method) {
    if (method == "OPTIONS")
        return true;
    if (handler == reload_path)
        return method == "POST";
    return method == "GET" || method == "HEAD";
}

std::string_view allowed_methods(std::string_view handler) {
    return handler == reload_path ? "POST, OPTIONS" : "GET, HEAD, OPTIONS";
}

http::http_reply options_answer(std::string_view handler) {
    http::http_reply answer;
    answer.status = 204;
    answer.headers.emplace_back("Allow", allowed_methods(handler));
    return answer;
}

http::http_reply with_body(int status, std::string_view type, std::string body) {
    http::http_reply answer;
    answer.status = status;
    answer.headers.emplace_back("Content-Type", type);
    answer.headers.emplace_back("X-Content-Type-Options", "nosniff");
    answer.body = std::move(body);
    return answer;
}

// An error answer: JSON below /api/, else plain text.
http::http_reply refusal(std::string_view path, int status, std::string_view why) {
    if (path.starts_with(api_prefix))
        return with_body(status, json_type, error_json(why));
    return with_body(status, plain_text, std::string(why) + '\n');
}

using work = std::function<std::unique_ptr<http::reply_body>()>;

routed_reply with_work(int status, std::string_view type, work make) {
    routed_reply reply(with_body(status, type, {}));
    reply.work = std::move(make);
    return reply;
}

// 400 if the query is wrong; otherwise an answer whose body `begin` makes from the query.
template<class Query, class Begin>
routed_reply reply_to(std::variant<Query, std::string> read, Begin begin) {
    if (const auto* mistake = std::get_if<std::string>(&read))
        return with_body(400, json_type, error_json(*mistake));
    return with_work(200, json_type,
                     [query = std::get<Query>(std::move(read)), begin] { return begin(query); });
}

// Lists change with every poll, so they must not be cached (RFC 9111 5.2.2.5).
void forbid_keeping(http::http_reply& answer) {
    answer.headers.emplace_back("Cache-Control", "no-store");
}

// If the request has the current version, the asset may be cached without limit (immutable, RFC 8246).
// Without a version, or with another one, caches must revalidate it (no-cache), for which it has an ETag (RFC
// 9110 8.8.3 and 13.1.2).
http::http_reply asset_answer(const asset& file, const http::http_request& request) {
    const std::string tag = '"' + std::string(file.version) + '"';
    const bool known =
        http::find_header(request.headers, "If-None-Match").find(tag) != std::string_view::npos;
    http::http_reply answer =
        known ? http::http_reply{304, {}, {}, {}} : with_body(200, file.type, std::string(file.content));
    const bool named = request.target.ends_with("?v=" + std::string(file.version));
    answer.headers.emplace_back("ETag", tag);
    answer.headers.emplace_back("Cache-Control", named ? "public, max-age=31536000, immutable" : "no-cache");
    return answer;
}

// The language that the page was asked for in its query.
std::optional<language> chosen_language(std::string_view target) {
    const auto parameters = parse_query_string(target);
    if (!parameters)
        return std::nullopt;
    for (const auto& [name, value] : *parameters) {
        if (name == language_parameter)
            return parse_language(value);
    }
    return std::nullopt;
}

// The language that a reader chose before: a cookie (RFC 6265 5.4).
std::optional<language> remembered_language(const http::http_request& request) {
    const std::string cookies = http::joined_header(request.headers, "Cookie");
    std::string_view rest = cookies;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find(';'), rest.size());
        const std::string_view each = trimmed(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
        if (each.starts_with(language_cookie) && each.substr(language_cookie.size()).starts_with('='))
            return parse_language(each.substr(language_cookie.size() + 1));
    }
    return std::nullopt;
}

language language_of(const http::http_request& request) {
    if (const auto chosen = chosen_language(request.target))
        return *chosen;
    if (const auto remembered = remembered_language(request))
        return *remembered;
    return preferred_language(http::joined_header(request.headers, "Accept-Language"));
}

} // namespace

router::router(std::string telemetry_path, router_sources sources, site_policy policy)
    : telemetry_path_(std::move(telemetry_path)), sources_(std::move(sources)), policy_(std::move(policy)) {}

routed_reply router::answer(const http::http_request& request) const {
    if (auto refused = objection(request))
        return std::move(*refused);
    const std::string_view handler = handler_of(path_of(request));
    routed_reply found =
        request.method == "OPTIONS" ? routed_reply(options_answer(handler)) : route(handler, request);
    found.handler = handler;
    // RFC 9110 9.3.2: an answer to HEAD may lack headers that are only known once the body is made.
    if (found.work && request.method == "HEAD" && !found.is_scrape) {
        found.work = nullptr;
        found.answer.has_length = false;
    }
    if (found.work)
        found.key =
            fmt::format("{} {}", handler, found.key.empty() ? sorted_query(request.target) : found.key);
    else
        sources_.count(handler, found.answer.status);
    return found;
}

http::http_reply router::failed(const routed_reply& reply, int status, std::string_view why) {
    return refusal(reply.handler, status, why);
}

std::optional<http::http_reply> router::objection(const http::http_request& request) const {
    const std::string_view path = path_of(request);
    const std::string_view handler = handler_of(path);
    http::http_reply refused;
    if (handler.empty()) {
        refused = refusal(path, 404, "not found");
    } else if (!is_allowed(handler, request.method)) {
        refused = refusal(path, 405, "method not allowed");
        refused.headers.emplace_back("Allow", allowed_methods(handler));
    } else if (const auto why = site_objection(handler, request)) {
        refused = refusal(path, 403, *why);
    } else {
        return std::nullopt;
    }
    sources_.count(handler.empty() ? "other" : handler, refused.status);
    return refused;
}

// The metrics and the probes answer to any Host (the contract, HTTP): they have no secrets and change
// nothing.
std::optional<std::string_view> router::site_objection(std::string_view handler,
                                                       const http::http_request& request) const {
    if (handler == telemetry_path_ || handler == "/-/healthy" || handler == "/-/ready")
        return std::nullopt;
    if (handler == reload_path)
        return objection_to_reload(request, policy_);
    return objection_to_page(request, policy_);
}

std::string_view router::count_failure(const http::http_request& request) const {
    const std::string_view known = handler_of(path_of(request));
    const std::string_view handler = known.empty() ? "other" : known;
    sources_.count(handler, 500);
    return handler;
}

routed_reply router::metrics_reply(const http::http_request& request) const {
    const metrics::format as = metrics::choose_format(http::joined_header(request.headers, "Accept"));
    const bool packed = metrics::accepts_gzip(http::joined_header(request.headers, "Accept-Encoding"));
    metrics::gzip_packer* packer = packed ? &packers_[as == metrics::format::open_metrics ? 1 : 0] : nullptr;
    routed_reply reply = with_work(200, metrics::content_type(as), [this, as, packer] {
        return metrics::metrics_body({sources_.refresh_metrics, sources_.metrics}, as, packer);
    });
    reply.key = fmt::format("{}{}", metrics::content_type(as), packed ? " gzip" : "");
    reply.is_scrape = true;
    if (packed)
        reply.answer.headers.emplace_back("Content-Encoding", "gzip");
    reply.answer.headers.emplace_back("Vary", "Accept, Accept-Encoding"); // RFC 9110 12.5.5
    return reply;
}

http::http_reply router::reload_reply() const {
    if (!sources_.reload)
        return with_body(403, plain_text, "reloading over HTTP is not enabled\n");
    const std::string mistakes = sources_.reload();
    if (!mistakes.empty())
        return with_body(500, plain_text, mistakes + '\n');
    return with_body(200, plain_text, "the configuration is reloaded\n");
}

// The label `handler` of a path, which is counted in replmond_http_requests_total; empty if there is no such
// path.
std::string_view router::handler_of(std::string_view path) const {
    if (path == telemetry_path_)
        return telemetry_path_;
    const auto fixed = std::find(fixed_paths.begin(), fixed_paths.end(), path);
    if (fixed != fixed_paths.end())
        return *fixed;
    if (path.starts_with(asset_prefix) && find_asset(path.substr(asset_prefix.size())) != nullptr)
        return assets_handler;
    return {};
}

routed_reply router::route(std::string_view handler, const http::http_request& request) const {
    if (handler == telemetry_path_)
        return metrics_reply(request);
    if (handler == "/config") {
        routed_reply reply = with_work(200, plain_text, sources_.config);
        reply.key = "any query";
        return reply;
    }
    if (handler == "/-/healthy")
        return with_body(200, plain_text, "replmond is healthy\n");
    if (handler == "/-/ready") {
        const bool ready = sources_.ready();
        return with_body(ready ? 200 : 503, plain_text,
                         ready ? "replmond is ready\n" : "replmond is not ready\n");
    }
    if (handler == reload_path)
        return reload_reply();
    if (handler == assets_handler)
        return asset_answer(*find_asset(path_of(request).substr(asset_prefix.size())), request);
    if (handler == "/")
        return page_reply(request);
    if (handler == "/task")
        return task_reply(request);
    routed_reply found = api(handler, request);
    forbid_keeping(found.answer);
    return found;
}

routed_reply router::api(std::string_view handler, const http::http_request& request) const {
    const std::string& target = request.target;
    if (handler == "/api/v1/tasks")
        return reply_to(parse_task_query(target),
                        [this](const task_query& query) { return tasks_body(sources_.fleet, query); });
    if (handler == "/api/v1/instances")
        return reply_to(parse_instance_query(target), [this](const instance_query& query) {
            return instances_body(sources_.fleet, query);
        });
    if (handler == "/api/v1/events")
        return reply_to(parse_event_filter(target), [this](const event_filter& wanted) {
            return events_body([this, wanted] { return sources_.events(wanted); });
        });
    return reply_to(parse_no_query(target), [this](const no_query&) { return summary_body(sources_.fleet); });
}

daemon_facts router::facts() const {
    daemon_facts known = sources_.facts();
    known.telemetry_path = telemetry_path_;
    return known;
}

// A page names things of the fleet, so that no other site may frame it or learn its address from a link.
void router::protect_page(routed_reply& reply, const http::http_request& request) {
    reply.answer.headers.emplace_back("Content-Security-Policy", page_policy);
    reply.answer.headers.emplace_back("Referrer-Policy", "no-referrer");
    reply.answer.headers.emplace_back("Vary", "Accept-Language, Cookie"); // RFC 9110 12.5.5
    if (const auto chosen = chosen_language(request.target))
        reply.answer.headers.emplace_back(
            "Set-Cookie",
            fmt::format("{}={}; Max-Age=31536000; SameSite=Lax; HttpOnly", language_cookie, tag_of(*chosen)));
    forbid_keeping(reply.answer);
}

page_sources router::sources_of_pages() const {
    page_sources sources;
    sources.fleet = sources_.fleet;
    sources.events = sources_.events;
    sources.facts = [this] { return facts(); };
    return sources;
}

// Whether there is such a task decides the status, so it is looked up at once. A page about nothing is short.
routed_reply router::task_reply(const http::http_request& request) const {
    const auto read = parse_one_task_query(request.target);
    const language in = language_of(request);
    const fleet_view fleet = sources_.fleet();
    const auto* query = std::get_if<one_task_query>(&read);
    routed_reply reply;
    if (query == nullptr) {
        reply = with_body(400, html_type, no_task_page(std::get<std::string>(read), fleet.now, facts(), in));
    } else if (find_task(fleet, *query).of == nullptr) {
        reply = with_body(404, html_type, no_task_page(*query, fleet.now, facts(), in));
    } else {
        reply = with_work(200, html_type, [this, shown = *query, in] {
            return one_task_page(sources_of_pages(), shown, in);
        });
        reply.key = fmt::format("{} {}", tag_of(in),
                                link_to_task(query->project, query->starrocks_instance, query->task));
    }
    protect_page(reply, request);
    return reply;
}

routed_reply router::page_reply(const http::http_request& request) const {
    const auto read = parse_page_query(request.target);
    const auto* query = std::get_if<page_query>(&read);
    const std::string mistake = query == nullptr ? std::get<std::string>(read) : "";
    const language in = language_of(request);
    routed_reply reply = with_work(query == nullptr ? 400 : 200, html_type,
                                   [this, shown = query == nullptr ? page_query() : *query, mistake, in] {
                                       return status_page(sources_of_pages(), shown, mistake, in);
                                   });
    reply.key = fmt::format("{} {}", tag_of(in), query == nullptr ? mistake : link_to(*query));
    protect_page(reply, request);
    return reply;
}

} // namespace replmond::web
