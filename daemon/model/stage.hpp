#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace replmond {

/// Where a synchronization task stands (API field `stage`). `unknown` is every word that is not one of the
/// five.
enum class stage { wait, full, incremental, paused, cancelled, unknown };

/// All six, in the order in which they are exported.
inline constexpr std::array all_stages = {stage::wait,   stage::full,      stage::incremental,
                                          stage::paused, stage::cancelled, stage::unknown};
inline constexpr std::size_t stage_count = all_stages.size();

/// Reads a stage without regard to case: the API's documents write `incremental`, its examples `Incremental`.
stage parse_stage(std::string_view word);

/// The lower-case word, as it is exported and logged.
std::string_view to_string(stage value);

/// API field `status`: `Yes` = normal, `No` = abnormal.
enum class status { yes, no };

/// Reads `Yes` and `No` without regard to case; anything else is not known.
std::optional<status> parse_status(std::string_view word);

/// `yes` or `no`.
std::string_view to_string(status value);

} // namespace replmond
