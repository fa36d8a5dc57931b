#pragma once

#include "daemon/cloud/project_api.hpp"
#include "daemon/config/settings.hpp"
#include "daemon/monitor/discovery_book.hpp"
#include "daemon/monitor/discovery_events.hpp"
#include "daemon/monitor/traffic.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace replmond::monitor {

/// Discovery in one project: listing after listing, until close(). Its book says who is there.
class discovery_watch : public std::enable_shared_from_this<discovery_watch> {
public:
    struct hooks {
        std::function<void(const discovery_changes&)> changed; ///< after the book took them
        std::function<void(event)> say;
        /// How a listing ended.
        std::function<void(bool success, const std::vector<unexpected_value>& unexpected)> listed;
    };
    struct terms {
        config::discovery_settings settings;
        std::shared_ptr<cloud::project_api> api;
        milliseconds request_timeout{};
        milliseconds repeat_interval{}; ///< of discovery_failed
    };

    discovery_watch(traffic& through, schedule::project_key key, std::string project, terms of, hooks to);

    /// Before run(): what another watch of the same project knows. The filters of this one hold.
    void know(const discovery_book& before);
    /// Or from those that were watched before the process's start: names by id.
    void know(const std::map<std::string, std::string>& before) { book_.know(before); }

    /// Ends when it was closed; throws operation_aborted when it is cancelled. Keeps itself alive.
    boost::asio::awaitable<void> run();

    /// From the next call on. Says at once what other filters change.
    discovery_changes change(terms to);

    /// Reads nothing more, says nothing more.
    void close();

    const discovery_book& book() const { return book_; }
    const config::discovery_settings& in_force() const { return terms_.settings; }

private:
    boost::asio::awaitable<void> list_and_rest();
    boost::asio::awaitable<void> list();
    boost::asio::awaitable<void> pause(milliseconds length);
    void say_failed(const failure& why);
    void broke_off(const char* why);

    traffic& through_;
    schedule::project_key key_;
    terms terms_;
    hooks hooks_;
    discovery_book book_;
    discovery_health health_;
    listing_memory memory_;
    boost::asio::steady_timer timer_;
    bool failed_ = false; ///< the last listing
    bool closed_ = false;
};

} // namespace replmond::monitor
