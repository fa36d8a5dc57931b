#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace replmond {

/// True if `text` is well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms, at most U+10FFFF).
bool is_valid_utf8(std::string_view text);

/// The number of bytes of `text` before its first ill-formed sequence; text.size() if there is none.
std::size_t valid_utf8_prefix(std::string_view text);

/// The first `limit` bytes of `text`, or up to three fewer if the cut would be inside a character. Bytes that
/// are not UTF-8 are kept unchanged.
std::string cut_between_characters(std::string_view text, std::size_t limit);

/// The first `limit` characters of `text`. A byte that is not UTF-8 counts as one character.
std::string cut_after_characters(std::string_view text, std::size_t limit);

/// Converts only ASCII letters to lower case, whatever the locale. Used for comparing case-insensitively.
std::string to_lower_ascii(std::string_view text);

/// True if `text` is not empty and has only visible ASCII characters (VCHAR of RFC 5234 B.1), so that it can
/// be sent as a header's value (RFC 9110 5.5).
bool is_visible_ascii(std::string_view text);

/// The characters that are ignored around the cloud's words and numbers (the contract, What a poll does).
inline constexpr std::string_view blanks_around_words = " \t\r\n";

/// `text` without the `blanks` at its ends. The default is the optional whitespace of HTTP (OWS, RFC 9110
/// 5.6.3).
std::string_view trimmed(std::string_view text, std::string_view blanks = " \t");

/// The word of `known` that was probably meant by `word`: at an edit distance of at most 2,
/// case-insensitively (less for short words). Empty if none is that close. Only the first 128 bytes of `word`
/// are compared.
std::string_view closest_word(std::string_view word, std::span<const std::string_view> known);

/// The shortest decimal that reads back as the same double, whatever the locale: 42.5, 1e+21.
std::string to_shortest(double value);

/// `percentage` / 100 as the shortest decimal: 1.1 gives 0.011, not 0.011000000000000001 as binary division
/// would (the contract, Metrics).
std::string to_ratio(double percentage);

/// Parses a text that is entirely one decimal number ("42.5", "1e2"), whatever the locale. Nothing for any
/// other text, infinities and NaN included.
std::optional<double> parse_number(std::string_view text);

} // namespace replmond
