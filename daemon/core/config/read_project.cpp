// The sections `projects` and `instances`: one reader for each, from a YAML map to validated settings.

#include "daemon/core/config/read_project.hpp"

#include "daemon/core/config/keys.hpp"
#include "daemon/core/config/settings.hpp"
#include "daemon/core/config/values.hpp"
#include "daemon/core/model/instance.hpp"
#include "daemon/core/model/pattern.hpp"
#include "daemon/core/model/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace replmond::config {

namespace {

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_letter_or_digit(char c) {
    return is_letter(c) || (c >= '0' && c <= '9');
}

bool is_label_name(std::string_view key) {
    const auto is_allowed = [](char c) { return is_letter_or_digit(c) || c == '_'; };
    return !key.empty() && (is_letter(key.front()) || key.front() == '_') &&
           std::all_of(key.begin(), key.end(), is_allowed);
}

// Why `key` cannot be a custom label; empty if it can (the contract, Configuration; the Prometheus data
// model).
std::string_view label_mistake(std::string_view key) {
    constexpr auto& taken = value_limits::taken_labels;
    if (!is_label_name(key))
        return "expected a label name: letters, digits and _, not starting with a digit";
    if (key.starts_with("__"))
        return "label names that start with __ are reserved by Prometheus";
    if (std::find(taken.begin(), taken.end(), key) != taken.end())
        return "this label is set already, by replmond or Prometheus; use another name";
    return {};
}

} // namespace

std::optional<std::string> read_name(const yaml_place& place) {
    auto name = place.text();
    if (!name || (!name->empty() && name->size() <= value_limits::name))
        return name;
    place.report_expected(fmt::format("a name of 1 to {} bytes", value_limits::name));
    return std::nullopt;
}

