#pragma once

#include <optional>
#include <string_view>

namespace replmond::web {

/// The languages of the pages. API, metrics and log lines are English.
enum class language { english, chinese };

/// The tag of the language (RFC 5646): `en`, `zh-CN`.
std::string_view tag_of(language value);

/// Reads `en` or `zh`, or a tag that begins with one of them and `-`, whatever the case. Nothing for any
/// other text.
std::optional<language> parse_language(std::string_view tag);

/// The language that a browser prefers by its header Accept-Language (RFC 9110 12.5.4): that with the highest
/// weight, the first one of equal ones. English if the header is empty or names neither language. There is
/// one Chinese, in simplified characters. It also serves `zh-TW` and `zh-Hant`: these readers put it before
/// English themselves.
language preferred_language(std::string_view accept_language);

} // namespace replmond::web
