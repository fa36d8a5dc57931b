#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace replmond::simulator {

/// Time in the simulated cloud: since it started, `--speed` times as fast as ours.
using virtual_time = std::chrono::milliseconds;

/// A percentage that grows evenly while a step lasts.
struct growth {
    double from = 0;
    double to = 0;
};

/// How far StarRocks is behind: in real time, whatever the speed, since heartbeats are compared with real
/// clocks. It changes evenly while a step lasts.
struct lag_course {
    std::chrono::milliseconds from{0};
    std::chrono::milliseconds to{0};
};

/// What a task shows for a while. Stage and percentage are already resolved: what a step does not say is
/// taken over from the one before (scenario.cpp does that).
struct step {
    std::string stage;                    // lower case; `gone`: not listed
    std::optional<virtual_time> duration; // without: for ever
    growth percentage;
    std::string status = "Yes";
    bool need_repair = false;
    std::optional<std::string> catchup_stage;
    growth catchup_percentage;
    std::string error_msg;    // as the configuration API shows it, and the next two
    std::string error_msg_zh; // instead of error_msg for who asks in Chinese; empty: error_msg
    std::string alter_error;
    std::optional<lag_course> lag; // without: the task's
};

/// What becomes of a task. Never empty; only the last step may lack a duration, and none where it repeats.
struct timeline {
    std::vector<step> steps;
    bool repeat = false;
};

/// What a task shows at one moment.
struct moment {
    std::string stage = "incremental";
    std::string status = "Yes";
    double percentage = 100; // with at most one decimal
    bool need_repair = false;
    std::optional<std::string> catchup_stage;
    double catchup_percentage = 0;
    std::string error_msg;
    std::string error_msg_zh;
    std::string alter_error;
    std::optional<std::chrono::milliseconds> lag; // without: the task's

    bool operator==(const moment&) const = default;
};

/// The moment `elapsed` after the timeline began; nothing while the task is not listed (gone, or not begun).
/// After its end the last step's end stays.
std::optional<moment> at(const timeline& course, virtual_time elapsed);

/// The latest moment, up to `elapsed` after the timeline began, in which the task was in `stage`; nothing
/// where there was none.
std::optional<virtual_time> last_in_stage(const timeline& course, virtual_time elapsed,
                                          std::string_view stage);

/// The timeline of a task of which nothing is said.
std::shared_ptr<const timeline> incremental_for_ever();

/// Where the first step begins that is neither waiting nor gone; the beginning where there is none.
virtual_time work_begins(const timeline& course);

} // namespace replmond::simulator
