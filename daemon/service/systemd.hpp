#pragma once

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace replmond::service {

/// What `systemctl status` says of the daemon.
struct service_facts {
    std::size_t instances = 0;
    std::size_t first_polls_left = 0;
    std::vector<std::string> failing; ///< names: the last poll failed
    std::vector<std::string> overdue; ///< names: the poll hangs, and the watchdog is not fed
    bool reload_refused = false;      ///< the last one
};

/// One short line; at most three names of each kind.
std::string service_status(const service_facts& of);

/// What systemd is told of this process (sd_notify(3)): over $NOTIFY_SOCKET, a path or an abstract name.
/// Without it nothing is ever sent. An error in sending is nobody's: the service manager sees what is
/// missing.
class systemd_notify {
public:
    /// True where somebody listens.
    bool wanted() const;

    /// How often the watchdog must be fed at least; nothing where there is none, or it is another process's.
    std::optional<std::chrono::microseconds> watchdog() const;

    void ready(const std::string& status);
    /// With the time, as Type=notify-reload wants it; ready() ends it.
    void reloading();
    void stopping();
    /// Sent only where it changed.
    void status(const std::string& text);
    void alive();

private:
    std::string status_; ///< as sent
};

/// Asked again and again while the service runs.
struct service_probe {
    std::function<std::string()> status; ///< in a few words, for `systemctl status`
    std::function<bool()> is_well;       ///< false: the watchdog is not fed
};

/// Keeps the status current and feeds the watchdog, until it is cancelled. Ends at once where nobody listens.
boost::asio::awaitable<void> keep_informed(systemd_notify& to, service_probe probe);

} // namespace replmond::service
