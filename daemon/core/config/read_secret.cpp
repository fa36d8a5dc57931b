// Reads a secret of a section, in whichever of its three forms it is given.

#include "daemon/core/config/read_secret.hpp"

#include "daemon/core/model/text.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>

namespace replmond::config {

using kind = secret_source::kind;

namespace {

std::optional<secret_source> read_source(const yaml_place& place, const config_key& key, kind from,
                                         const lookup& sources) {
    auto text = place.raw_text();
    if (!text)
        return std::nullopt;
    secret_source source{from, std::move(*text)};
    // Only a test: the secret itself is dropped and read again when it is needed.
    const secret_outcome tried = read_secret(source, sources);
    if (!tried.secret) {
        place.report(tried.failure);
        return std::nullopt;
    }
    if (const std::string doubt = doubt_about_secret(*tried.secret); !doubt.empty())
        place.warn(doubt);
    if (key.goes_into_header && !is_visible_ascii(*tried.secret)) {
        place.report(fmt::format("expected visible ASCII characters only, {} is sent in a header", key.name));
        return std::nullopt;
    }
    return source;
}

} // namespace

std::optional<kind> form_of(const config_key& key, std::string_view name) {
    if (name == key.name)
        return kind::value;
    if (name == key.file_key)
        return kind::file;
    if (name == key.environment_key)
        return kind::environment;
    return std::nullopt;
}

std::optional<secret_source> read_secret_key(const yaml_map& map, std::string_view name,
                                             const lookup& sources) {
    const config_key& key = map.row(name);
    const std::string all = fmt::format("{}, {} or {}", key.name, key.file_key, key.environment_key);
    const yaml_entry* first = nullptr;
    std::optional<secret_source> source;
    for (const yaml_entry& entry : map.entries()) {
        const auto form = form_of(key, entry.key);
        if (!form)
            continue;
        if (first != nullptr) {
            map.place().complain_at(entry.at,
                                    fmt::format("expected only one of {}, {} is there already on line {}",
                                                all, first->key, first->at.line));
            continue;
        }
        first = &entry;
        source = read_source(entry.value, key, *form, sources);
    }
    if (first == nullptr && key.is_required)
        map.place().report(fmt::format("one of {} is required", all));
    return source;
}

} // namespace replmond::config
