#pragma once

#include "daemon/cli/cloud_session.hpp"
#include "daemon/cli/console.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <string>

namespace replmond::cli {

/// Shows on a terminal that a command is at work, and at what. Prints nothing elsewhere. Must outlive the
/// session's run().
class spinner {
public:
    spinner(cloud_session& session, console& out, bool wanted)
        : session_(session), out_(out), turns_(wanted && out.can_redraw()) {}

    /// Turns until the session ends.
    void start();
    /// What is being done now.
    void doing(std::string text);

private:
    boost::asio::awaitable<void> turn();
    void draw();

    cloud_session& session_;
    console& out_;
    bool turns_;
    std::size_t frame_ = 0;
    std::string text_;
};

} // namespace replmond::cli
