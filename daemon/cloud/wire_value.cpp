#include "daemon/cloud/wire_value.hpp"

#include "daemon/model/number.hpp"
#include "daemon/model/text.hpp"

#include <boost/json.hpp>

#include <array>
#include <cmath>
#include <string_view>

namespace replmond::cloud {
namespace {

namespace json = boost::json;

constexpr std::size_t description_limit = 128;
constexpr double largest_exact_integer = 9007199254740992.0; // 2^53

std::optional<double> to_number(const json::value& value, bool percent_sign_allowed) {
    switch (value.kind()) {
    case json::kind::int64:
        return static_cast<double>(value.get_int64());
    case json::kind::uint64:
        return static_cast<double>(value.get_uint64());
    case json::kind::double_:
        return value.get_double(); // 1e400 is infinite
    case json::kind::string:
        break;
    default:
        return std::nullopt;
    }
    std::string_view text = trimmed(value.get_string(), blanks_around_words);
    if (percent_sign_allowed && text.ends_with('%'))
        text = trimmed(text.substr(0, text.size() - 1), blanks_around_words);
    return parse_number(text);
}

// No more of it than is shown: a value may be as large as the whole answer.
std::string beginning_of(const json::value& value) {
    std::array<char, description_limit + 4>
        buffer{}; // whether a character ends at the limit is seen after it
    json::serializer writer;
    writer.reset(&value);
    return std::string(writer.read(buffer.data(), buffer.size()));
}

} // namespace

std::optional<double> to_percentage(const json::value& value) {
    const auto number = to_number(value, true);
    if (!number || *number < 0 || *number > 100)
        return std::nullopt;
    return *number + 0.0; // "-0" is 0
}

std::optional<std::uint64_t> to_count(const json::value& value) {
    const auto number = to_number(value, false);
    if (!number || *number < 0 || *number > largest_exact_integer || *number != std::floor(*number))
        return std::nullopt;
    return static_cast<std::uint64_t>(*number);
}

std::optional<bool> to_boolean(const json::value& value) {
    if (value.is_bool())
        return value.get_bool();
    if (!value.is_string())
        return std::nullopt;
    const std::string word = to_lower_ascii(trimmed(value.get_string(), blanks_around_words));
    if (word == "true")
        return true;
    if (word == "false")
        return false;
    return std::nullopt;
}

std::string describe(const json::value& value) {
    if (value.is_string())
        return cut_between_characters(value.get_string(), description_limit);
    if (value.is_double() && std::isfinite(value.get_double()))
        return to_shortest(value.get_double()); // Boost.JSON would write 100.1 as 1.001E2
    return cut_between_characters(beginning_of(value), description_limit);
}

} // namespace replmond::cloud
