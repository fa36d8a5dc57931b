#pragma once

#include "daemon/cli/cloud_session.hpp"
#include "daemon/core/lag/lag_tracker.hpp"
#include "daemon/core/lag/read_plan.hpp"
#include "daemon/core/model/instance.hpp"

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>

namespace replmond::cli {

/// What one read of an instance's databases gave.
struct heartbeats_read {
    lag::read_plan plan;
    /// Nothing: the databases did not answer within `lag.timeout`.
    std::optional<lag::lag_reading> reading;
};

/// Reads the heartbeats of the tasks in `state` once, on a thread of the session. Writes nothing, whatever
/// `lag.source.write` says. `of.lag` must be set, with a host. Throws operation_aborted when the session
/// ends.
boost::asio::awaitable<heartbeats_read> read_heartbeats(cloud_session& session, const target_instance& of,
                                                        const instance_state& state);

/// Reads the lag of the tasks in `state` once and puts it there; does nothing where it is not measured.
/// Returns in one line, for the user, why the lag of some tasks is not known. Throws operation_aborted when
/// the session ends.
boost::asio::awaitable<std::optional<std::string>> read_lag(cloud_session& session, const target_instance& of,
                                                            instance_state& state);

} // namespace replmond::cli
