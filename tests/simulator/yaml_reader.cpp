#include "tests/simulator/yaml_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace replmond::simulator {
namespace {

// Milliseconds of a duration's unit, 0 for an unknown one.
std::int64_t unit_length(std::string_view unit) {
    static const std::map<std::string_view, std::int64_t> units{
        {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
    const auto found = units.find(unit);
    return found == units.end() ? 0 : found->second;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

} // namespace

scenario_error scenario_error::at(const std::string& file, const YAML::Node& node, const std::string& text) {
    // Marks count from 0; an empty document has none.
    const auto mark = node.Mark();
    const int line = mark.is_null() ? 1 : mark.line + 1;
    const int column = mark.is_null() ? 1 : mark.column + 1;
    return scenario_error(fmt::format("{}:{}:{}: {}", file, line, column, text));
}

std::optional<virtual_time> parse_duration(std::string_view text) {
    constexpr std::int64_t longest = 3650LL * 86'400'000;
    std::int64_t sum = 0;
    if (text.empty())
        return std::nullopt;
    while (!text.empty()) {
        std::int64_t count = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
        if (error != std::errc{} || !is_digit(text.front()) || count > longest)
            return std::nullopt;
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        const auto next =
            static_cast<std::size_t>(std::find_if(text.begin(), text.end(), is_digit) - text.begin());
        const std::int64_t unit = unit_length(text.substr(0, next));
        if (unit == 0 || count > (longest - sum) / unit)
            return std::nullopt;
        sum += count * unit;
        text.remove_prefix(next);
    }
    return virtual_time{sum};
}

std::optional<double> parse_number(const std::string& text, double low, double high) {
    double value = 0;
    const char* last = text.data() + text.size();
    const auto [end, error] = std::from_chars(text.data(), last, value, std::chars_format::fixed);
    if (error != std::errc{} || end != last || !std::isfinite(value) || value < low || value > high)
        return std::nullopt;
    return value;
}

mapping::mapping(const std::string& file, const YAML::Node& node, const std::string& what,
                 std::initializer_list<std::string_view> allowed)
    : file_(file), node_(node), what_(what) {
    if (!node.IsMap())
        refuse(fmt::format("{} must be a mapping of {}", what, fmt::join(allowed, ", ")));
    for (const auto& entry : node) {
        const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : "";
        if (std::find(allowed.begin(), allowed.end(), key) == allowed.end())
            throw scenario_error::at(
                file_, entry.first,
                fmt::format("{} has no key '{}'; it has {}", what, key, fmt::join(allowed, ", ")));
        if (!entries_.emplace(key, entry.second).second)
            throw scenario_error::at(file_, entry.first, fmt::format("{}: '{}' is given twice", what, key));
    }
}

const YAML::Node& mapping::at(const std::string& key) const {
    const auto found = entries_.find(key);
    if (found == entries_.end())
        refuse(fmt::format("{} needs '{}'", what_, key));
    return found->second;
}

std::string mapping::text(const std::string& key) const {
    const auto& value = at(key);
    if (!value.IsScalar() || value.Scalar().empty())
        refuse(key, "must be a text that is not empty");
    return value.Scalar();
}

std::string mapping::text_or(const std::string& key, const std::string& otherwise) const {
    return has(key) ? text(key) : otherwise;
}

bool mapping::boolean_or(const std::string& key, bool otherwise) const {
    if (!has(key))
        return otherwise;
    const std::string value = text(key);
    if (value != "true" && value != "false")
        refuse(key, fmt::format("must be true or false, not '{}'", value));
    return value == "true";
}

double mapping::number(const std::string& key, double low, double high) const {
    const auto value = parse_number(text(key), low, high);
    if (!value)
        refuse(key, fmt::format("must be a number from {} to {}, not '{}'", low, high, text(key)));
    return *value;
}

std::int64_t mapping::integer(const std::string& key, std::int64_t low, std::int64_t high) const {
    const double value = number(key, static_cast<double>(low), static_cast<double>(high));
    if (value != std::floor(value))
        refuse(key, fmt::format("must be a whole number, not '{}'", text(key)));
    return static_cast<std::int64_t>(value);
}

virtual_time mapping::duration(const std::string& key) const {
    const auto value = parse_duration(text(key));
    if (!value)
        refuse(key, fmt::format("must be a duration such as 500ms, 30s or 1h30m, not '{}'", text(key)));
    return *value;
}

virtual_time mapping::duration_or(const std::string& key, virtual_time otherwise) const {
    return has(key) ? duration(key) : otherwise;
}

const YAML::Node& mapping::list(const std::string& key) const {
    const auto& value = at(key);
    if (!value.IsSequence())
        refuse(key, "must be a list");
    return value;
}

void mapping::refuse(const std::string& key, const std::string& text) const {
    throw scenario_error::at(file_, at(key), fmt::format("{}: '{}' {}", what_, key, text));
}

void mapping::refuse(const std::string& text) const {
    throw scenario_error::at(file_, node_, text);
}

} // namespace replmond::simulator
