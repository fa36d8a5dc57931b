// Describes JSON values by type and shape, so that a stranger can tell how the cloud writes them and nothing
// else. Names and words pass through the allow-lists of known_names.

#include "daemon/core/doctor/fields.hpp"

#include "daemon/core/cloud/json.hpp"
#include "daemon/core/model/text.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace replmond::doctor {

namespace json = boost::json;

namespace {

constexpr std::size_t most_names = 1'000;
constexpr std::size_t most_paths = 2'000;

bool is_ascii_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_alphanumeric(char c) {
    return is_ascii_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

template<class Predicate>
bool all_are(std::string_view text, Predicate is) {
    return std::all_of(text.begin(), text.end(), is);
}

bool is_integer(std::string_view text) {
    if (text.starts_with('-'))
        text.remove_prefix(1);
    return !text.empty() && all_are(text, is_ascii_digit);
}

// 2026-11-22T01:24:35, with a blank for the T too.
bool begins_as_time(std::string_view text) {
    constexpr std::string_view form = "dddd-dd-ddTdd:dd:dd";
    if (text.size() < form.size())
        return false;
    return std::equal(form.begin(), form.end(), text.begin(), [](char expected, char c) {
        if (expected == 'd')
            return is_ascii_digit(c);
        return c == expected || (expected == 'T' && c == ' ');
    });
}

bool is_id(std::string_view text) {
    constexpr std::size_t shortest = 32;
    constexpr std::size_t longest = 36;
    return text.size() >= shortest && text.size() <= longest && all_are(text, is_alphanumeric) &&
           std::any_of(text.begin(), text.end(), is_ascii_digit);
}

std::string_view type_of(const json::value& value) {
    switch (value.kind()) {
    case json::kind::string:
        return "string";
    case json::kind::bool_:
        return "boolean";
    case json::kind::null:
        return "null";
    case json::kind::array:
        return "array";
    case json::kind::object:
        return "object";
    default:
        return "number";
    }
}

void widen(std::optional<std::pair<double, double>>& range, double value) {
    if (!range)
        range.emplace(value, value);
    range->first = std::min(range->first, value);
    range->second = std::max(range->second, value);
}

} // namespace

std::string field_placeholders::of(std::string_view name) {
    if (const auto known = placeholders_.find(name); known != placeholders_.end())
        return known->second;
    if (names_.size() >= most_names)
        return "field-more";
    std::string placeholder = fmt::format("field-{}", names_.size() + 1);
    placeholders_.emplace(name, placeholder);
    names_.emplace(placeholder, name);
    return placeholder;
}

std::size_t field_form::absent() const {
    const auto found = types.find("absent");
    return found == types.end() ? 0 : found->second;
}

std::string_view shape_of(std::string_view text) {
    if (text.empty())
        return "empty";
    text = trimmed(text, blanks_around_words);
    if (text.empty())
        return "blank";
    const bool is_percent = text.ends_with('%');
    const std::string_view number = is_percent ? text.substr(0, text.size() - 1) : text;
    if (is_id(text))
        return "id";
    if (is_integer(number))
        return is_percent ? "integer%" : "integer";
    if (parse_number(number))
        return is_percent ? "decimal%" : "decimal";
    if (begins_as_time(text))
        return "time";
    const auto is_of_name = [](char c) { return is_alphanumeric(c) || c == '_' || c == '-' || c == '.'; };
    return all_are(text, is_of_name) ? "name" : "text";
}

void field_survey::take(const json::object& object, field_placeholders& unknown, std::string_view records) {
    take_object(object, {}, unknown, records);
}

void field_survey::take_object(const json::object& object, const place& at, field_placeholders& unknown,
                               std::string_view records) {
    ++parents_[at.shown];
    for (const auto& member : object) {
        const std::string_view name = member.key();
        const std::string path = at.path.empty() ? std::string(name) : at.path + '.' + std::string(name);
        // A dot, a bracket or a blank in a name would let it pass for another path.
        const bool is_plain = name.find_first_of(".[] ") == std::string_view::npos;
        const bool known = is_plain && is_known_field(call_, part_, path);
        place below{known ? path : "?", known ? std::string(name) : unknown.of(name)};
        if (!at.shown.empty())
            below.shown = at.shown + '.' + below.shown;
        if (!fields_.contains(below.shown) && fields_.size() >= most_paths)
            continue;
        parent_of_[below.shown] = at.shown;
        field_form& form = fields_[below.shown];
        form.known = known;
        ++form.types[std::string(type_of(member.value()))];
        if (known && !records.empty() && path == records)
            continue;
        take_value(member.value(), below, unknown);
    }
}

void field_survey::take_value(const json::value& value, const place& at, field_placeholders& unknown) {
    if (value.is_object()) {
        take_object(value.get_object(), at, unknown, {});
        return;
    }
    if (!value.is_array()) {
        take_scalar(value, at, fields_[at.shown]);
        return;
    }
    for (const json::value& item : value.get_array()) {
        if (item.is_object())
            take_object(item.get_object(), {at.path + "[]", at.shown + "[]"}, unknown, {});
    }
}

void field_survey::take_scalar(const json::value& value, const place& at, field_form& into) const {
    std::string text;
    if (value.is_string())
        text = std::string(std::string_view(value.get_string()));
    else if (value.is_number())
        text = json::serialize(value);
    else
        return;

    const std::string_view word = trimmed(text, blanks_around_words);
    if (word.size() < text.size() && !word.empty())
        ++into.padded;
    if (value.is_string() && is_known_word(call_, part_, at.path, word)) {
        ++into.shapes["word"];
        ++into.words[std::string(word)];
        return;
    }
    const bool is_whole = value.is_int64() || value.is_uint64();
    const std::string_view shape = value.is_string() ? shape_of(text) : is_whole ? "integer" : "decimal";
    ++into.shapes[std::string(shape)];
    if (is_percentage(call_, part_, at.path)) {
        if (const auto read = cloud::to_percentage(value))
            widen(into.range, *read);
    } else if (is_count(call_, part_, at.path)) {
        const auto read = cloud::to_count(value);
        if (read && static_cast<double>(*read) <= greatest_count)
            widen(into.range, static_cast<double>(*read));
    }
}

std::size_t field_survey::objects() const {
    const auto found = parents_.find("");
    return found == parents_.end() ? 0 : found->second;
}

field_forms field_survey::forms() const {
    field_forms all = fields_;
    if (objects() > 0) {
        for_each_expected_field(call_, part_, [&](std::string_view path) {
            if (const auto dot = path.find('.');
                dot != std::string_view::npos && !parents_.contains(std::string(path.substr(0, dot))))
                return;
            all[std::string(path)].known = true;
        });
    }
    for (auto& [path, form] : all) {
        const auto parent = parent_of_.find(path);
        const auto dot = path.rfind('.');
        const std::string above = parent != parent_of_.end() ? parent->second
                                  : dot == std::string::npos ? ""
                                                             : path.substr(0, dot);
        form.of = parents_.at(above);
        std::size_t came = 0;
        for (const auto& [type, times] : form.types)
            came += times;
        form.of = std::max(form.of, came); // fields that share a placeholder may be in one object
        if (came < form.of)
            form.types["absent"] = form.of - came;
    }
    return all;
}

} // namespace replmond::doctor
