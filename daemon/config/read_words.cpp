#include "daemon/config/read_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace replmond::config {
namespace {

constexpr std::size_t longest_name = 128;

// Labels that the info metric has of its own, and those that Prometheus puts on every target.
constexpr std::array<std::string_view, 11> taken_labels{
    "project",         "starrocks_instance", "task",      "region", "project_id", "instance_id",
    "source_database", "target_database",    "main_task", "job",    "instance",
};

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_letter_or_digit(char c) {
    return is_letter(c) || (c >= '0' && c <= '9');
}

bool is_label_name(std::string_view key) {
    const auto is_allowed = [](char c) { return is_letter_or_digit(c) || c == '_'; };
    return !key.empty() && (is_letter(key.front()) || key.front() == '_') &&
           std::all_of(key.begin(), key.end(), is_allowed);
}

// Why `key` cannot be a label of ours; empty when it can.
std::string_view label_mistake(std::string_view key) {
    if (!is_label_name(key))
        return "expected a label name: letters, digits and _, not starting with a digit";
    if (key.starts_with("__"))
        return "label names that start with __ are reserved by Prometheus";
    if (std::find(taken_labels.begin(), taken_labels.end(), key) != taken_labels.end())
        return "this label is set already, by replmond or Prometheus; use another name";
    return {};
}

} // namespace

std::optional<std::string> read_name(const yaml_place& place) {
    auto name = place.text();
    if (!name || (!name->empty() && name->size() <= longest_name))
        return name;
    place.complain_expected(fmt::format("a name of 1 to {} bytes", longest_name));
    return std::nullopt;
}

std::optional<std::string> read_word(const yaml_place& place, std::size_t longest) {
    auto word = place.text();
    const auto is_allowed = [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_'; };
    if (!word ||
        (!word->empty() && word->size() <= longest && std::all_of(word->begin(), word->end(), is_allowed)))
        return word;
    place.complain_expected(fmt::format("1 to {} letters, digits, - and _", longest));
    return std::nullopt;
}

label_map read_labels(const yaml_place& place) {
    label_map labels;
    for (const yaml_entry& entry : place.entries()) {
        if (const std::string_view mistake = label_mistake(entry.key); !mistake.empty())
            place.complain_at(entry.at, fmt::format("{}: {}", config::quoted(entry.key), mistake));
        else if (auto value = entry.value.text())
            labels.emplace(entry.key, std::move(*value));
    }
    return labels;
}

} // namespace replmond::config
