#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace replmond {

/// True when `text` is well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms, at most U+10FFFF).
bool is_valid_utf8(std::string_view text);

/// Bytes of `text` before its first ill-formed sequence; text.size() when there is none.
std::size_t valid_utf8_prefix(std::string_view text);

/// The first `limit` bytes of `text`, or up to three fewer where they would end inside a character. Bytes
/// that are no UTF-8 are kept as they are.
std::string cut_between_characters(std::string_view text, std::size_t limit);

/// The first `limit` characters of `text`, which is UTF-8.
std::string cut_after_characters(std::string_view text, std::size_t limit);

/// ASCII-only lower case: the cloud's words are compared without regard to case (README, "Not verified", says
/// why).
std::string to_lower_ascii(std::string_view text);

/// Not empty, and ASCII without spaces and controls: fit for a header as it is.
bool is_visible_ascii(std::string_view text);

/// What may stand around the cloud's words and numbers and means nothing.
inline constexpr std::string_view blanks_around_words = " \t\r\n";

/// `text` without the `blanks` at its ends.
std::string_view trimmed(std::string_view text, std::string_view blanks = " \t");

/// The one of `known` that was probably meant by `word`: at most two letters differ, case apart; empty where
/// none is that close. Only the first 128 bytes of `word` are looked at.
std::string_view closest_word(std::string_view word, std::span<const std::string_view> known);

/// The shortest decimal that reads back as the same double, without regard to the locale: 42.5, 1e+21.
std::string to_shortest(double value);

/// `percentage` / 100 as a decimal: 1.1 is 0.011, not the 0.011000000000000001 of binary division.
std::string to_ratio(double percentage);

/// Reads a whole decimal number ("42.5", "1e2"); nothing else may stand beside it. Infinities and NaN are
/// refused.
std::optional<double> parse_number(std::string_view text);

} // namespace replmond
