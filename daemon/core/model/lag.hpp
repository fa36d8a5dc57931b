#pragma once

#include "daemon/core/model/time.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace replmond {

/// How the reading of a heartbeat ended: the values of the label `result` of replmond_lag_reads_total (the
/// contract, Metrics).
enum class lag_result {
    success,
    auth,    ///< the login was refused, or the password cannot be read
    network, ///< name resolution, connecting, connection resets
    tls,     ///< TLS handshake and certificates
    timeout, ///< `lag.timeout` passed
    query,   ///< the server refused the statement
    empty,   ///< the table has no row, or NULL
    protocol ///< what the server sent is no heartbeat, or not MySQL's protocol
};

inline constexpr std::array all_lag_results = {lag_result::success, lag_result::auth,    lag_result::network,
                                               lag_result::tls,     lag_result::timeout, lag_result::query,
                                               lag_result::empty,   lag_result::protocol};
inline constexpr std::size_t lag_result_count = all_lag_results.size();

/// The value of the label `result`.
std::string_view to_string(lag_result value);

/// A value that is read again and again.
template<class T>
struct measurement {
    std::optional<T> value; ///< the last one that could be read
    /// When the first of the reads that have failed since then ended; on the even clock.
    std::optional<timestamp> unread_since;

    void read(T fresh) {
        value = fresh;
        unread_since.reset();
    }
    void failed(timestamp even_now) {
        if (!unread_since)
            unread_since = even_now;
    }
};

/// The lag of one task, as of the last read (the contract, Lag).
struct task_lag {
    measurement<timestamp> heartbeat;        ///< the newest one that has reached StarRocks
    measurement<timestamp> source_heartbeat; ///< the newest one in TaurusDB, with `lag.source`
    measurement<milliseconds> lag;           ///< negative if clocks differ
    /// When the lag was first read to be above the limit; on the even clock. Nothing: it is not above, or the
    /// task is not in stage `incremental`.
    std::optional<timestamp> above_since;
    std::optional<timestamp>
        last_alert; ///< when that was last logged; on the even clock. Nothing: it was not
    std::optional<timestamp> alert_since; ///< `above_since` of the first time that it was logged

    void end_alert() {
        last_alert.reset();
        alert_since.reset();
    }
};

/// A lag above this one counts as high where the configuration has no `lag.alert_above`: as in the alert
/// ReplicationLagHigh.
inline constexpr milliseconds default_lag_limit = std::chrono::minutes(5);

/// What is known of an instance's lag. It is not stored: a restart begins anew.
struct instance_lag {
    std::map<std::string, task_lag> tasks; ///< by task_name
    std::array<std::uint64_t, lag_result_count> reads{};
    std::optional<timestamp> last_success; ///< when a heartbeat was last read
};

} // namespace replmond
