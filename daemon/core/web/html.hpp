#pragma once

#include "daemon/core/model/time.hpp"
#include "daemon/core/web/language.hpp"
#include "daemon/core/web/texts.hpp"

#include <string>
#include <string_view>

namespace replmond::web {

/// Appends text to an HTML page, escaped so that it is safe between tags and inside double quotes: `&`, `<`,
/// `>`, `"` and `'` become entities; control characters and bytes that are not UTF-8 become U+FFFD.
void append_escaped(std::string& page, std::string_view text);

/// Appends to an HTML page. raw() must only get constant markup of this program, never data.
class html {
public:
    /// `in`: the language of words().
    explicit html(std::string& page, language in = language::english) : page_(page), language_(in) {}

    html& raw(std::string_view markup) {
        page_ += markup;
        return *this;
    }
    html& text(std::string_view data) {
        append_escaped(page_, data);
        return *this;
    }
    /// ` name="value"`
    html& attribute(std::string_view name, std::string_view value) {
        return raw(" ").raw(name).raw("=\"").text(value).raw("\"");
    }
    /// `<span class="kind">data</span>`
    html& span(std::string_view kind, std::string_view data) {
        return raw("<span class=\"").raw(kind).raw("\">").text(data).raw("</span>");
    }
    /// A text of the pages in the language of the page, with its placeholders filled in.
    template<class... Values>
    html& words(std::string_view english, const Values&... values) {
        if constexpr (sizeof...(Values) == 0)
            return text(translated(language_, english));
        else
            return text(translated(language_, english, values...));
    }
    /// The same as a span of this class.
    html& span_words(std::string_view kind, std::string_view english) {
        return span(kind, translated(language_, english));
    }
    /// ` data-label="…"`: the head of a cell's column, for narrow screens.
    html& label(std::string_view english) { return attribute("data-label", translated(language_, english)); }
    language in() const { return language_; }

    /// A `<time>` element such as `2026-11-22 01:24:35Z`. The script shows it in the viewer's zone.
    html& moment(timestamp then);
    /// How long ago `then` was, and the moment itself: `3 min ago`, `2026-11-22 01:24:35Z`.
    html& ago(timestamp then, timestamp now);
    /// How long something has lasted, and since when: `for 3 min`, `since 2026-11-22 01:24:35Z`.
    html& lasting(timestamp since, timestamp now);

private:
    std::string& page_;
    language language_;
};

/// A duration for users: `0 s`, `59 s`, `3 min`, `2 h 5 min`, `4 d 3 h`. A negative one is `0 s`.
std::string age_text(milliseconds age, language in = language::english);

} // namespace replmond::web
