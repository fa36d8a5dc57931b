#pragma once

#include "daemon/cli/cloud_session.hpp"
#include "daemon/cli/console.hpp"
#include "daemon/core/terminal/task_follow.hpp"

#include <boost/asio/awaitable.hpp>

#include <optional>
#include <string>

namespace replmond::cli {

/// Which task to follow, to which goal, and for how long.
struct follow_terms {
    std::string task_name;
    terminal::task_goal goal = terminal::task_goal::incremental;
    milliseconds poll_interval{};
    milliseconds deadline{}; ///< on the clock of cloud_session::up()
    bool quiet = false;      ///< prints nothing on stdout
};

/// How following ended. `last`: the task as it was read last; nothing if it was never seen. `took`: since
/// follow() began.
struct followed {
    terminal::follow_verdict verdict = terminal::follow_verdict::go_on;
    std::optional<task_reading> last;
    milliseconds took{};
};

/// "reached", "abnormal", "gone", "cancelled" or "timed_out".
const char* verdict_word(terminal::follow_verdict verdict);

/// Reads the list 1 s from now, then at every poll interval, until task_follow has a verdict or the deadline
/// has passed. On a terminal it shows one live line, otherwise a line for each change. A failed reading does
/// not end it. Throws operation_aborted when the session ends. `session`, `of` and `out` must stay valid
/// until the coroutine ends.
boost::asio::awaitable<followed> follow(cloud_session& session, const target_instance& of, follow_terms terms,
                                        console& out);

} // namespace replmond::cli
