// Functions for text from outside: UTF-8, trimming, cutting, comparing, numbers.

#include "daemon/core/model/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

namespace replmond {

namespace {

constexpr std::size_t longest_compared = 128; // bytes; edit_distance() takes the product of both lengths

// The length of the sequence that starts at `text[at]`; 0 if it is ill-formed (RFC 3629 4).
std::size_t sequence_length(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const std::uint8_t lead = byte(at);
    if (lead < 0x80)
        return 1;

    if (lead < 0xC2 || lead > 0xF4)
        return 0;

    std::size_t length = 2;
    // The bounds of the second byte. They exclude overlong forms, surrogates and everything above U+10FFFF.
    std::uint8_t low = 0x80;
    std::uint8_t high = 0xBF;
    if (lead >= 0xF0) {
        length = 4;
        if (lead == 0xF0)
            low = 0x90;
        if (lead == 0xF4)
            high = 0x8F;
    } else if (lead >= 0xE0) {
        length = 3;
        if (lead == 0xE0)
            low = 0xA0;
        if (lead == 0xED)
            high = 0x9F;
    }

    if (at + length > text.size() || byte(at + 1) < low || byte(at + 1) > high)
        return 0;
    for (std::size_t i = 2; i < length; ++i) {
        if (byte(at + i) < 0x80 || byte(at + i) > 0xBF)
            return 0;
    }
    return length;
}

// The Levenshtein distance: the number of insertions, deletions and replacements that turn `b` into `a`. Only
// one row of the matrix is kept.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i + 1);
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
        }
    }
    return row.back();
}

} // namespace

bool is_valid_utf8(std::string_view text) {
    return valid_utf8_prefix(text) == text.size();
}

std::size_t valid_utf8_prefix(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t length = sequence_length(text, at);
        if (length == 0)
            break;
        at += length;
    }
    return at;
}

std::string cut_between_characters(std::string_view text, std::size_t limit) {
    limit = std::min(limit, text.size());
    // A character has at most 4 bytes, so one that is cut at `limit` begins within the last three bytes
    // before it.
    for (std::size_t back = 1; back <= std::min<std::size_t>(limit, 3); ++back) {
        const std::size_t begin = limit - back;
        if (begin + sequence_length(text, begin) > limit)
            return std::string(text.substr(0, begin));
    }
    return std::string(text.substr(0, limit));
}

std::string cut_after_characters(std::string_view text, std::size_t limit) {
    std::size_t at = 0;
    for (; limit > 0 && at < text.size(); --limit)
        at += std::max<std::size_t>(sequence_length(text, at), 1);
    return std::string(text.substr(0, at));
}

std::string to_lower_ascii(std::string_view text) {
    std::string lower(text);
    for (char& c : lower) {
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    }
    return lower;
}

bool is_visible_ascii(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7F; });
}

std::string_view trimmed(std::string_view text, std::string_view blanks) {
    const std::size_t begin = text.find_first_not_of(blanks);
    if (begin == std::string_view::npos)
        return {};
    return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

std::string_view closest_word(std::string_view word, std::span<const std::string_view> known) {
    const std::string lower = to_lower_ascii(word.substr(0, longest_compared));
    std::string_view best;
    std::size_t best_distance = std::min<std::size_t>(3, word.size() / 2 + 1); // must be less than this
    for (const std::string_view candidate : known) {
        const std::size_t distance = edit_distance(lower, to_lower_ascii(candidate));
        if (distance < best_distance) {
            best_distance = distance;
            best = candidate;
        }
    }
    return best;
}

std::string to_shortest(double value) {
    std::array<char, 32> buffer{};
    const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
    static_cast<void>(error); // the shortest form of every double fits in 32 characters
    return {buffer.data(), end};
}

namespace {

// Every decimal of up to so many digits survives the conversion to double and back, so it is the shortest
// form of its double.
constexpr std::size_t exact_digits = std::numeric_limits<double>::digits10;

// The fast path of to_ratio(): "42.5" -> "0.425" by moving the decimal point in the text. Nothing if the
// result might not be the shortest form.
std::optional<std::string> shifted_digits(double percentage) {
    if (percentage < 1 || percentage >= 100)
        return std::nullopt;
    const std::string text = to_shortest(percentage);
    const std::size_t point = std::min(text.find('.'), text.size());
    if (text.size() > exact_digits)
        return std::nullopt;
    std::string ratio = point == 1 ? "0.0" : "0.";
    ratio.append(text, 0, point);
    if (point < text.size())
        ratio.append(text, point + 1);
    ratio.resize(ratio.find_last_not_of('0') + 1);
    return ratio;
}

} // namespace

std::string to_ratio(double percentage) {
    if (auto ratio = shifted_digits(percentage))
        return std::move(*ratio);
    // The general case: the exponent is decreased by 2 in the text, so that no binary division rounds.
    std::array<char, 32> buffer{}; // d.ddde+xx
    const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), percentage,
                                            std::chars_format::scientific);
    static_cast<void>(error);
    const std::string_view text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
    const std::size_t mark = text.find('e');
    const std::size_t sign = text[mark + 1] == '+' ? 1 : 0; // std::from_chars does not accept a plus sign
    int exponent = 0;
    std::from_chars(text.data() + mark + 1 + sign, end, exponent);
    const auto shifted = parse_number(fmt::format("{}e{}", text.substr(0, mark), exponent - 2));
    return to_shortest(shifted.value_or(0)); // else it is too small for a double
}

std::optional<double> parse_number(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
        return std::nullopt;
    return value;
}

} // namespace replmond
