#pragma once

#include "daemon/cloud/project_api.hpp"
#include "daemon/core/config/settings.hpp"
#include "daemon/core/tracking/discovery_state.hpp"
#include "daemon/core/tracking/failure_reporter.hpp"
#include "daemon/core/tracking/listing.hpp"
#include "daemon/monitor/dispatcher.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace replmond::monitor {

/// Awaited between two calls of a listing, with the number of calls still to come as far as it is known: the
/// caller decides the rhythm (gap_between_calls) and may throw operation_aborted.
using pause_between_calls = std::function<boost::asio::awaitable<void>(std::size_t calls_left)>;

/// Lists a project's StarRocks instances: the pages of its TaurusDB instances, then the HTAP instances of
/// each, one call after another. Every call has `request_timeout`; the pauses make it as long as the caller
/// likes. `memory` is updated in any case. The first call that fails ends it, with that failure; others:
/// `inconsistent` for pages that contradict each other, `protocol` for a list without an end.
/// Throws operation_aborted when the caller is cancelled. `api`, `permits` and `memory` must outlive it.
boost::asio::awaitable<result<tracking::listing>>
discover(cloud::project_api& api, cloud::permit_source& permits, milliseconds request_timeout,
         tracking::listing_memory& memory, pause_between_calls pause);

/// Discovery in one project: listing after listing, until close(). Its state says who is there.
class discovery_loop : public std::enable_shared_from_this<discovery_loop> {
public:
    struct callbacks {
        std::function<void(const tracking::discovery_changes&)> changed; ///< after the state took them
        std::function<void(event)> log;
        /// How a listing ended.
        std::function<void(bool success, const std::vector<unexpected_value>& unexpected)> listed;
    };
    struct terms {
        config::discovery_settings settings;
        std::shared_ptr<cloud::project_api> api;
        milliseconds request_timeout{};
        milliseconds repeat_interval{}; ///< of discovery_failed
    };

    discovery_loop(dispatcher& through, schedule::project_key key, std::string project, terms of,
                   callbacks to);

    /// Before run(): what another watch of the same project knows. The filters of this one hold.
    void know(const tracking::discovery_state& before);
    /// Or from those that were watched before the process's start: names by id.
    void know(const std::map<std::string, std::string>& before) { state_.know(before); }

    /// Ends when it was closed; throws operation_aborted when it is cancelled. Keeps itself alive.
    boost::asio::awaitable<void> run();

    /// From the next call on. Says at once what other filters change.
    tracking::discovery_changes change(terms to);

    /// Reads nothing more, says nothing more.
    void close();

    const tracking::discovery_state& state() const { return state_; }
    const config::discovery_settings& in_force() const { return terms_.settings; }

private:
    boost::asio::awaitable<void> list_and_rest();
    boost::asio::awaitable<void> list();
    boost::asio::awaitable<void> pause(milliseconds length);
    void log_failed(const failure& why);
    void failed_internally(const char* why);

    dispatcher& through_;
    schedule::project_key key_;
    terms terms_;
    callbacks callbacks_;
    tracking::discovery_state state_;
    tracking::discovery_reporter health_;
    tracking::listing_memory memory_;
    boost::asio::steady_timer timer_;
    bool failed_ = false; ///< the last listing
    bool closed_ = false;
};

} // namespace replmond::monitor
