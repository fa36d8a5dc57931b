#pragma once

#include <optional>
#include <string>
#include <string_view>

/// The allow-lists of doctor's report (docs/doctor.md, The report): everything that a report may repeat of
/// what the cloud sent. Whatever is not here is shown to strangers by type and shape only.
namespace replmond::doctor {

/// What a request asked the cloud for.
enum class call { list, configuration, instances, htap, projects, no_such_instance };

std::string_view to_string(call value);

/// The call of an operation of request_observer; nothing for an operation that doctor does not survey.
std::optional<call> call_of(std::string_view operation);

/// The name of the array that has the records in the answers of that call; empty: they have no records.
std::string_view records_of(call value);

/// A part of a call's answers: the object itself, one of its records, or the body of an error.
enum class part { body, record, error };

/// True if the API's documents or SDKs have a field there. `path`: as docs/doctor.md writes it, such as
/// `instance_state.instance_status`.
bool is_known_field(call of, part in, std::string_view path);

/// Calls `take` with the path of each field that is always listed, also when it never comes.
template<class Take>
void for_each_expected_field(call of, part in, Take take);

/// True if `word`, without case, is one that the field may hold and everybody may see.
bool is_known_word(call of, part in, std::string_view path, std::string_view word);

/// True for a field whose numbers are percentages: 0 to 100.
bool is_percentage(call of, part in, std::string_view path);
/// True for a field whose numbers are counts of records.
bool is_count(call of, part in, std::string_view path);

/// The greatest count that is shown: more records are refused anyway.
inline constexpr double greatest_count = 10'000;

/// The name of a known header as docs/doctor.md writes it; empty for every other header.
std::string_view known_header(std::string_view name);

/// True for a known header that tells about rates.
bool is_rate_header(std::string_view known_name);

/// True if the value of a header about rates holds only what docs/doctor.md allows.
bool is_rate_value(std::string_view value);

/// The code if it has the form of one of the cloud's codes, `other` for other texts, empty for an empty one.
std::string public_error_code(std::string_view code);

/// The region if it is one of the SDKs', else `other`.
std::string public_region(std::string_view region);

namespace detail {
/// The paths, one blank between two.
std::string_view expected_fields(call of, part in);
} // namespace detail

template<class Take>
void for_each_expected_field(call of, part in, Take take) {
    std::string_view rest = detail::expected_fields(of, in);
    while (!rest.empty()) {
        const std::size_t end = rest.find(' ');
        take(rest.substr(0, end));
        rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
}

} // namespace replmond::doctor
