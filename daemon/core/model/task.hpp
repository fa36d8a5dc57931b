#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
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

/// What one record of the list API says of a task. An empty optional means "not reported" or "not readable".
struct task_reading {
    std::string name; ///< `task_name`, unique within its instance, any UTF-8, never empty
    std::optional<std::string> source_database;
    std::optional<std::string> target_database;
    std::optional<replmond::status> status;
    replmond::stage stage = replmond::stage::unknown;
    std::optional<std::string> stage_raw; ///< the cloud's word, where `stage` is unknown and was reported
    std::optional<double> percentage;     ///< 0..100
    std::optional<replmond::stage> catchup_stage; ///< empty: nothing to catch up
    std::optional<std::string> catchup_stage_raw;
    std::optional<double> catchup_percentage; ///< 0..100
    std::optional<bool> needs_repair;         ///< `is_need_repair`
    std::optional<bool> main_task;            ///< `is_main_task`

    bool operator==(const task_reading&) const = default;

    /// Not reported counts as main: only a task known to be temporary may vanish without a warning.
    bool counts_as_main() const { return main_task.value_or(true); }
};

/// A value that the cloud sent and nobody could read, or a word that is not known.
struct unexpected_value {
    std::string task;  ///< empty where it belongs to no task
    std::string field; ///< the API's name of the field
    std::string value; ///< as sent, cut to a length fit for a log line

    bool operator==(const unexpected_value&) const = default;
};

} // namespace replmond
