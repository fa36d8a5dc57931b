#include "daemon/config/read_web_tls.hpp"

#include "daemon/config/pem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
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
    {"RequireClientCert", client_certificates::needed}, // its old name
}};

// TLS10 and TLS11 are known elsewhere, and broken: RFC 8996.
constexpr std::array<choice<tls_version>, 2> versions{{
    {"TLS12", tls_version::tls12},
    {"TLS13", tls_version::tls13},
}};

// Those of Go's crypto/tls that are not about to go; the suites of TLS 1.3 are not for choosing, there or
// here.
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
    place.complain_expected("one of " + all_names(choices));
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

/// PEM text that is written in place, or stands in a file.
struct pem_text {
    std::string pem;
    yaml_place place; ///< where it was written
    std::string name; ///< for messages: the file, or "it"
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
        auto pem = in_place->discreet().raw_text();
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
        file->value.complain(found.failure);
        return std::nullopt;
    }
    return pem_text{std::move(found.content), file->value, found.path};
}

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
            map.place().complain(fmt::format("one of {0}, {0}_file is required", key));
    }
    const auto certificate = read_pem(map, "cert", from, files);
    const auto key = read_pem(map, "key", from, files);
    const bool is_certificate = certificate && certificates_in(certificate->pem) > 0;
    const bool is_key = key && has_private_key(key->pem);
    if (certificate && !is_certificate)
        certificate->place.complain(certificate->name + " holds no certificate in PEM that can be read");
    if (key && !is_key)
        key->place.complain(key->name + " holds no private key in PEM without a password");
    if (!is_certificate || !is_key)
        return;
    if (!key_belongs_to(certificate->pem, key->pem))
        key->place.complain("the key does not belong to the certificate");
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
            authority->place.complain(authority->name + " holds no certificate in PEM that can be read");
        if (!checks)
            authority->place.complain("clients are checked with client_auth_type VerifyClientCertIfGiven or "
                                      "RequireAndVerifyClientCert only");
    } else if (checks && !is_there(map, "client_ca")) {
        map.place().complain("one of client_ca, client_ca_file is required with this client_auth_type");
    }
    if (const yaml_place* names = map.section("client_allowed_sans")) {
        for (const yaml_place& item : names->items()) {
            if (auto name = item.text())
                tls.client_sans.push_back(std::move(*name));
        }
        if (tls.clients != kind::needed && tls.clients != kind::needed_and_checked)
            names->complain("needs client_auth_type RequireAnyClientCert or RequireAndVerifyClientCert");
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
        place.complain("min_version is above max_version");
    if (const yaml_place* list = map.section("cipher_suites"))
        tls.ciphers = read_names(*list, cipher_suites);
    if (const yaml_place* list = map.section("curve_preferences"))
        tls.curves = read_names(*list, curves);
    read_into(map, "prefer_server_cipher_suites", tls.server_prefers);
    return tls;
}

} // namespace replmond::config
