// Reads values from a YAML tree and reports every mistake with its position: unknown keys, wrong types,
// values out of range.

#include "daemon/core/config/yaml_reader.hpp"

#include "daemon/core/config/values.hpp"
#include "daemon/core/model/text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <map>
#include <utility>

namespace replmond::config {

namespace {

constexpr std::size_t longest_shown_key = 40;
constexpr std::size_t longest_discreet_word = 24;

bool consists_of(std::string_view characters, std::string_view text) {
    return !text.empty() && text.find_first_not_of(characters) == std::string_view::npos;
}

// True for a text that looks like a word of the configuration, such as a type or a key. No secret of the
// cloud does.
bool is_plain_word(std::string_view text) {
    return text.size() <= longest_discreet_word && consists_of("abcdefghijklmnopqrstuvwxyz_", text);
}

// After a typing mistake such as `token:s3cret` a secret is part of a key. So a key is only shown if it has
// the form of one.
bool is_plain_key(std::string_view text) {
    return text.size() <= longest_shown_key &&
           consists_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-", text);
}

std::string did_you_mean(std::string_view word, const std::vector<std::string_view>& known) {
    const std::string_view meant = closest_word(word, known);
    return meant.empty() ? std::string() : fmt::format(", did you mean {}?", config::quoted(meant));
}

std::chrono::milliseconds bound(std::string_view text) {
    return parse_duration(text).value(); // the bounds are constants of this program
}

void report_unknown(const yaml_place& place, const yaml_entry& entry,
                    const std::vector<std::string_view>& allowed, std::string_view condition) {
    if (entry.key == "<<") {
        place.complain_at(entry.at, "merge keys (<<) are not supported; write the keys out");
        return;
    }
    place.complain_at(entry.at,
                      fmt::format("unknown {}{} (allowed{}: {})", place.shown_key(entry.key),
                                  did_you_mean(entry.key, allowed), condition, fmt::join(allowed, ", ")));
}

} // namespace

yaml_place::yaml_place(yaml_pointer node, position at, std::string path, findings& out)
    : node_(std::move(node)), at_(at), path_(std::move(path)), out_(&out) {}

yaml_place yaml_place::without_text() const {
    yaml_place copy = *this;
    copy.discreet_ = true;
    return copy;
}

void yaml_place::complain_at(position where, std::string_view message) const {
    const std::string text = path_.empty() ? std::string(message) : fmt::format("{}: {}", path_, message);
    out_->problems.push_back({where.line, where.column, text});
}

void yaml_place::warn(std::string_view message) const {
    out_->warnings.push_back(fmt::format("{}: {}", path_, message));
}

void yaml_place::report_expected(std::string_view what) const {
    report(fmt::format("expected {}{}", what, got(discreet_ ? shown::words : shown::text)));
}

void yaml_place::complain_unknown(std::string_view what, const std::vector<std::string_view>& known) const {
    report(fmt::format("expected {}{}{}", what, got(discreet_ ? shown::words : shown::text),
                       did_you_mean(node_->text, known)));
}

std::string yaml_place::got(shown what) const {
    switch (node_->what) {
    case yaml_node::kind::null:
        return ", got nothing";
    case yaml_node::kind::sequence:
        return ", got a list";
    case yaml_node::kind::map:
        return ", got a map of keys";
    case yaml_node::kind::scalar:
        break;
    }
    if (what == shown::shape)
        return ", got text";
    if (what == shown::words && !is_plain_word(node_->text))
        return {};
    return ", got " + config::quoted(node_->text);
}

std::string yaml_place::shown_key(std::string_view key) const {
    const bool may_show = discreet_ ? is_plain_word(key) : is_plain_key(key) || key == "<<";
    return may_show ? "key " + config::quoted(key) : "key";
}

std::optional<std::string> yaml_place::scalar() const {
    if (node_->what != yaml_node::kind::scalar)
        return std::nullopt;
    return node_->text;
}

std::optional<std::string> yaml_place::raw_text() const {
    auto value = scalar();
    if (!value)
        report_expected("text");
    return value;
}

std::optional<std::string> yaml_place::text() const {
    auto value = raw_text();
    if (value && has_control_character(*value)) {
        report_expected("text on one line without control characters");
        return std::nullopt;
    }
    return value;
}

std::optional<std::chrono::milliseconds> yaml_place::duration(const duration_range& range) const {
    if (node_->what == yaml_node::kind::scalar) {
        const auto value = parse_duration(node_->text);
        if (value && *value >= bound(range.low) && *value <= bound(range.high))
            return value;
    }
    report_expected(fmt::format("a duration from {} to {} such as {}", range.low, range.high, range.sample));
    return std::nullopt;
}

std::optional<int> yaml_place::integer(const integer_range& range) const {
    // Leading zeros are refused, because in YAML 1.1 010 is an octal number, 8.
    const std::string& text = node_->text;
    const bool is_decimal = node_->what == yaml_node::kind::scalar && !node_->is_quoted &&
                            consists_of("0123456789", text) && (text == "0" || text.front() != '0');
    int value = 0;
    if (is_decimal && std::from_chars(text.data(), text.data() + text.size(), value).ec == std::errc() &&
        value >= range.low && value <= range.high)
        return value;
    report_expected(fmt::format("a whole number from {} to {}{}", range.low, range.high,
                                node_->is_quoted ? " without quotes" : ""));
    return std::nullopt;
}

std::optional<bool> yaml_place::boolean() const {
    if (node_->what == yaml_node::kind::scalar && !node_->is_quoted) {
        if (node_->text == "true")
            return true;
        if (node_->text == "false")
            return false;
    }
    report_expected(node_->is_quoted ? "true or false without quotes" : "true or false");
    return std::nullopt;
}

std::vector<yaml_place> yaml_place::items() const {
    std::vector<yaml_place> places;
    if (node_->what != yaml_node::kind::sequence) {
        report("expected a list" + got(shown::shape));
        return places;
    }
    for (std::size_t i = 0; i < node_->items.size(); ++i) {
        const yaml_pointer& item = node_->items[i];
        // yaml-cpp gives no position for a null value.
        const position at = item->what == yaml_node::kind::null ? at_ : item->at;
        yaml_place& place = places.emplace_back(item, at, fmt::format("{}[{}]", path_, i), *out_);
        place.discreet_ = discreet_;
    }
    return places;
}

bool yaml_place::says(std::string_view text) const {
    return node_->what == yaml_node::kind::scalar && node_->text == text;
}

std::optional<yaml_place> yaml_place::member(std::string_view key) const {
    for (const yaml_member& member : node_->members) {
        if (member.key == key)
            return child(member);
    }
    return std::nullopt;
}

// yaml-cpp gives no position for a null value either, so the position of its key is used.
yaml_place yaml_place::child(const yaml_member& member) const {
    const position at = member.value->what == yaml_node::kind::null ? member.at : member.value->at;
    yaml_place place(member.value, at, path_.empty() ? member.key : fmt::format("{}.{}", path_, member.key),
                     *out_);
    place.discreet_ = discreet_;
    return place;
}

std::vector<yaml_entry> yaml_place::entries() const {
    std::vector<yaml_entry> entries;
    if (node_->what != yaml_node::kind::map) {
        report("expected a map of keys" + got(shown::shape));
        return entries;
    }
    std::map<std::string_view, position> seen;
    for (const yaml_member& member : node_->members) {
        const auto [first, is_new] = seen.try_emplace(member.key, member.at);
        if (!is_new) {
            complain_at(member.at, fmt::format("duplicate {}, first on line {}", shown_key(member.key),
                                               first->second.line));
            continue;
        }
        entries.push_back({member.key, member.at, child(member)});
    }
    return entries;
}

yaml_map::yaml_map(const yaml_place& place) : place_(place), entries_(place.entries()) {}

yaml_map::yaml_map(const yaml_place& place, const std::vector<std::string_view>& allowed) : yaml_map(place) {
    allow_only(allowed, {});
}

yaml_map::yaml_map(const yaml_place& place, const key_section& section) : yaml_map(place, section.names()) {
    section_ = &section;
}

yaml_map yaml_map::with_any_key(const yaml_place& place, const key_section& section) {
    yaml_map map(place);
    map.section_ = &section;
    return map;
}

void yaml_map::allow_only(const std::vector<std::string_view>& allowed, std::string_view condition) {
    std::erase_if(entries_, [&](const yaml_entry& entry) {
        const bool is_allowed = std::find(allowed.begin(), allowed.end(), entry.key) != allowed.end();
        if (!is_allowed)
            report_unknown(place_, entry, allowed, condition);
        return !is_allowed;
    });
}

const yaml_entry* yaml_map::find(std::string_view key) const {
    const auto found =
        std::find_if(entries_.begin(), entries_.end(), [&](const auto& e) { return e.key == key; });
    return found == entries_.end() ? nullptr : &*found;
}

const yaml_place* yaml_map::value(std::string_view key) const {
    const yaml_entry* entry = find(key);
    return entry == nullptr ? nullptr : &entry->value;
}

const yaml_place* yaml_map::section(std::string_view key) const {
    const yaml_place* found = value(key);
    return found == nullptr || found->is_null() ? nullptr : found;
}

const yaml_place* yaml_map::require(std::string_view key) const {
    const yaml_place* found = value(key);
    if (found == nullptr)
        place_.report(fmt::format("{} is required", config::quoted(key)));
    return found;
}

void read_into(const yaml_map& map, std::string_view key, std::chrono::milliseconds& target) {
    const duration_range range = durations_of(map.row(key));
    if (const yaml_place* place = map.value(key))
        target = place->duration(range).value_or(target);
}

void read_into(const yaml_map& map, std::string_view key, std::optional<std::chrono::milliseconds>& target) {
    std::chrono::milliseconds read{-1};
    read_into(map, key, read);
    if (read.count() >= 0)
        target = read;
}

void read_into(const yaml_map& map, std::string_view key, int& target) {
    const integer_range range = integers_of(map.row(key));
    if (const yaml_place* place = map.value(key))
        target = place->integer(range).value_or(target);
}

void read_into(const yaml_map& map, std::string_view key, bool& target) {
    if (const yaml_place* place = map.value(key))
        target = place->boolean().value_or(target);
}

std::optional<std::string_view> read_choice(const yaml_map& map, std::string_view key) {
    const std::vector<std::string_view>& words = map.row(key).words;
    const yaml_place* place = map.value(key);
    if (place == nullptr)
        return std::nullopt;
    for (const std::string_view word : words) {
        if (place->says(word))
            return word;
    }
    place->complain_unknown(fmt::format("one of {}", fmt::join(words, ", ")), words);
    return std::nullopt;
}

} // namespace replmond::config
