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

/// Awaited between two calls of a listing. `calls_left`: the number of calls still to come, as far as it is
/// known. The caller decides how long to pause (gap_between_calls()), and may throw operation_aborted.
using pause_between_calls = std::function<boost::asio::awaitable<void>(std::size_t calls_left)>;

/// Lists a project's StarRocks instances: the pages of its TaurusDB instances, then the HTAP instances of
/// each, one call after another. Each call has `request_timeout`; there is no limit for the whole listing.
/// `memory` is updated after a failure too. The first call that fails ends the listing with its failure.
/// Other failures: `inconsistent` for pages that contradict each other, `protocol` for a list without an end.
/// Throws operation_aborted when the caller is cancelled. `api`, `permits` and `memory` must stay valid until
/// the coroutine ends.
boost::asio::awaitable<result<tracking::listing>>
discover(cloud::project_api& api, cloud::permit_source& permits, milliseconds request_timeout,
         tracking::listing_memory& memory, pause_between_calls pause);

/// Discovery in one project: one listing after another until close(). state() has the instances found.
class discovery_loop : public std::enable_shared_from_this<discovery_loop> {
public:
    struct callbacks {
        std::function<void(const tracking::discovery_changes&)> changed; ///< called after state() was updated
        std::function<void(event)> log;
        /// A listing has ended.
        std::function<void(bool success, const std::vector<unexpected_value>& unexpected)> listed;
    };
    struct terms {
        config::discovery_settings settings;
        std::shared_ptr<cloud::project_api> api;
        milliseconds request_timeout{};
        milliseconds repeat_interval{}; ///< of the event discovery_failed
    };

    discovery_loop(dispatcher& through, schedule::project_key key, std::string project, terms of,
                   callbacks to);

    /// Takes over what another loop knew of the same project; the filters of this one apply. To be called
    /// before run().
    void restore_state(const tracking::discovery_state& before);
    /// Takes over the instances that were discovered before the process started: names by id.
    void restore_state(const std::map<std::string, std::string>& before) { state_.know(before); }

    /// Lists until close(); throws operation_aborted when it is cancelled. Keeps the object alive until it
    /// ends.
    boost::asio::awaitable<void> run();

    /// Takes new terms from the next call on. Returns at once what the new filters add and remove.
    tracking::discovery_changes change(terms to);

    /// Stops listing; no callback is called any more.
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
    bool failed_ = false; ///< the last listing failed
    bool closed_ = false;
};

} // namespace replmond::monitor
