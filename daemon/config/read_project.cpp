#include "daemon/config/read_project.hpp"

#include "daemon/config/duration.hpp"
#include "daemon/config/pem.hpp"
#include "daemon/config/read_auth.hpp"
#include "daemon/config/read_words.hpp"
#include "daemon/config/url.hpp"
#include "daemon/model/pattern.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace replmond::config {
namespace {

constexpr duration_range discovery_interval{"1s", "24h", "10m"};
constexpr int most_requests = 1'000'000;
constexpr milliseconds shortest_window = std::chrono::seconds(1);
constexpr milliseconds longest_window = std::chrono::hours(24);
constexpr std::size_t longest_region = 64;
constexpr std::size_t longest_project_id = 64;
constexpr std::size_t longest_pattern = 256;

std::optional<std::string> read_origin(const yaml_place& place, bool insecure_http) {
    const auto text = place.text();
    if (!text)
        return std::nullopt;
    auto parsed = parse_origin(*text);
    if (!parsed) {
        // not shown: what is no plain origin may hold a password or a token
        place.discreet().complain_expected("https://host[:port] without user, path, query or fragment");
        return std::nullopt;
    }
    if (!parsed->is_https && !parsed->is_loopback && !insecure_http) {
        place.complain(
            "plain http:// is allowed for loopback hosts only, unless the project says insecure_http: true");
        return std::nullopt;
    }
    return std::move(parsed->text);
}

std::optional<std::string> read_proxy_url(const yaml_place& place) {
    auto text = place.discreet().text();
    if (!text)
        return std::nullopt;
    if (!is_proxy_url(*text)) {
        place.complain(
            "expected http://[user:password@]host[:port], special characters of user and password written "
            "as %XX (the value is not shown, it may hold a password)");
        return std::nullopt;
    }
    if (text->ends_with('/'))
        text->pop_back();
    return text;
}

// Kept as written; only tried, so that a wrong file is found now and not at the first request.
std::optional<std::string> read_ca_file(const yaml_place& place, const lookup& from) {
    auto path = place.text();
    if (!path)
        return std::nullopt;
    if (path->empty()) {
        place.complain_expected("the path of a PEM file");
        return std::nullopt;
    }
    const std::string full = beside_config(*path, from);
    const file_outcome tried = from.read_file(full);
    if (tried.error) {
        place.complain(fmt::format("cannot read {}: {}", full, tried.error.message()));
        return std::nullopt;
    }
    if (certificates_in(tried.content) == 0) {
        place.complain(fmt::format("{} has no certificate in PEM that can be read", full));
        return std::nullopt;
    }
    return path;
}

std::optional<rate_limit> parse_rate_limit(std::string_view text) {
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos || text.front() == '0')
        return std::nullopt;

    rate_limit limit;
    const char* const end = text.data() + slash;
    const auto read = std::from_chars(text.data(), end, limit.requests);
    const auto window = parse_duration(text.substr(slash + 1));
    if (read.ec != std::errc() || read.ptr != end || limit.requests < 1 || limit.requests > most_requests)
        return std::nullopt;
    if (!window || *window < shortest_window || *window > longest_window)
        return std::nullopt;
    limit.window = *window;
    return limit;
}

rate_limit read_rate_limit(const yaml_place& place) {
    const auto text = place.text();
    if (!text)
        return {};
    const auto limit = parse_rate_limit(*text);
    if (!limit)
        place.complain_expected(
            fmt::format("requests/duration such as 200/5m, 1 to {} requests in 1s to 24h", most_requests));
    return limit.value_or(rate_limit());
}

std::optional<std::string> read_pattern(const yaml_place& place) {
    auto expression = place.text();
    if (!expression)
        return std::nullopt;
    if (expression->empty() || expression->size() > longest_pattern) {
        place.complain_expected(fmt::format("a regular expression of 1 to {} bytes", longest_pattern));
        return std::nullopt;
    }
    const auto compiled = pattern::compile(*expression);
    if (const auto* why = std::get_if<std::string>(&compiled)) {
        place.complain_expected(fmt::format("a regular expression of RE2 ({})", *why));
        return std::nullopt;
    }
    return expression;
}

std::optional<discovery_settings> read_discovery(const yaml_place& place) {
    if (place.is_null()) {
        place.warn("has no value and is left out; write {} to discover with the defaults");
        return std::nullopt;
    }
    const yaml_map map(place, {"interval", "include", "exclude", "labels"});
    discovery_settings discovery;
    read_into(map, "interval", discovery_interval, discovery.interval);
    if (const yaml_place* include = map.value("include"))
        discovery.include = read_pattern(*include);
    if (const yaml_place* exclude = map.value("exclude"))
        discovery.exclude = read_pattern(*exclude);
    if (const yaml_place* labels = map.section("labels"))
        discovery.labels = read_labels(*labels);
    return discovery;
}

// How its cloud is reached.
void read_connection(const yaml_map& map, const lookup& from, project_settings& project) {
    read_into(map, "insecure_http", project.insecure_http);
    if (const yaml_place* endpoint = map.value("endpoint"))
        project.endpoint = read_origin(*endpoint, project.insecure_http);
    if (const yaml_place* endpoint = map.value("iam_endpoint"))
        project.iam_endpoint = read_origin(*endpoint, project.insecure_http);
    if (const yaml_place* file = map.value("ca_file"))
        project.ca_file = read_ca_file(*file, from);
    if (const yaml_place* url = map.value("proxy_url"))
        project.proxy_url = read_proxy_url(*url);
}

project_settings read_project(const yaml_place& place, const lookup& from) {
    const yaml_map map(place, {"name", "region", "project_id", "endpoint", "iam_endpoint", "ca_file",
                               "proxy_url", "insecure_http", "rate_limit", "auth", "discover"});
    project_settings project;
    if (!place.is_map())
        return project;

    if (const yaml_place* name = map.require("name"))
        project.name = read_name(*name).value_or("");
    if (const yaml_place* region = map.require("region"))
        project.region = read_word(*region, longest_region).value_or("");
    if (const yaml_place* id = map.value("project_id"))
        project.project_id = read_word(*id, longest_project_id);
    read_connection(map, from, project);
    if (const yaml_place* limit = map.value("rate_limit"))
        project.limit = read_rate_limit(*limit);

    if (const yaml_place* auth = map.require("auth")) {
        if (auto read = read_auth(*auth, from))
            project.auth = std::move(*read);
        const auto type = auth->member("type"); // also where the rest of it is wrong
        if (type && type->says("token") && map.value("project_id") == nullptr)
            place.complain("\"project_id\" is required with auth type token, which does not reveal it");
    }
    if (const yaml_place* discover = map.value("discover"))
        project.discover = read_discovery(*discover);
    return project;
}

} // namespace

std::vector<project_settings> read_projects(const yaml_place& place, const lookup& from) {
    std::vector<project_settings> projects;
    std::map<std::string, int> line_of; // by name
    for (const yaml_place& item : place.items()) {
        project_settings& project = projects.emplace_back(read_project(item, from));
        if (project.name.empty())
            continue;
        const yaml_place name = item.member("name").value();
        const auto [first, is_new] = line_of.try_emplace(project.name, name.at().line);
        if (!is_new)
            name.complain(fmt::format("name {} is taken by the project on line {}",
                                      config::quoted(project.name), first->second));
    }
    return projects;
}

} // namespace replmond::config
