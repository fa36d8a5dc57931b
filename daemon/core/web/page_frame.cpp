// What all pages have in common: head, banner with the navigation, facts about the daemon at the end.

#include "daemon/core/web/page_frame.hpp"

#include "daemon/core/model/version.hpp"
#include "daemon/core/web/assets.hpp"
#include "daemon/core/web/html.hpp"
#include "daemon/core/web/query_string.hpp"

#include <fmt/format.h>

namespace replmond::web {

namespace {

std::string title_of(const page_frame& frame) {
    std::string title = frame.title.empty() ? "replmond" : frame.title + " – replmond";
    return frame.wrong > 0 ? fmt::format("({}) {}", frame.wrong, title) : title;
}

void append_fact(std::string& page, std::string_view name, std::string_view value) {
    html(page).raw("<div><dt>").text(name).raw("</dt><dd>").text(value).raw("</dd></div>\n");
}

void append_link(html& out, std::string_view to, std::string_view text) {
    out.raw("<a").attribute("href", to).raw(">").text(text).raw("</a>\n");
}

} // namespace

void append_page_begin(std::string& page, const page_frame& frame) {
    html out(page);
    out.raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
            "<meta name=\"color-scheme\" content=\"light dark\">\n<title>")
        .text(title_of(frame))
        .raw("</title>\n<link rel=\"icon\" type=\"image/svg+xml\"")
        .attribute("href", link_to_asset(frame.wrong > 0 ? "icon-wrong.svg" : "icon.svg"))
        .raw(">\n<link rel=\"stylesheet\"")
        .attribute("href", link_to_asset("style.css"))
        .raw(">\n<script defer")
        .attribute("src", link_to_asset("script.js"))
        .raw("></script>\n</head>\n<body")
        .attribute("data-wrong", std::to_string(frame.wrong))
        .raw(">\n<a class=\"skip\" href=\"#main\">Skip to the content</a>\n<header>\n");
    out.raw(frame.is_start ? "<h1>replmond</h1>\n" : "<p class=\"product\"><a href=\"./\">replmond</a></p>\n")
        .raw("<p class=\"about\">Data synchronization from TaurusDB to StarRocks</p>\n")
        .raw("<nav aria-label=\"Daemon\">\n");
    if (!frame.daemon.grafana_url.empty())
        append_link(out, frame.daemon.grafana_url + "/d/replmond-fleet", "Boards");
    append_link(out, "." + frame.daemon.telemetry_path, "Metrics");
    append_link(out, "./config", "Configuration");
    append_link(out, "./-/ready", "Ready");
    append_link(out, "./-/healthy", "Healthy");
    out.raw("</nav>\n<p id=\"live\">As of ").moment(frame.now).raw("</p>\n</header>\n");
    out.raw("<main id=\"main\" tabindex=\"-1\">\n");
}

void append_page_end(std::string& page, const daemon_facts& daemon, timestamp now) {
    html(page).raw("</main>\n<footer>\n<h2>Daemon</h2>\n<dl>\n");
    append_fact(page, "Version", fmt::format("{} (revision {}, {})", version, revision, compiler));
    append_fact(page, "Up for", age_text(now - daemon.started));
    append_fact(page, "Ready", daemon.ready ? "yes" : "no");
    append_fact(page, "Listens on", daemon.addresses);
    append_fact(page, "Configuration", daemon.config_file);
    append_fact(page, "State", daemon.state_path.empty() ? "in memory" : daemon.state_path);
    if (!daemon.shard.empty())
        append_fact(page, "Shard", daemon.shard);
    html(page).raw("</dl>\n</footer>\n</body>\n</html>\n");
}

std::string link_to_task_board(const daemon_facts& daemon, std::string_view project,
                               std::string_view instance, std::string_view task) {
    if (daemon.grafana_url.empty())
        return {};
    return fmt::format("{}/d/replmond-task?var-project={}&var-starrocks_instance={}&var-task={}",
                       daemon.grafana_url, encode_query_value(project), encode_query_value(instance),
                       encode_query_value(task));
}

} // namespace replmond::web
