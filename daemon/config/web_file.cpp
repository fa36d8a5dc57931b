#include "daemon/config/web_file.hpp"

#include "daemon/config/read_web_tls.hpp"
#include "daemon/config/yaml_reader.hpp"
#include "daemon/config/yaml_tree.hpp"
#include "daemon/model/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

namespace replmond::config {
namespace {

// More than this takes many seconds a login, on a thread that others wait for.
constexpr int highest_cost = 16;
constexpr std::size_t most_users = 1000;

bool is_bcrypt_hash(std::string_view text) {
    constexpr std::string_view digits = "0123456789";
    constexpr std::string_view base64 = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    const bool is_kind = text.starts_with("$2a$") || text.starts_with("$2b$") || text.starts_with("$2y$");
    if (!is_kind || text.size() != 60 || text[6] != '$')
        return false;
    if (digits.find(text[4]) == digits.npos || digits.find(text[5]) == digits.npos)
        return false;
    const int cost = (text[4] - '0') * 10 + (text[5] - '0');
    return cost >= 4 && cost <= highest_cost && text.substr(7).find_first_not_of(base64) == text.npos;
}

// What is said of a user is said of the section: a path would show the key, and a slip makes it hold a hash.
std::vector<web_user> read_users(const yaml_place& place) {
    std::vector<web_user> users;
    if (place.is_null() || (place.is_map() && place.entries().empty())) {
        // It may be half of a file: whoever wants no passwords leaves the key out.
        place.complain("expected at least one user; without this key no passwords are asked for");
        return users;
    }
    const yaml_map map(place.discreet());
    for (const yaml_entry& entry : map.entries()) {
        const auto complain = [&](std::string_view what) {
            place.complain_at(entry.at, fmt::format("{}: {}", place.discreet().shown_key(entry.key), what));
        };
        if (entry.key.empty() || entry.key.find(':') != entry.key.npos || has_control_character(entry.key)) {
            complain("a user's name has 1 or more characters, none of them a colon or a control character");
            continue;
        }
        const auto hash = entry.value.scalar();
        if (!hash || !is_bcrypt_hash(*hash)) {
            complain(fmt::format("expected a bcrypt hash of cost 4 to {}, as htpasswd -nBC 10 makes it",
                                 highest_cost));
            continue;
        }
        users.push_back({entry.key, *hash});
    }
    if (users.size() > most_users)
        place.complain(fmt::format("expected at most {} users", most_users));
    return users;
}

struct header_rule {
    std::string_view name;
    std::string_view allowed; ///< in lower case, separated by commas; empty: any text
};

// Those that the exporters' own file allows.
constexpr std::array<header_rule, 5> header_rules{{
    {"Content-Security-Policy", ""},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "deny, sameorigin"},
    {"X-XSS-Protection", ""},
    {"Strict-Transport-Security", ""},
}};

bool is_one_of(std::string_view list, std::string_view word) {
    while (!list.empty()) {
        const std::size_t comma = std::min(list.find(", "), list.size());
        if (list.substr(0, comma) == word)
            return true;
        list.remove_prefix(std::min(comma + 2, list.size()));
    }
    return false;
}

bool is_printable_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < '\x7f'; });
}

void read_headers(const yaml_place& place, web_settings& into) {
    std::vector<std::string_view> names;
    for (const header_rule& rule : header_rules)
        names.push_back(rule.name);
    const yaml_map map(place, names);
    for (const header_rule& rule : header_rules) {
        const yaml_place* value = map.section(rule.name);
        if (value == nullptr || value->says(""))
            continue; // unset
        auto text = value->text();
        if (!text)
            continue;
        if (!rule.allowed.empty() && !is_one_of(rule.allowed, to_lower_ascii(*text)))
            value->complain_expected(fmt::format("one of {}", rule.allowed));
        else if (!is_printable_ascii(*text))
            value->complain_expected("printable ASCII");
        into.headers.emplace_back(rule.name, std::move(*text));
    }
}

void read_http(const yaml_place& place, web_settings& into) {
    const yaml_map map(place, {"http2", "headers"});
    bool ignored = true; // HTTP/1.1 is spoken either way
    read_into(map, "http2", ignored);
    if (const yaml_place* headers = map.section("headers"))
        read_headers(*headers, into);
}

web_settings read_web(const yaml_place& root, const lookup& from, std::vector<std::string>& files) {
    const yaml_map map(root, {"tls_server_config", "http_server_config", "basic_auth_users"});
    web_settings all;
    if (const yaml_place* tls = map.section("tls_server_config"))
        all.tls = read_web_tls(*tls, from, files);
    if (const yaml_place* http = map.section("http_server_config"))
        read_http(*http, all);
    if (const yaml_place* users = map.value("basic_auth_users"))
        all.users = read_users(*users);
    return all;
}

} // namespace

std::vector<std::string> messages(const web_outcome& outcome) {
    std::vector<std::string> lines;
    for (const problem& each : outcome.problems)
        lines.push_back(to_string(outcome.file, each));
    return lines;
}

web_outcome load_web_text(std::string_view text, std::string file, const lookup& from) {
    web_outcome outcome;
    outcome.file = std::move(file);
    outcome.files.push_back(outcome.file);

    yaml_outcome yaml = parse_yaml(text);
    findings found;
    found.problems = std::move(yaml.problems);
    web_settings all;
    const bool is_empty = yaml.root == nullptr || yaml.root->what == yaml_node::kind::null;
    all.says_nothing = is_empty;
    if (!is_empty)
        all = read_web(yaml_place(yaml.root, yaml.root->at, "", found), from, outcome.files);

    outcome.problems = std::move(found.problems);
    sort_problems(outcome.problems);
    if (!outcome.problems.empty())
        return outcome;
    all.files = outcome.files;
    outcome.loaded = std::move(all);
    return outcome;
}

web_outcome load_web_file(const std::string& path, lookup from) {
    from.directory = std::filesystem::path(path).parent_path().string();
    if (from.directory.empty())
        from.directory = ".";
    const file_outcome read = from.read_file(path);
    if (!read.error)
        return load_web_text(read.content, path, from);

    web_outcome outcome;
    outcome.file = path;
    outcome.files.push_back(path);
    outcome.problems.push_back({0, 0, "cannot be read: " + read.error.message()});
    return outcome;
}

} // namespace replmond::config
