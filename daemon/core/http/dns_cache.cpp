// Decides when a name is looked up, by how many threads, and which addresses are used while a lookup hangs.
// net/client/resolver has the threads.

#include "daemon/core/http/dns_cache.hpp"

#include <algorithm>
#include <utility>

namespace replmond::http {

using verdict = lookup_outcome::verdict;

dns_cache::dns_cache(lookup_limits rules) : rules_(rules) {}

dns_cache::ticket dns_cache::ask(const std::string& host, time_point now) {
    entry& of = hosts_[host];
    if (!of.is_queued && !of.is_out) {
        of.is_queued = true;
        of.asked = now;
        queue_.push_back(host);
    }
    return of.ended_count;
}

std::optional<std::string> dns_cache::start_next(time_point now) {
    if (out_ >= rules_.threads)
        return std::nullopt;
    // The first queued host; slow hosts are passed over while too many of them have a lookup.
    const bool room_for_slow = slow_out(now) < rules_.slow_threads;
    const auto next = std::find_if(queue_.begin(), queue_.end(), [&](const std::string& host) {
        return room_for_slow || !is_slow(hosts_.at(host), now);
    });
    if (next == queue_.end())
        return std::nullopt;

    std::string host = std::move(*next);
    queue_.erase(next);
    entry& of = hosts_.at(host);
    of.is_queued = false;
    of.is_out = true;
    of.started = now;
    ++out_;
    return host;
}

void dns_cache::ended(const std::string& host, lookup_outcome outcome, time_point now) {
    entry& of = hosts_.at(host);
    of.was_late = now - of.started >= rules_.late_after;
    of.is_out = false;
    ++of.ended_count;
    --out_;
    // A definite answer that the name does not exist clears the good addresses; a failed lookup keeps them.
    if (outcome.ended != verdict::unavailable)
        of.last_good = outcome.addresses;
    of.last = std::move(outcome);
}

std::optional<lookup_outcome> dns_cache::answer(const std::string& host, ticket of, time_point now) const {
    const entry& known = hosts_.at(host);
    const bool ended = known.ended_count > of;
    if (ended && known.last.ended != verdict::unavailable)
        return known.last;
    // A caller does not wait for a host that is known to be slow: it gets the last good addresses, and the
    // lookup goes on for the next caller.
    const bool waited = known.was_late || now >= late_at(host);
    if (!known.last_good.empty() && (ended || waited))
        return lookup_outcome{verdict::found, known.last_good, ""};
    if (ended)
        return known.last;
    return std::nullopt;
}

dns_cache::time_point dns_cache::late_at(const std::string& host) const {
    const entry& known = hosts_.at(host);
    return known.last_good.empty() ? time_point::max() : known.asked + rules_.late_after;
}

bool dns_cache::is_slow(const entry& of, time_point now) const {
    return of.was_late || (of.is_out && now - of.started >= rules_.late_after);
}

int dns_cache::slow_out(time_point now) const {
    return static_cast<int>(std::count_if(hosts_.begin(), hosts_.end(), [&](const auto& host) {
        return host.second.is_out && is_slow(host.second, now);
    }));
}

} // namespace replmond::http