std::optional<std::string> read_word(const yaml_place& place) {
    constexpr std::size_t longest = value_limits::word;
    auto word = place.text();
    const auto is_allowed = [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_'; };
    if (!word ||
        (!word->empty() && word->size() <= longest && std::all_of(word->begin(), word->end(), is_allowed)))
        return word;
    place.report_expected(fmt::format("1 to {} letters, digits, - and _", longest));
    return std::nullopt;
}

label_map read_labels(const yaml_place& place) {
    label_map labels;
    for (const yaml_entry& entry : place.entries()) {
        if (const std::string_view mistake = label_mistake(entry.key); !mistake.empty())
            place.complain_at(entry.at, fmt::format("{}: {}", config::quoted(entry.key), mistake));
        else if (auto value = entry.value.text())
            labels.emplace(entry.key, std::move(*value));
    }
    return labels;
}

std::optional<std::string> read_ca_file(const yaml_place& place, const lookup& from) {
    auto path = place.text();
    if (!path)
        return std::nullopt;
    if (path->empty()) {
        place.report_expected("the path of a PEM file");
        return std::nullopt;
    }
    const std::string full = beside_config(*path, from);
    const file_outcome tried = from.read_file(full);
    if (tried.error) {
        place.report(fmt::format("cannot read {}: {}", full, tried.error.message()));
        return std::nullopt;
    }
    if (certificates_in(tried.content) == 0) {
        place.report(fmt::format("{} has no certificate in PEM that can be read", full));
        return std::nullopt;
    }
    return path;
}

namespace {

std::optional<std::string> read_id(const yaml_place& place) {
    auto id = place.text();
    if (!id || is_instance_id(*id))
        return id;
    place.report_expected("36 letters and digits");
    return std::nullopt;
}

class instance_reader {
public:
    instance_reader(const poll_settings& defaults, const std::vector<project_settings>& projects,
                    const lookup& from)
        : defaults_(defaults), projects_(projects), from_(from) {}

    instance_settings read(const yaml_place& place) {
        const yaml_map map(place, instance_keys());
        instance_settings instance;
        if (!place.is_map())
            return instance;

        if (const yaml_place* id = map.require("id"))
            instance.id = read_id(*id).value_or("");
        instance.name = instance.id;
        if (const yaml_place* name = map.value("name"))
            instance.name = read_name(*name).value_or("");
        instance.project = read_project(map).value_or("");

        instance.interval = defaults_.interval;
        instance.timeout = defaults_.timeout;
        instance.page_size = defaults_.page_size;
        read_into(map, "interval", instance.interval);
        read_into(map, "timeout", instance.timeout);
        read_into(map, "page_size", instance.page_size);
        if (const yaml_place* labels = map.section("labels"))
            instance.labels = read_labels(*labels);
        if (const yaml_place* lag = map.value("lag"))
            instance.lag = read_lag(*lag, from_, false);

        check_unique(map, instance);
        return instance;
    }

private:
    std::optional<std::string> read_project(const yaml_map& map) const {
        const yaml_place* place = map.value("project");
        if (place == nullptr) {
            if (projects_.size() == 1)
                return projects_.front().name;
            map.place().report(projects_.empty()
                                   ? "needs a project, and none is configured under projects"
                                   : "\"project\" is required where there is more than one project");
            return std::nullopt;
        }
        auto name = read_name(*place);
        if (!name || find_project(*name) != nullptr)
            return name;
        // If a project's own name is wrong, that project may be meant, and its name is reported already.
        if (find_project("") != nullptr)
            return std::nullopt;
        std::vector<std::string_view> names;
        for (const project_settings& project : projects_)
            names.push_back(project.name);
        place->complain_unknown("the name of a project that is configured under projects", names);
        return std::nullopt;
    }

    const project_settings* find_project(std::string_view name) const {
        const auto found = std::find_if(projects_.begin(), projects_.end(),
                                        [&](const auto& project) { return project.name == name; });
        return found == projects_.end() ? nullptr : &*found;
    }

    void check_unique(const yaml_map& map, const instance_settings& instance) {
        const yaml_entry* name = map.find("name");
        const yaml_entry* id = map.find("id");
        const yaml_entry* named_by = name != nullptr ? name : id;
        if (named_by != nullptr && !instance.name.empty())
            check_first(by_name_, instance.name, *named_by,
                        fmt::format("name {} is taken", config::quoted(instance.name)));
        if (id != nullptr && !instance.id.empty() && !instance.project.empty())
            check_first(by_id_, scope(instance.project) + ' ' + instance.id, *id,
                        "this id is polled already");
    }

    // State is stored by project_id, so two projects with the same id would share the state of the instance.
    std::string scope(const std::string& name) const {
        const project_settings* project = find_project(name);
        return project != nullptr && project->project_id ? "id " + *project->project_id : "name " + name;
    }

    static void check_first(std::map<std::string, int>& line_of, const std::string& key,
                            const yaml_entry& entry, std::string_view mistake) {
        const auto [first, is_new] = line_of.try_emplace(key, entry.value.at().line);
        if (!is_new)
            entry.value.report(fmt::format("{} by the instance on line {}", mistake, first->second));
    }

    const poll_settings& defaults_;
    const std::vector<project_settings>& projects_;
    const lookup& from_;
    std::map<std::string, int> by_name_;
    std::map<std::string, int> by_id_;
};

} // namespace

std::vector<instance_settings> read_instances(const yaml_place& place, const poll_settings& defaults,
                                              const std::vector<project_settings>& projects,
                                              const lookup& from) {
    instance_reader reader(defaults, projects, from);
    std::vector<instance_settings> instances;
    for (const yaml_place& item : place.items())
        instances.push_back(reader.read(item));
    return instances;
}

namespace {

std::optional<std::string> read_origin(const yaml_place& place, bool insecure_http) {
    const auto text = place.text();
    if (!text)
        return std::nullopt;
    auto parsed = parse_origin(*text);
    if (!parsed) {
        // The value is not shown, since a URL with more than an origin may contain a password or a token.
        place.without_text().report_expected("https://host[:port] without user, path, query or fragment");
        return std::nullopt;
    }
    if (!parsed->is_https && !parsed->is_loopback && !insecure_http) {
        place.report(
            "plain http:// is allowed for loopback hosts only, unless the project says insecure_http: true");
        return std::nullopt;
    }
    return std::move(parsed->text);
}

std::optional<std::string> read_proxy_url(const yaml_place& place) {
    auto text = place.without_text().text();
    if (!text)
        return std::nullopt;
    if (!is_proxy_url(*text)) {
        place.report(
            "expected http://[user:password@]host[:port], special characters of user and password written "
            "as %XX (the value is not shown, it may hold a password)");
        return std::nullopt;
    }
    if (text->ends_with('/'))
        text->pop_back();
    return text;
}

std::optional<rate_limit> parse_rate_limit(std::string_view text) {
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos || text.front() == '0')
        return std::nullopt;

    constexpr const duration_range& allowed = value_limits::rate_window;
    rate_limit limit;
    const char* const end = text.data() + slash;
    const auto read = std::from_chars(text.data(), end, limit.requests);
    const auto window = parse_duration(text.substr(slash + 1));
    if (read.ec != std::errc() || read.ptr != end || limit.requests < 1 ||
        limit.requests > value_limits::requests)
        return std::nullopt;
    if (!window || *window < parse_duration(allowed.low) || *window > parse_duration(allowed.high))
        return std::nullopt;
    limit.window = *window;
    return limit;
}

rate_limit read_rate_limit(const yaml_place& place) {
    const auto text = place.text();
    if (!text)
        return {};
    const auto limit = parse_rate_limit(*text);
    constexpr const duration_range& window = value_limits::rate_window;
    if (!limit)
        place.report_expected(fmt::format("requests/duration such as 200/{}, 1 to {} requests in {} to {}",
                                          window.sample, value_limits::requests, window.low, window.high));
    return limit.value_or(rate_limit());
}

cloud_language read_language(const yaml_map& map) {
    const auto word = read_choice(map, "language");
    for (const cloud_language each : {cloud_language::en_us, cloud_language::zh_cn}) {
        if (word == to_string(each))
            return each;
    }
    return cloud_language::en_us;
}

std::optional<std::string> read_pattern(const yaml_place& place) {
    auto expression = place.text();
    if (!expression)
        return std::nullopt;
    if (expression->empty() || expression->size() > value_limits::pattern) {
        place.report_expected(fmt::format("a regular expression of 1 to {} bytes", value_limits::pattern));
        return std::nullopt;
    }
    const auto compiled = pattern::compile(*expression);
    if (const auto* why = std::get_if<std::string>(&compiled)) {
        place.report_expected(fmt::format("a regular expression of RE2 ({})", *why));
        return std::nullopt;
    }
    return expression;
}

std::optional<discovery_settings> read_discovery(const yaml_place& place, const lookup& from) {
    if (place.is_null()) {
        place.warn("has no value and is left out; write {} to discover with the defaults");
        return std::nullopt;
    }
    const yaml_map map(place, discovery_keys());
    discovery_settings discovery;
    read_into(map, "interval", discovery.interval);
    if (const yaml_place* include = map.value("include"))
        discovery.include = read_pattern(*include);
    if (const yaml_place* exclude = map.value("exclude"))
        discovery.exclude = read_pattern(*exclude);
    if (const yaml_place* labels = map.section("labels"))
        discovery.labels = read_labels(*labels);
    if (const yaml_place* lag = map.value("lag"))
        discovery.lag = read_lag(*lag, from, true);
    return discovery;
}

// The keys that say how the project's cloud is reached.
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
    const yaml_map map(place, project_keys());
    project_settings project;
    if (!place.is_map())
        return project;

    if (const yaml_place* name = map.require("name"))
        project.name = read_name(*name).value_or("");
    if (const yaml_place* region = map.require("region"))
        project.region = read_word(*region).value_or("");
    if (const yaml_place* id = map.value("project_id"))
        project.project_id = read_word(*id);
    read_connection(map, from, project);
    if (const yaml_place* limit = map.value("rate_limit"))
        project.limit = read_rate_limit(*limit);
    project.language = read_language(map);

    if (const yaml_place* auth = map.require("auth")) {
        if (auto read = read_auth(*auth, from, project.insecure_http))
            project.auth = std::move(*read);
        const auto type = auth->member("type"); // checked even if the rest of `auth` is wrong
        if (type && type->says("token") && map.value("project_id") == nullptr)
            place.report("\"project_id\" is required with auth type token, which does not reveal it");
    }
    if (const yaml_place* discover = map.value("discover"))
        project.discover = read_discovery(*discover, from);
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
            name.report(fmt::format("name {} is taken by the project on line {}",
                                    config::quoted(project.name), first->second));
    }
    return projects;
}

} // namespace replmond::config
