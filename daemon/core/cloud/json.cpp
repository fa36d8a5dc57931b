// Parses JSON as the cloud may write it: numbers as strings, strings as numbers, halves of surrogate pairs.
// Boost.JSON does the parsing; its results for numbers and bad escapes are corrected here.

#include "daemon/core/cloud/json.hpp"

#include "daemon/core/model/text.hpp"

#include <boost/json.hpp>
#include <boost/json/array.hpp>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value_stack.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace replmond::cloud {

namespace {

namespace json = boost::json;

// The handler of Boost.JSON's parser. The whole text is passed in one call, so every number arrives in one
// piece and on_number_part() need not collect anything.
struct value_builder {
    static constexpr std::size_t max_object_size = json::object::max_size();
    static constexpr std::size_t max_array_size = json::array::max_size();
    static constexpr std::size_t max_key_size = json::string::max_size();
    static constexpr std::size_t max_string_size = json::string::max_size();
    using error = json::error_code;

    json::value_stack built;

    bool on_document_begin(error&) { return true; }
    bool on_document_end(error&) { return true; }
    bool on_object_begin(error&) { return true; }
    bool on_object_end(std::size_t members, error&) {
        built.push_object(members);
        return true;
    }
    bool on_array_begin(error&) { return true; }
    bool on_array_end(std::size_t elements, error&) {
        built.push_array(elements);
        return true;
    }
    bool on_key_part(json::string_view part, std::size_t, error&) {
        built.push_chars(part);
        return true;
    }
    bool on_key(json::string_view last, std::size_t, error&) {
        built.push_key(last);
        return true;
    }
    bool on_string_part(json::string_view part, std::size_t, error&) {
        built.push_chars(part);
        return true;
    }
    bool on_string(json::string_view last, std::size_t, error&) {
        built.push_string(last);
        return true;
    }
    bool on_number_part(json::string_view, error&) { return true; }
    bool on_int64(std::int64_t number, json::string_view, error&) {
        built.push_int64(number);
        return true;
    }
    bool on_uint64(std::uint64_t number, json::string_view, error&) {
        built.push_uint64(number);
        return true;
    }
    bool on_double(double number, json::string_view digits, error&) {
        // If the number is out of a double's range, from_chars leaves Boost's value: infinite or 0.
        std::from_chars(digits.data(), digits.data() + digits.size(), number);
        built.push_double(number);
        return true;
    }
    bool on_bool(bool value, error&) {
        built.push_bool(value);
        return true;
    }
    bool on_null(error&) {
        built.push_null();
        return true;
    }
    bool on_comment_part(json::string_view, error&) { return true; }
    bool on_comment(json::string_view, error&) { return true; }
};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// The position after the string whose opening quote is at `at`; beyond the end of the text if it is not
// closed.
std::size_t after_string(const std::string& text, std::size_t at) {
    for (++at; at < text.size() && text[at] != '"'; ++at) {
        if (text[at] == '\\')
            ++at;
    }
    return at + 1;
}

// Boost.JSON refuses a document if the exponent of one number does not fit in an int. Such an exponent is
// replaced by 999999 with leading zeros, which keeps the length of the text and is also beyond every double.
std::string with_small_exponents(std::string text) {
    constexpr std::size_t enough = 6;
    for (std::size_t at = 1; at < text.size();) {
        if (text[at - 1] == '"') {
            at = after_string(text, at - 1) + 1;
            continue;
        }
        const bool is_mark = (text[at] == 'e' || text[at] == 'E') && is_digit(text[at - 1]);
        if (!is_mark) {
            ++at;
            continue;
        }
        ++at;
        if (at < text.size() && (text[at] == '+' || text[at] == '-'))
            ++at;
        std::size_t end = at;
        while (end < text.size() && is_digit(text[end]))
            ++end;
        const std::size_t first = std::min(text.find_first_not_of('0', at), end);
        for (std::size_t i = first; end - first > enough && i < end; ++i)
            text[i] = i + enough < end ? '0' : '9';
        at = end;
    }
    return text;
}

// The UTF-16 code unit of the escape \uXXXX at `at` (RFC 8259 7); nothing if there is no such escape.
std::optional<unsigned> escaped_unit(std::string_view text, std::size_t at) {
    constexpr std::size_t escape_length = 6;
    if (at + escape_length > text.size() || text[at] != '\\' || text[at + 1] != 'u')
        return std::nullopt;
    unsigned unit = 0;
    const char* const digits = text.data() + at + 2;
    const auto read = std::from_chars(digits, text.data() + at + escape_length, unit, 16);
    if (read.ptr != text.data() + at + escape_length)
        return std::nullopt;
    return unit;
}

// The first and the second half of a surrogate pair (RFC 2781 2.1).
bool is_leading(std::optional<unsigned> unit) {
    return unit && *unit >= 0xD800 && *unit <= 0xDBFF;
}

bool is_trailing(std::optional<unsigned> unit) {
    return unit && *unit >= 0xDC00 && *unit <= 0xDFFF;
}

// Replaces every half of a surrogate pair that has no other half by \uFFFD. The text is not parsed for this:
// a backslash outside of a string is an error in any case, and replacing an escape does not make it valid.
std::string with_whole_pairs(std::string text) {
    constexpr std::string_view replacement = "\\uFFFD";
    for (std::size_t at = text.find('\\'); at != std::string::npos; at = text.find('\\', at)) {
        const auto unit = escaped_unit(text, at);
        if (!unit) {
            at += 2;
        } else if (is_leading(unit) && is_trailing(escaped_unit(text, at + replacement.size()))) {
            at += 2 * replacement.size();
        } else {
            if (is_leading(unit) || is_trailing(unit))
                text.replace(at, replacement.size(), replacement);
            at += replacement.size();
        }
    }
    return text;
}

json::value parse_once(std::string_view text, json::error_code& error, json::storage_ptr storage) {
    json::basic_parser<value_builder> parser{json::parse_options()};
    json::value_stack& built = parser.handler().built;
    built.reset(std::move(storage));
    const std::size_t used = parser.write_some(false, text.data(), text.size(), error);
    if (!error && used < text.size())
        error = json::error::extra_data;
    return error ? json::value() : built.release();
}

} // namespace

json::value parse_exactly(std::string_view text, json::error_code& error, json::storage_ptr storage) {
    auto value = parse_once(text, error, storage);
    if (!error)
        return value;
    // The error for half a pair depends on the characters after it. So after any error the text is mended
    // and, if that has changed it, parsed again.
    std::string mended = with_whole_pairs(std::string(text));
    if (error != json::error::exponent_overflow && mended == text)
        return value;
    mended = with_small_exponents(std::move(mended));
    error.clear();
    return parse_once(mended, error, std::move(storage));
}

namespace {

constexpr std::size_t description_limit = 128;               // bytes
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

// Serializes only the part that is shown, since a value may be as large as the whole answer.
std::string beginning_of(const json::value& value) {
    // 4 bytes more, so that cut_between_characters() sees whether the limit is inside a character.
    std::array<char, description_limit + 4> buffer{};
    json::serializer writer;
    writer.reset(&value);
    return std::string(writer.read(buffer.data(), buffer.size()));
}

} // namespace

std::optional<double> to_percentage(const json::value& value) {
    const auto number = to_number(value, true);
    if (!number || *number < 0 || *number > 100)
        return std::nullopt;
    return *number + 0.0; // turns -0 into 0
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
