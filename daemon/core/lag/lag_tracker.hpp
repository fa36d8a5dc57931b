#pragma once

#include "daemon/core/config/settings.hpp"
#include "daemon/core/lag/read_plan.hpp"
#include "daemon/core/model/event.hpp"
#include "daemon/core/model/instance.hpp"
#include "daemon/core/model/lag.hpp"

#include <compare>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace replmond::lag {

/// Why something could not be read.
struct lag_failure {
    lag_result result = lag_result::network; ///< never success
    std::string error_msg;                   ///< the server's text, or a text of replmond
};

/// What one statement gave: the text of the column, or why there is none.
struct table_answer {
    std::optional<std::string> value;
    std::optional<lag_failure> failure; ///< set if there is no value
    timestamp read_at{};                ///< this host's clock when the answer arrived
};

/// What one of the two databases gave. An answer is missing if the read ended before it.
struct database_reading {
    /// The whole database could not be read, or not further: `auth`, `network`, `tls`, `timeout`, `protocol`.
    std::optional<lag_failure> failure;
    std::vector<table_answer> answers; ///< in the order of the plan's tables, maybe fewer
};

/// One read of an instance.
struct lag_reading {
    database_reading starrocks;
    database_reading source;                                ///< empty without `lag.source`
    std::vector<std::optional<lag_failure>> write_failures; ///< in the order of the plan's source tables
};

/// Takes in what reads gave: the lag of each task, counters, and the events lag_exceeded, lag_recovered,
/// lag_failed and lag_read_again (the contract, Log events). One for each instance. No I/O.
class lag_tracker {
public:
    /// `of.lag` is set from then on.
    std::vector<event> take_in(instance_state& of, const config::lag_settings& settings,
                               const read_plan& plan, const lag_reading& reading,
                               milliseconds repeat_interval, instant now);

private:
    struct failing {
        lag_result result;
        timestamp since; ///< on the even clock
    };
    /// What can fail: one of the two databases as a whole, or reading or writing one table of it.
    enum class subject { starrocks, starrocks_table, source, source_table, write };
    struct key {
        subject what;
        std::string table; ///< empty: a whole database, or a task without a table
        std::string task;  ///< of a task without a table
        auto operator<=>(const key&) const = default;
    };
    struct round;

    void take_database(round& in, subject whole, subject table, const database_reading& reading,
                       const std::vector<config::table_name>& tables);
    void take_task(round& in, const planned_task& task);
    void judge(round& in, const std::string& task, task_lag& lag);
    void note(round& in, const key& what, const std::optional<lag_failure>& why);
    void forget_others(const round& in);

    std::map<key, failing> failing_;
};

} // namespace replmond::lag
