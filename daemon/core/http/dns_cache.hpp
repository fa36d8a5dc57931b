#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace replmond::http {

/// IP addresses as text, in the order in which the system returned them.
using address_list = std::vector<std::string>;

/// How one lookup of a name ended.
struct lookup_outcome {
    enum class verdict {
        found,
        no_such_name, ///< a definite answer: the name does not exist or has no address
        unavailable   ///< no answer, for example because the name servers could not be reached
    };

    verdict ended = verdict::unavailable;
    address_list addresses; ///< not empty if found
    std::string reason;     ///< if not found: the system's error text

    bool operator==(const lookup_outcome&) const = default;
};

/// The limits of dns_cache.
struct lookup_limits {
    int threads = 4;      ///< lookups that may run at once
    int slow_threads = 3; ///< how many of them may be lookups of slow hosts
    std::chrono::steady_clock::duration late_after = std::chrono::seconds(1);
};

/// Decides which name lookups may start, and which addresses are used while a lookup is late. No I/O; `now`
/// must never decrease.
///
/// There is one lookup at a time for each host; callers that ask meanwhile wait for the same one. Lookups
/// start in the order in which they were asked for. A host is slow while its lookup is late (has run for
/// `late_after`) or if its last lookup was late. A slow host starts no lookup while `slow_threads` lookups of
/// slow hosts run.
///
/// What this cannot prevent: getaddrinfo() cannot be cancelled. A host that is not known to be slow may take
/// any thread, also the last free one, and may hang there. So if as many different hosts hang at the same
/// time as there are threads, all other lookups wait. From their next lookup on these hosts are known to be
/// slow and leave one thread free. A host that was found before does not have to wait even then: its last
/// good addresses are used.
class dns_cache {
public:
    using time_point = std::chrono::steady_clock::time_point;
    using ticket = std::uint64_t;

    explicit dns_cache(lookup_limits rules = {});

    /// Asks for a lookup of `host`, or joins the one that is queued or runs. The ticket is for answer().
    ticket ask(const std::string& host, time_point now);

    /// The host whose lookup the caller must start now; from then on it counts as running. Nothing if none
    /// may start. To be called after ask() and ended() until it returns nothing; the passing of time alone
    /// lets no lookup start.
    std::optional<std::string> start_next(time_point now);

    /// The lookup of `host` that start_next() returned has ended.
    void ended(const std::string& host, lookup_outcome outcome, time_point now);

    /// The answer for the caller that has this ticket: the outcome of its lookup; or the last good addresses
    /// if the lookup is late, the host is slow, or the outcome is `unavailable`. Nothing: the caller has to
    /// wait.
    std::optional<lookup_outcome> answer(const std::string& host, ticket of, time_point now) const;

    /// When answer() may have an answer although no lookup has ended; time_point::max(): never.
    time_point late_at(const std::string& host) const;

    /// How many lookups have started and not ended.
    int out() const { return out_; }

private:
    struct entry {
        ticket ended_count = 0; ///< lookups that have ended; a ticket is this number at the time of ask()
        bool is_queued = false;
        bool is_out = false;   ///< a lookup runs
        bool was_late = false; ///< the last lookup was late
        time_point asked;      ///< when the queued or running lookup was first asked for
        time_point started;    ///< when the running lookup started
        lookup_outcome last;
        address_list last_good; ///< empty: never found, or known not to exist any more
    };

    bool is_slow(const entry& of, time_point now) const;
    int slow_out(time_point now) const;

    lookup_limits rules_;
    std::map<std::string, entry> hosts_; ///< never shrinks: the configuration names few hosts
    std::deque<std::string> queue_;
    int out_ = 0;
};

} // namespace replmond::http
