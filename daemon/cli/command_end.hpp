#pragma once

#include "daemon/core/model/time.hpp"

namespace replmond::cli {

/// What ends a command that would go on for ever: SIGINT, SIGTERM, or that nobody reads stdout any more. From
/// its construction on, these signals and SIGPIPE do not end the process by themselves.
class command_end {
public:
    /// Throws std::system_error if no descriptor is left.
    command_end();
    command_end(const command_end&) = delete;
    command_end& operator=(const command_end&) = delete;
    ~command_end();

    /// Waits so long for the end. True: it has come.
    bool comes_within(milliseconds time);

private:
    int signals_;
};

} // namespace replmond::cli
