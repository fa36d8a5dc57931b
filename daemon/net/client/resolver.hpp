#pragma once

#include "daemon/core/http/dns_cache.hpp"
#include "daemon/core/model/failure.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>
#include <string>

namespace replmond::client {

/// Looks one name up. It may block for any time. It is called on the resolver's threads, on several at once.
/// An exception counts as `unavailable`.
using lookup_function = std::function<http::lookup_outcome(const std::string& host)>;

/// Calls getaddrinfo for both address families, without AI_ADDRCONFIG: dialing finds out which addresses can
/// be reached, and AI_ADDRCONFIG ignores a family of which only the loopback address is configured
/// (getaddrinfo(3)).
http::lookup_outcome system_lookup(const std::string& host);

/// Resolves names for all connections of the process. Must outlive every coroutine that calls it. Lookups run
/// on threads, which are started when needed, by the rules of dns_cache. Everything else runs on the caller's
/// loop, which threads reach by posted messages only. Only the last good addresses are kept: getaddrinfo
/// reports no TTL, so each new connection looks its name up.
class resolver {
public:
    explicit resolver(http::lookup_limits rules = {}, lookup_function lookup = system_lookup);
    resolver(const resolver&) = delete;
    resolver& operator=(const resolver&) = delete;

    /// Does not block on lookups that hang: idle threads are joined; threads in a lookup are detached and end
    /// by themselves later.
    ~resolver();

    /// The addresses of `host`, as text. A host that is an address already is not looked up. Failures are
    /// `network`. Has no deadline of its own. Throws operation_aborted when the caller is cancelled, which is
    /// possible at any time.
    boost::asio::awaitable<result<http::address_list>> addresses_of(std::string host);

    /// Whether lookups are running. They may run for any time, so the process must then end by std::_Exit: no
    /// thread may run while statics are destroyed.
    bool lookups_out() const;

private:
    struct pool;
    struct wait;
    std::shared_ptr<pool> pool_; ///< shared with the threads, which may outlive the resolver
};

} // namespace replmond::client
