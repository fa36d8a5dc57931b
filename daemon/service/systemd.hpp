#pragma once

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace replmond::service {

/// The facts that `systemctl status` shows.
struct service_facts {
    std::size_t instances = 0;
    std::size_t first_polls_left = 0;
    std::vector<std::string> failing; ///< names of instances whose last poll failed
    std::vector<std::string> overdue; ///< names of instances whose poll hangs; the watchdog is then not fed
    bool reload_refused = false;      ///< the last reload was refused
};

/// One short line, with at most three names of each kind.
std::string service_status(const service_facts& of);

/// Sends messages to systemd (sd_notify(3)) over $NOTIFY_SOCKET, a path or an abstract name. Without it
/// nothing is sent. Errors in sending are ignored: systemd acts on missing messages itself.
class systemd_notify {
public:
    /// True if there is a $NOTIFY_SOCKET.
    bool wanted() const;

    /// The longest time between two calls of alive(); nothing if there is no watchdog, or it is for another
    /// process.
    std::optional<std::chrono::microseconds> watchdog() const;

    void ready(const std::string& status);
    /// With the monotonic time, as Type=notify-reload needs it (systemd.service(5)). ready() ends the reload.
    void reloading();
    void stopping();
    /// Sent only if it has changed.
    void status(const std::string& text);
    void alive();

private:
    std::string status_; ///< the last one sent
};

/// Called repeatedly while the service runs.
struct service_probe {
    std::function<std::string()> status; ///< a few words for `systemctl status`
    std::function<bool()> is_well;       ///< false: the watchdog is not fed
};

/// Keeps the status current and feeds the watchdog until it is cancelled. Ends at once without
/// $NOTIFY_SOCKET.
boost::asio::awaitable<void> keep_informed(systemd_notify& to, service_probe probe);

} // namespace replmond::service
