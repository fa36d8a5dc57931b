#pragma once

#include "daemon/core/http/dns_cache.hpp"
#include "daemon/core/model/failure.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>
#include <string>

namespace replmond::client {

/// Looks one name up and may block for as long as it likes; called on the resolver's threads, on several at
/// once. An exception counts as unavailable.
using lookup_function = std::function<http::lookup_outcome(const std::string& host)>;

/// getaddrinfo, both families, whether or not this host has an address of either (no AI_ADDRCONFIG): what can
/// be reached is found out by dialing, and AI_ADDRCONFIG does not count loopback addresses.
http::lookup_outcome system_lookup(const std::string& host);

/// The addresses of names, for all connections of the process; outlives every coroutine that asks it. Lookups
/// run on threads of their own, started when needed, by the rules of dns_cache; all else is on the caller's
/// loop, reached by messages only. Nothing is cached but the last good addresses: no TTL is known, and each
/// new connection looks its name up.
class resolver {
public:
    explicit resolver(http::lookup_limits rules = {}, lookup_function lookup = system_lookup);
    resolver(const resolver&) = delete;
    resolver& operator=(const resolver&) = delete;

    /// Ends at once whatever hangs: threads that wait are joined, those in a lookup end by themselves after
    /// it.
    ~resolver();

    /// The addresses of `host`, as text; one that is an address already is not looked up. Failures are
    /// `network`. Has no deadline of its own. Throws operation_aborted when the caller is cancelled, which is
    /// possible at any moment.
    boost::asio::awaitable<result<http::address_list>> addresses_of(std::string host);

    /// Lookups are out, and nobody knows for how long: then end the process by std::_Exit, so that no thread
    /// runs while statics are destroyed.
    bool lookups_out() const;

private:
    struct pool;
    struct wait;
    std::shared_ptr<pool> pool_; ///< shared with the threads, which may outlive the resolver
};

} // namespace replmond::client
