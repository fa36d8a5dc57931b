#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace replmond {

/// The stage of a synchronization task (API field `stage`; the contract, Words). `unknown` stands for every
/// word that is not one of the five.
enum class stage { wait, full, incremental, paused, cancelled, unknown };

/// All six stages, in the order in which they are exported.
inline constexpr std::array all_stages = {stage::wait,   stage::full,      stage::incremental,
                                          stage::paused, stage::cancelled, stage::unknown};
inline constexpr std::size_t stage_count = all_stages.size();

/// Parses a stage, case-insensitively: the API's documents write `incremental`, its examples `Incremental`
/// (API.md, section 0).
stage parse_stage(std::string_view word);

/// The lower-case word, as it is exported and logged.
std::string_view to_string(stage value);

/// API field `status`: `Yes` = normal, `No` = abnormal.
enum class status { yes, no };

/// Parses `Yes` and `No`, case-insensitively; nothing for any other word.
std::optional<status> parse_status(std::string_view word);

/// `yes` or `no`.
std::string_view to_string(status value);

/// One record of the list API (API.md, section 1). An empty optional means "not reported" or "not readable".
struct task_reading {
    std::string name; ///< `task_name`, unique within its instance, any UTF-8, never empty
    std::optional<std::string> source_database;
    std::optional<std::string> target_database;
    std::optional<replmond::status> status;
    replmond::stage stage = replmond::stage::unknown;
    std::optional<std::string> stage_raw; ///< the cloud's word, if it was reported and `stage` is unknown
    std::optional<double> percentage;     ///< 0..100
    std::optional<replmond::stage> catchup_stage; ///< empty: not catching up
    std::optional<std::string> catchup_stage_raw;
    std::optional<double> catchup_percentage; ///< 0..100
    std::optional<bool> needs_repair;         ///< `is_need_repair`
    std::optional<bool> main_task;            ///< `is_main_task`

    bool operator==(const task_reading&) const = default;

    /// Not reported counts as main (the contract, Words): only a task that is known to be temporary may
    /// vanish without a warning.
    bool counts_as_main() const { return main_task.value_or(true); }
};

/// A value from the cloud that could not be read, or a word that is not known.
struct unexpected_value {
    std::string task;  ///< empty if the value belongs to no task
    std::string field; ///< the API's name of the field
    std::string value; ///< as sent, cut to a length fit for a log line

    bool operator==(const unexpected_value&) const = default;
};

} // namespace replmond
