#pragma once

#include "daemon/core/web/language.hpp"

#include <fmt/format.h>

#include <span>
#include <string>
#include <string_view>

namespace replmond::web {

/// A text of the pages in both languages. The English one is its key. Both have the same placeholders in the
/// same order of arguments (the format of fmt).
struct page_text {
    std::string_view english;
    std::string_view chinese;
};

/// All texts of the pages, in the order of the page.
std::span<const page_text> page_texts();

/// Those that the script shows by itself. They are among page_texts().
std::span<const std::string_view> script_texts();

/// The text in this language; `english` itself where the table lacks it.
std::string_view translated(language in, std::string_view english);

/// Fills in the placeholders of the translated text.
template<class... Values>
std::string translated(language in, std::string_view english, const Values&... values) {
    return fmt::format(fmt::runtime(translated(in, english)), values...);
}

/// The texts of the script as a JSON object, English to `in`. It may stand in a `<script>` element: it has no
/// `<`.
std::string script_texts_json(language in);

} // namespace replmond::web
