#pragma once

#include "daemon/cloud/project_api.hpp"
#include "daemon/monitor/listing.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <functional>

namespace replmond::monitor {

/// Awaited between two calls of a listing, with the number of calls still to come as far as it is known: the
/// caller decides the rhythm (gap_between_calls) and may throw operation_aborted.
using pause_between_calls = std::function<boost::asio::awaitable<void>(std::size_t calls_left)>;

/// Lists a project's StarRocks instances: the pages of its TaurusDB instances, then the HTAP instances of
/// each, one call after another. Every call has `request_timeout`; the pauses make it as long as the caller
/// likes. `memory` is updated in any case. The first call that fails ends it, with that failure; others:
/// `inconsistent` for pages that contradict each other, `protocol` for a list without an end.
/// Throws operation_aborted when the caller is cancelled. `api`, `gate` and `memory` must outlive it.
boost::asio::awaitable<result<listing>> discover(cloud::project_api& api, cloud::request_gate& gate,
                                                 milliseconds request_timeout, listing_memory& memory,
                                                 pause_between_calls pause);

} // namespace replmond::monitor
