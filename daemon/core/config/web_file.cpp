// Loads the file of --web.config.file, in the format of Prometheus' exporters (exporter-toolkit; the
// contract, HTTP).

#include "daemon/core/config/web_file.hpp"

#include "daemon/core/config/values.hpp"
#include "daemon/core/config/yaml_reader.hpp"
#include "daemon/core/config/yaml_tree.hpp"
#include "daemon/core/model/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <span>
#include <string_view>
#include <utility>

namespace replmond::config {

namespace {

template<class T>
struct choice {
    std::string_view name;
    T value;
};

constexpr std::array<choice<client_certificates>, 6> client_auth_types{{
    {"NoClientCert", client_certificates::unasked},
    {"RequestClientCert", client_certificates::asked},
    {"RequireAnyClientCert", client_certificates::needed},
    {"VerifyClientCertIfGiven", client_certificates::checked_if_given},
    {"RequireAndVerifyClientCert", client_certificates::needed_and_checked},
    {"RequireClientCert", client_certificates::needed}, // the old name of RequireAnyClientCert
}};

// The exporters also accept TLS10 and TLS11, which RFC 8996 forbids.
constexpr std::array<choice<tls_version>, 2> versions{{
    {"TLS12", tls_version::tls12},
    {"TLS13", tls_version::tls13},
}};

// The suites of Go's crypto/tls that are not deprecated, by the name that OpenSSL gives them. The suites of
// TLS 1.3 are accepted but cannot be chosen, as in Go: their name is empty here.
constexpr std::array<choice<std::string_view>, 13> cipher_suites{{
    {"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256"},
    {"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "ECDHE-ECDSA-AES256-GCM-SHA384"},
    {"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"},
    {"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256"},
    {"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "ECDHE-RSA-AES256-GCM-SHA384"},
    {"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-RSA-CHACHA20-POLY1305"},
    {"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "ECDHE-ECDSA-AES128-SHA"},
    {"TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", "ECDHE-ECDSA-AES256-SHA"},
    {"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "ECDHE-RSA-AES128-SHA"},
    {"TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", "ECDHE-RSA-AES256-SHA"},
    {"TLS_AES_128_GCM_SHA256", ""},
    {"TLS_AES_256_GCM_SHA384", ""},
    {"TLS_CHACHA20_POLY1305_SHA256", ""},
}};

constexpr std::array<choice<std::string_view>, 4> curves{{
    {"CurveP256", "P-256"},
    {"CurveP384", "P-384"},
    {"CurveP521", "P-521"},
    {"X25519", "X25519"},
}};

template<class T>
std::string all_names(std::span<const choice<T>> choices) {
    std::string names;
    for (const auto& each : choices)
        names += fmt::format("{}{}", names.empty() ? "" : ", ", each.name);
    return names;
}

template<class T>
std::optional<T> read_choice(const yaml_place& place, std::span<const choice<T>> choices) {
    for (const auto& each : choices) {
        if (place.says(each.name))
            return each.value;
    }
    place.report_expected("one of " + all_names(choices));
    return std::nullopt;
}

std::vector<std::string> read_names(const yaml_place& list,
                                    std::span<const choice<std::string_view>> choices) {
    std::vector<std::string> names;
    for (const yaml_place& item : list.items()) {
        const auto name = read_choice(item, choices);
        if (name && !name->empty())
            names.emplace_back(*name);
    }
    return names;
}

/// A PEM text from the configuration itself or from a file that it names.
struct pem_text {
    std::string pem;
    yaml_place place; ///< the place in the configuration, for mistakes
    std::string name; ///< for messages: the path of the file, or "it"
};

std::optional<pem_text> read_pem(const yaml_map& map, const std::string& key, const lookup& from,
                                 std::vector<std::string>& files) {
    const yaml_place* in_place = map.section(key);
    const yaml_entry* file = map.find(key + "_file");
    if (file != nullptr && (file->value.is_null() || file->value.says("")))
        file = nullptr;
    if (in_place != nullptr && file != nullptr) {
        map.place().complain_at(file->at, fmt::format("expected only one of {0} and {0}_file", key));
        return std::nullopt;
    }
    if (in_place != nullptr) {
        auto pem = in_place->without_text().raw_text();
        if (!pem)
            return std::nullopt;
        return pem_text{std::move(*pem), *in_place, "it"};
    }
    if (file == nullptr)
        return std::nullopt;
    const auto path = file->value.text();
    if (!path)
        return std::nullopt;
    found_file found = find_file(*path, from);
    files.push_back(found.path);
    if (!found.failure.empty()) {
        file->value.report(found.failure);
        return std::nullopt;
    }
    return pem_text{std::move(found.content), file->value, found.path};
}

// True if `key` or `key`_file is given and not empty.
bool is_there(const yaml_map& map, const std::string& key) {
    for (const std::string& name : {key, key + "_file"}) {
        const yaml_place* place = map.section(name);
        if (place != nullptr && !place->says(""))
            return true;
    }
    return false;
}

void read_identity(const yaml_map& map, const lookup& from, std::vector<std::string>& files,
                   web_tls_settings& tls) {
    for (const char* key : {"cert", "key"}) {
        if (!is_there(map, key))
            map.place().report(fmt::format("one of {0}, {0}_file is required", key));
    }
    const auto certificate = read_pem(map, "cert", from, files);
    const auto key = read_pem(map, "key", from, files);
    const bool is_certificate = certificate && certificates_in(certificate->pem) > 0;
    const bool is_key = key && has_private_key(key->pem);
    if (certificate && !is_certificate)
        certificate->place.report(certificate->name + " holds no certificate in PEM that can be read");
    if (key && !is_key)
        key->place.report(key->name + " holds no private key in PEM without a password");
    if (!is_certificate || !is_key)
        return;
    if (!key_belongs_to(certificate->pem, key->pem))
        key->place.report("the key does not belong to the certificate");
    tls.certificate = certificate->pem;
    tls.key = key->pem;
}

void read_clients(const yaml_map& map, const lookup& from, std::vector<std::string>& files,
                  web_tls_settings& tls) {
    using kind = client_certificates;
    if (const yaml_place* type = map.section("client_auth_type"); type != nullptr && !type->says(""))
        tls.clients =
            read_choice(*type, std::span<const choice<kind>>(client_auth_types)).value_or(kind::unasked);
    const bool checks = tls.clients == kind::checked_if_given || tls.clients == kind::needed_and_checked;
    if (const auto authority = read_pem(map, "client_ca", from, files)) {
        tls.client_ca = authority->pem;
        if (certificates_in(authority->pem) == 0)
            authority->place.report(authority->name + " holds no certificate in PEM that can be read");
        if (!checks)
            authority->place.report("clients are checked with client_auth_type VerifyClientCertIfGiven or "
                                    "RequireAndVerifyClientCert only");
    } else if (checks && !is_there(map, "client_ca")) {
        map.place().report("one of client_ca, client_ca_file is required with this client_auth_type");
    }
    if (const yaml_place* names = map.section("client_allowed_sans")) {
        for (const yaml_place& item : names->items()) {
            if (auto name = item.text())
                tls.client_sans.push_back(std::move(*name));
        }
        if (tls.clients != kind::needed && tls.clients != kind::needed_and_checked)
            names->report("needs client_auth_type RequireAnyClientCert or RequireAndVerifyClientCert");
    }
}

} // namespace

std::optional<web_tls_settings> read_web_tls(const yaml_place& place, const lookup& from,
                                             std::vector<std::string>& files) {
    const yaml_map map(place, {"cert", "cert_file", "key", "key_file", "client_auth_type", "client_ca",
                               "client_ca_file", "client_allowed_sans", "min_version", "max_version",
                               "cipher_suites", "prefer_server_cipher_suites", "curve_preferences"});
    if (!place.is_map() || map.entries().empty())
        return std::nullopt;
    web_tls_settings tls;
    read_identity(map, from, files, tls);
    read_clients(map, from, files, tls);

    const std::span<const choice<tls_version>> known(versions);
    if (const yaml_place* version = map.value("min_version"))
        tls.min_version = read_choice(*version, known).value_or(tls.min_version);
    if (const yaml_place* version = map.value("max_version"))
        tls.max_version = read_choice(*version, known).value_or(tls.max_version);
    if (tls.min_version > tls.max_version)
        place.report("min_version is above max_version");
    if (const yaml_place* list = map.section("cipher_suites"))
        tls.ciphers = read_names(*list, cipher_suites);
    if (const yaml_place* list = map.section("curve_preferences"))
        tls.curves = read_names(*list, curves);
    read_into(map, "prefer_server_cipher_suites", tls.server_prefers);
    return tls;
}

namespace {

// With a higher cost a check takes many seconds, and all other checks wait for the same thread.
constexpr int highest_cost = 16;
constexpr std::size_t most_users = 1000;

// `$2y$10$`, then 22 characters of salt and 31 of the hash, in bcrypt's own base64 alphabet. The lowest cost
// of bcrypt is 4.
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

// A mistake of a user is reported with the path of the section: the user's own path would show the key, which
// may contain a hash after a typing mistake.
std::vector<web_user> read_users(const yaml_place& place) {
    std::vector<web_user> users;
    if (place.is_null() || (place.is_map() && place.entries().empty())) {
        // The file may be incomplete. A user who wants no passwords leaves the key out.
        place.report("expected at least one user; without this key no passwords are asked for");
        return users;
    }
    const yaml_map map(place.without_text());
    for (const yaml_entry& entry : map.entries()) {
        const auto report = [&](std::string_view what) {
            place.complain_at(entry.at,
                              fmt::format("{}: {}", place.without_text().shown_key(entry.key), what));
        };
        // RFC 7617 2: a name has neither a colon nor control characters.
        if (entry.key.empty() || entry.key.find(':') != entry.key.npos || has_control_character(entry.key)) {
            report("a user's name has 1 or more characters, none of them a colon or a control character");
            continue;
        }
        const auto hash = entry.value.scalar();
        if (!hash || !is_bcrypt_hash(*hash)) {
            report(fmt::format("expected a bcrypt hash of cost 4 to {}, as htpasswd -nBC 10 makes it",
                               highest_cost));
            continue;
        }
        users.push_back({entry.key, *hash});
    }
    if (users.size() > most_users)
        place.report(fmt::format("expected at most {} users", most_users));
    return users;
}

struct header_rule {
    std::string_view name;
    std::string_view allowed; ///< the allowed values in lower case, separated by ", "; empty: any text
};

// The headers that the exporter-toolkit allows.
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
            continue; // not set
        auto text = value->text();
        if (!text)
            continue;
        if (!rule.allowed.empty() && !is_one_of(rule.allowed, to_lower_ascii(*text)))
            value->report_expected(fmt::format("one of {}", rule.allowed));
        else if (!is_printable_ascii(*text))
            value->report_expected("printable ASCII");
        into.headers.emplace_back(rule.name, std::move(*text));
    }
}

void read_http(const yaml_place& place, web_settings& into) {
    const yaml_map map(place, {"http2", "headers"});
    bool ignored = true; // the server speaks HTTP/1.1 only, whatever the value
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
    all.is_empty = is_empty;
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
