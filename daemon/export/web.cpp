#include "daemon/export/web.hpp"

#include "daemon/export/event_line.hpp"
#include "daemon/export/gzip.hpp"
#include "daemon/model/version.hpp"

#include <fmt/format.h>

#include <utility>

namespace replmond::exposition {
namespace {

constexpr std::string_view plain_text = "text/plain; charset=utf-8";
constexpr std::string_view json = "application/json";
constexpr std::string_view html = "text/html; charset=utf-8";

constexpr std::string_view reload_path = "/-/reload";

// Everything is read with GET; only a reload changes something.
bool is_allowed(std::string_view handler, std::string_view method) {
    if (handler == reload_path)
        return method == "POST";
    return method == "GET" || method == "HEAD";
}

net::http_answer with_body(int status, std::string_view type, std::string body) {
    net::http_answer answer;
    answer.status = status;
    answer.headers.emplace_back("Content-Type", type);
    answer.headers.emplace_back("X-Content-Type-Options", "nosniff");
    answer.body = std::move(body);
    return answer;
}

} // namespace

web::web(std::string telemetry_path, web_sources sources)
    : telemetry_path_(std::move(telemetry_path)), sources_(std::move(sources)) {}

net::http_answer web::answer(const net::http_request& request) const {
    const std::string_view path = std::string_view(request.target).substr(0, request.target.find('?'));
    routed found = route(path, request);
    const bool known = found.answer.status != 404;
    if (known && !is_allowed(found.handler, request.method)) {
        found.answer = with_body(405, plain_text, "method not allowed\n");
        found.answer.headers.emplace_back("Allow", found.handler == reload_path ? "POST" : "GET, HEAD");
    }
    sources_.count(found.handler, found.answer.status);
    return std::move(found.answer);
}

net::http_answer web::metrics_answer(const net::http_request& request) const {
    const format as = choose_format(net::find_header(request.headers, "Accept"));
    const bool packed = accepts_gzip(net::find_header(request.headers, "Accept-Encoding"));
    net::http_answer answer = with_body(200, content_type(as), {});
    const std::string kind = fmt::format("{}{}", content_type(as), packed ? " gzip" : "");
    if (sources_.now)
        answer.shared = shared_.get(kind, sources_.now(), [&] { return metrics_text(as, packed); });
    else
        answer.body = metrics_text(as, packed);
    if (packed)
        answer.headers.emplace_back("Content-Encoding", "gzip");
    answer.headers.emplace_back("Vary", "Accept, Accept-Encoding");
    return answer;
}

std::string web::metrics_text(format as, bool packed) const {
    std::string text = sources_.metrics(as);
    if (as == format::open_metrics)
        text += "# EOF\n";
    return packed ? gzip(text) : text;
}

net::http_answer web::events_answer(const net::http_request& request) const {
    const auto wanted = parse_event_filter(request.target);
    if (const auto* mistake = std::get_if<std::string>(&wanted)) {
        std::string body = R"({"status":"error","error":)";
        append_json_string(body, *mistake);
        return with_body(400, json, body + "}\n");
    }
    return with_body(200, json,
                     R"({"status":"success","data":)" + sources_.events(std::get<event_filter>(wanted)) +
                         "}\n");
}

net::http_answer web::reload_answer(const net::http_request& request) const {
    if (!sources_.reload)
        return with_body(403, plain_text, "reloading over HTTP is not enabled\n");
    if (request.method != "POST")
        return {}; // answered by 405
    const std::string mistakes = sources_.reload();
    if (!mistakes.empty())
        return with_body(500, plain_text, mistakes + '\n');
    return with_body(200, plain_text, "the configuration is reloaded\n");
}

web::routed web::route(std::string_view path, const net::http_request& request) const {
    if (path == telemetry_path_)
        return {telemetry_path_, metrics_answer(request)};
    if (path == "/config")
        return {"/config", with_body(200, plain_text, sources_.config())};
    if (path == "/api/v1/events")
        return {"/api/v1/events", events_answer(request)};
    if (path == "/-/healthy")
        return {"/-/healthy", with_body(200, plain_text, "replmond is healthy\n")};
    if (path == "/-/ready") {
        const bool ready = sources_.ready();
        return {"/-/ready", with_body(ready ? 200 : 503, plain_text,
                                      ready ? "replmond is ready\n" : "replmond is not ready\n")};
    }
    if (path == reload_path)
        return {reload_path, reload_answer(request)};
    if (path == "/")
        return {"/", with_body(200, html, landing_page())};
    return {"other", with_body(404, plain_text, "not found\n")};
}

std::string web::landing_page() const {
    return fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>replmond</title></head>\n"
        "<body>\n<h1>replmond</h1>\n"
        "<p>Watches data synchronization from TaurusDB to StarRocks. Version {}.</p>\n{}"
        "<ul>\n<li><a href=\"{}\">Metrics</a></li>\n<li><a href=\"/config\">Configuration</a></li>\n"
        "<li><a href=\"/-/healthy\">Healthy</a></li>\n"
        "<li><a href=\"/-/ready\">Ready</a></li>\n</ul>\n</body>\n</html>\n",
        escape_html(version), sources_.landing_facts(), escape_html(telemetry_path_));
}

std::string escape_html(std::string_view text) {
    std::string escaped;
    escaped.reserve(text.size());
    for (const char c : text) {
        switch (c) {
        case '&':
            escaped += "&amp;";
            break;
        case '<':
            escaped += "&lt;";
            break;
        case '>':
            escaped += "&gt;";
            break;
        case '"':
            escaped += "&quot;";
            break;
        case '\'':
            escaped += "&#39;";
            break;
        default:
            escaped += c;
        }
    }
    return escaped;
}

} // namespace replmond::exposition
