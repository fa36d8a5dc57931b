#include "tests/simulator/report_node.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace json = boost::json;

namespace replmond::simulator {
namespace {

std::string listed(std::initializer_list<std::string_view> words) {
    return fmt::format("{}", fmt::join(words, ", "));
}

} // namespace

report_node report_node::child(std::string place, const json::value& value) const {
    return {file_, std::move(place), value};
}

report_node report_node::at(std::string_view key) const {
    auto found = find(key);
    if (!found)
        refuse(fmt::format("needs '{}'", key));
    return *found;
}

std::optional<report_node> report_node::find(std::string_view key) const {
    if (!value_->is_object())
        refuse("must be an object");
    const auto* value = value_->get_object().if_contains(key);
    if (!value)
        return std::nullopt;
    return child(place_.empty() ? std::string(key) : fmt::format("{}.{}", place_, key), *value);
}

void report_node::allow(std::initializer_list<std::string_view> keys) const {
    for (const auto& [key, node] : members()) {
        if (std::find(keys.begin(), keys.end(), key) == keys.end())
            refuse(fmt::format("has no key '{}'; it has {}", key, listed(keys)));
    }
}

std::vector<report_node> report_node::items() const {
    if (!value_->is_array())
        refuse("must be an array");
    std::vector<report_node> nodes;
    for (const auto& item : value_->get_array())
        nodes.push_back(child(fmt::format("{}[{}]", place_, nodes.size()), item));
    return nodes;
}

std::vector<std::pair<std::string, report_node>> report_node::members() const {
    if (!value_->is_object())
        refuse("must be an object");
    std::vector<std::pair<std::string, report_node>> nodes;
    for (const auto& member : value_->get_object())
        nodes.emplace_back(member.key(), at(member.key()));
    return nodes;
}

std::string report_node::text() const {
    if (!value_->is_string())
        refuse("must be a string");
    return std::string(value_->get_string());
}

bool report_node::boolean() const {
    if (!value_->is_bool())
        refuse("must be true or false");
    return value_->get_bool();
}

std::size_t report_node::count() const {
    constexpr std::int64_t most = 1'000'000;
    if (!value_->is_int64() || value_->get_int64() < 0 || value_->get_int64() > most)
        refuse("must be a whole number from 0 to 1000000");
    return static_cast<std::size_t>(value_->get_int64());
}

std::string report_node::one_of(std::initializer_list<std::string_view> words) const {
    std::string word = text();
    if (std::find(words.begin(), words.end(), word) == words.end())
        refuse(fmt::format("must be one of {}, not '{}'", listed(words), word));
    return word;
}

void report_node::refuse(std::string_view text) const {
    throw report_error(fmt::format("{}: {}{}{}", file_, place_, place_.empty() ? "" : ": ", text));
}

} // namespace replmond::simulator
