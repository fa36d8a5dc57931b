#pragma once

#include "daemon/core/model/time.hpp"

#include <string>
#include <string_view>

namespace replmond::web {

/// Appends text to a page so that it stays text, between tags and inside double quotes: `&`, `<`, `>`, `"`
/// and
/// `'` as entities; controls and bytes that are no UTF-8 as U+FFFD.
void append_escaped(std::string& page, std::string_view text);

/// Appends to a page. What is given to raw() is markup of ours, never data.
class html {
public:
    explicit html(std::string& page) : page_(page) {}

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
    /// `<time>` that says how long ago that was: `before`, the age, `after`.
    html& age(timestamp then, timestamp now, std::string_view before = "", std::string_view after = " ago");

private:
    std::string& page_;
};

/// A length of time for people: `0 s`, `59 s`, `3 min`, `2 h 5 min`, `4 d 3 h`. Less than nothing is `0 s`.
std::string age_text(milliseconds age);

} // namespace replmond::web
