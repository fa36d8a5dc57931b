#include "tests/support/markup.hpp"

#include <set>
#include <vector>

namespace replmond::test {
namespace {

const std::set<std::string_view> tags{
    "details", "summary", "ol",       "pre",      "code",   "html", "head",  "meta",    "title",
    "link",    "script",  "body",     "a",        "header", "h1",   "h2",    "p",       "nav",
    "time",    "main",    "section",  "ul",       "li",     "b",    "table", "caption", "thead",
    "tbody",   "tr",      "th",       "td",       "span",   "form", "label", "input",   "select",
    "option",  "button",  "datalist", "progress", "footer", "dl",   "dt",    "dd",      "div"};
const std::set<std::string_view> empty_tags{"meta", "link", "input"};
const std::set<std::string_view> attributes{"open",         "data-wrong", "lang",       "hreflang",
                                            "aria-current", "charset",    "name",       "content",
                                            "rel",          "type",       "href",       "src",
                                            "defer",        "class",      "aria-label", "aria-labelledby",
                                            "role",         "datetime",   "title",      "id",
                                            "scope",        "colspan",    "data-key",   "data-label",
                                            "aria-sort",    "tabindex",   "value",      "max",
                                            "method",       "action",     "list",       "selected"};

// Opened by a `<`: its name, and what is behind its `>`.
struct tag {
    std::string_view name;
    bool closes = false;
    std::string fault;
};

std::string_view word(std::string_view& rest) {
    const auto end = rest.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-");
    const std::string_view found = rest.substr(0, end);
    rest.remove_prefix(found.size());
    return found;
}

std::string read_attributes(std::string_view& rest) {
    while (rest.starts_with(' ')) {
        rest.remove_prefix(1);
        const std::string_view name = word(rest);
        if (!attributes.contains(name))
            return "attribute " + std::string(name);
        if (!rest.starts_with("=\""))
            continue;
        rest.remove_prefix(2);
        const auto end = rest.find('"');
        if (end == std::string_view::npos)
            return "an open quote";
        const std::string_view value = rest.substr(0, end);
        if (value.find_first_of("<>") != std::string_view::npos)
            return "markup in " + std::string(name);
        if ((name == "href" || name == "src" || name == "action") && !value.starts_with("./") &&
            !value.starts_with('?') && !value.starts_with('#'))
            return "a link to " + std::string(value);
        rest.remove_prefix(end + 1);
    }
    return rest.starts_with('>') ? "" : "no end of a tag";
}

tag read_tag(std::string_view& rest) {
    tag found;
    found.closes = rest.starts_with('/');
    rest.remove_prefix(found.closes ? 1 : 0);
    found.name = word(rest);
    if (!tags.contains(found.name))
        found.fault = "tag " + std::string(found.name);
    else
        found.fault = read_attributes(rest);
    return found;
}

} // namespace

std::string fault_in_markup(std::string_view page) {
    constexpr std::string_view doctype = "<!DOCTYPE html>\n";
    if (!page.starts_with(doctype))
        return "no doctype";
    std::string_view rest = page.substr(doctype.size());
    std::vector<std::string_view> open;
    for (auto at = rest.find('<'); at != std::string_view::npos; at = rest.find('<')) {
        rest.remove_prefix(at + 1);
        const tag found = read_tag(rest);
        if (!found.fault.empty())
            return found.fault;
        if (found.closes) {
            if (open.empty() || open.back() != found.name)
                return "an end of " + std::string(found.name);
            open.pop_back();
        } else if (!empty_tags.contains(found.name)) {
            open.push_back(found.name);
        }
    }
    return open.empty() ? "" : "no end of " + std::string(open.back());
}

} // namespace replmond::test
