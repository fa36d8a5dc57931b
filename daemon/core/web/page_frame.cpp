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

void append_fact(html& out, std::string_view name, std::string_view value) {
    out.raw("<div><dt>").words(name).raw("</dt><dd>").text(value).raw("</dd></div>\n");
}

void append_link(html& out, std::string_view to, std::string_view text) {
    out.raw("<a").attribute("href", to).raw(">").words(text).raw("</a>\n");
}

// The script needs no table to be English.
void append_script_texts(html& out) {
    if (out.in() != language::english)
        out.raw("<script type=\"application/json\" id=\"texts\">")
            .raw(script_texts_json(out.in()))
            .raw("</script>\n");
}

// Each language in its own words, so that a reader finds it on a page in the other one.
void append_languages(html& out, std::string_view self) {
    const char separator = self.find('?') == std::string_view::npos ? '?' : '&';
    const auto append = [&](language each, std::string_view name) {
        const std::string_view tag = tag_of(each);
        out.raw("<a")
            .attribute("href", fmt::format("{}{}lang={}", self, separator, tag))
            .attribute("lang", tag);
        out.attribute("hreflang", tag).raw(each == out.in() ? " aria-current=\"true\">" : ">");
        out.text(name).raw("</a>\n");
    };
    out.raw("<nav id=\"languages\"").attribute("aria-label", translated(out.in(), "Language")).raw(">\n");
    append(language::english, "English");
    append(language::chinese, "中文");
    out.raw("</nav>\n");
}

} // namespace

void append_page_begin(std::string& page, const page_frame& frame) {
    html out(page, frame.in);
    out.raw("<!DOCTYPE html>\n<html")
        .attribute("lang", tag_of(frame.in))
        .raw(">\n<head>\n<meta charset=\"utf-8\">\n"
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
        .raw(">\n<a class=\"skip\" href=\"#main\">")
        .words("Skip to the content")
        .raw("</a>\n<header>\n");
    out.raw(frame.is_start ? "<h1>replmond</h1>\n" : "<p class=\"product\"><a href=\"./\">replmond</a></p>\n")
        .raw("<p class=\"about\">")
        .words("Data synchronization from TaurusDB to StarRocks")
        .raw("</p>\n<nav")
        .attribute("aria-label", translated(frame.in, "Daemon"))
        .raw(">\n");
    if (!frame.daemon.grafana_url.empty())
        append_link(out, frame.daemon.grafana_url + "/d/replmond-fleet", "Boards");
    append_link(out, "." + frame.daemon.telemetry_path, "Metrics");
    append_link(out, "./config", "Configuration");
    append_link(out, "./-/ready", "Ready");
    append_link(out, "./-/healthy", "Healthy");
    out.raw("</nav>\n<p id=\"live\">").words("As of ").moment(frame.now).raw("</p>\n</header>\n");
    out.raw("<main id=\"main\" tabindex=\"-1\">\n");
}

void append_page_end(std::string& page, const daemon_facts& daemon, timestamp now, language in,
                     std::string_view self) {
    html out(page, in);
    out.raw("</main>\n<footer>\n<h2>").words("Daemon").raw("</h2>\n<dl>\n");
    append_fact(out, "Version", translated(in, "{} (revision {}, {})", version, revision, compiler));
    append_fact(out, "Up for", age_text(now - daemon.started, in));
    append_fact(out, "Is ready", translated(in, daemon.ready ? "yes" : "no"));
    append_fact(out, "Listens on", daemon.addresses);
    append_fact(out, "Configuration", daemon.config_file);
    append_fact(out, "State file",
                daemon.state_path.empty() ? translated(in, "in memory")
                                          : std::string_view(daemon.state_path));
    if (!daemon.shard.empty())
        append_fact(out, "Shard", daemon.shard);
    out.raw("</dl>\n");
    append_languages(out, self);
    out.raw("</footer>\n");
    append_script_texts(out);
    out.raw("</body>\n</html>\n");
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
