#include "tests/simulator/json_fields.hpp"

#include "tests/simulator/json_text.hpp"

#include <boost/json/value.hpp>

#include <cmath>

namespace json = boost::json;

namespace replmond::simulator {

const json::value* json_fields::find(std::string_view key) {
    known_.emplace(key);
    return object_.if_contains(key);
}

void json_fields::refuse(std::string_view key, std::string_view wanted) {
    if (mistake_.empty())
        mistake_ = "'" + std::string(key) + "' must be " + std::string(wanted);
}

void json_fields::read(std::string_view key, std::string& target) {
    std::optional<std::string> value = target;
    read(key, value);
    if (value)
        target = *value;
    else
        refuse(key, "a string");
}

void json_fields::read(std::string_view key, bool& target) {
    std::optional<bool> value = target;
    read(key, value);
    target = value.value_or(false);
}

void json_fields::read(std::string_view key, std::optional<std::string>& target) {
    const auto* value = find(key);
    if (!value)
        return;
    if (value->is_null())
        target.reset();
    else if (value->is_string())
        target = std::string(value->get_string());
    else if (value->is_number())
        target = json_text(*value);
    else
        refuse(key, "a string");
}

void json_fields::read(std::string_view key, std::optional<bool>& target) {
    const auto* value = find(key);
    if (!value)
        return;
    if (value->is_null())
        target.reset();
    else if (value->is_bool())
        target = value->get_bool();
    else
        refuse(key, "true or false");
}

void json_fields::read(std::string_view key, std::optional<double>& target) {
    const auto* value = find(key);
    if (!value)
        return;
    boost::system::error_code ec;
    const auto number = value->is_number() ? value->to_number<double>(ec) : std::nan("");
    if (value->is_null())
        target.reset();
    else if (std::isfinite(number))
        target = number;
    else
        refuse(key, "a number");
}

void json_fields::read(std::string_view key, std::optional<std::int64_t>& target, std::int64_t low,
                       std::int64_t high) {
    const auto* value = find(key);
    if (!value)
        return;
    if (value->is_null())
        target.reset();
    else if (value->is_int64() && value->get_int64() >= low && value->get_int64() <= high)
        target = value->get_int64();
    else
        refuse(key, "an integer from " + std::to_string(low) + " to " + std::to_string(high));
}

const json::object* json_fields::read_object(std::string_view key) {
    static const json::object empty;
    const auto* value = find(key);
    if (!value)
        return nullptr;
    if (value->is_null())
        return &empty;
    if (!value->is_object())
        refuse(key, "an object");
    return value->if_object();
}

std::string json_fields::mistake() const {
    if (!mistake_.empty())
        return mistake_;
    for (const auto& member : object_) {
        if (!known_.contains(std::string_view(member.key())))
            return "unknown field '" + std::string(member.key()) + "'";
    }
    return {};
}

} // namespace replmond::simulator
