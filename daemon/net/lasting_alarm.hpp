#pragma once

#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <memory>

namespace replmond::net {

/// The deadlines of a socket that is used again and again: one is set for each use and taken off after it.
/// When it rings, the socket is closed, so that whatever waits for it ends, and nothing can be begun. Setting
/// and taking off cost nothing: the timer stays where it is, looks when it rings whether it was meant, and
/// keeps no loop from running dry. The socket must outlive it.
class lasting_alarm {
public:
    explicit lasting_alarm(boost::asio::ip::tcp::socket& socket);
    lasting_alarm(const lasting_alarm&) = delete;
    lasting_alarm& operator=(const lasting_alarm&) = delete;
    ~lasting_alarm();

    /// In place of the deadline before.
    void set(std::chrono::steady_clock::time_point until);
    void off();

    /// The socket was closed by it.
    bool rang() const;

private:
    struct state;
    std::shared_ptr<state> state_; ///< with the timer's handler, which may be queued already
};

} // namespace replmond::net
