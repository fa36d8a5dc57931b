#include "tests/simulator/json_text.hpp"

#include <boost/json/serialize.hpp>

#include <array>
#include <charconv>

namespace json = boost::json;

namespace replmond::simulator {
namespace {

void append(std::string& text, const json::value& value) {
    if (const auto* object = value.if_object()) {
        const char* separator = "{";
        for (const auto& [key, member] : *object) {
            text += separator;
            text += json::serialize(json::string(key)) + ":";
            append(text, member);
            separator = ",";
        }
        text += object->empty() ? "{}" : "}";
    } else if (const auto* array = value.if_array()) {
        const char* separator = "[";
        for (const auto& item : *array) {
            text += separator;
            append(text, item);
            separator = ",";
        }
        text += array->empty() ? "[]" : "]";
    } else if (const auto* number = value.if_double()) {
        text += decimal(*number);
    } else {
        text += json::serialize(value);
    }
}

} // namespace

std::string json_text(const json::value& value) {
    std::string text;
    append(text, value);
    return text;
}

std::string decimal(double value) {
    std::array<char, 400> digits{}; // a double in fixed notation has at most 309 before the point
    const auto result =
        std::to_chars(digits.data(), digits.data() + digits.size(), value, std::chars_format::fixed);
    return std::string(digits.data(), result.ptr);
}

} // namespace replmond::simulator
