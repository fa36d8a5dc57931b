// Which language a page is shown in.

#include "daemon/core/web/language.hpp"

#include "daemon/core/http/preferences.hpp"
#include "daemon/core/model/text.hpp"

#include <string>

namespace replmond::web {

std::string_view tag_of(language value) {
    return value == language::chinese ? "zh-CN" : "en";
}

std::optional<language> parse_language(std::string_view tag) {
    const std::string primary = to_lower_ascii(tag.substr(0, tag.find('-')));
    if (primary == "zh")
        return language::chinese;
    if (primary == "en")
        return language::english;
    return std::nullopt;
}

language preferred_language(std::string_view accept_language) {
    language best = language::english;
    double best_weight = 0;
    for (const http::preference& each : http::parse_preferences(accept_language)) {
        const auto found = parse_language(each.value);
        if (found && each.weight > best_weight) {
            best = *found;
            best_weight = each.weight;
        }
    }
    return best;
}

} // namespace replmond::web
