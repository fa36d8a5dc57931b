#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace replmond::http {

/// IP addresses as text, in the order in which the system gave them.
using address_list = std::vector<std::string>;

/// How one lookup of a name ended.
struct lookup_outcome {
    enum class verdict {
        found,
        no_such_name, ///< definite: the name, or an address for it, does not exist
        unavailable   ///< nobody could say
    };

    verdict ended = verdict::unavailable;
    address_list addresses; ///< not empty where found
    std::string reason;     ///< otherwise: in the system's words

    bool operator==(const lookup_outcome&) const = default;
};

struct lookup_limits {
    int threads = 4;      ///< lookups out at once
    int slow_threads = 3; ///< of them for slow hosts
    std::chrono::steady_clock::duration late_after = std::chrono::seconds(1);
};

/// Which lookups may start, and what is handed out while one is late. Pure; `now` never goes back.
///
/// One lookup at a time for a host: who asks meanwhile waits for the same one. Those that have to wait start
/// in the order in which they were asked for. A host is slow while its lookup is late (out for `late_after`)
/// or its last one was; slow hosts start no lookup where `slow_threads` of them are out already.
///
/// The bound, honestly: a lookup cannot be ended from outside. A host that is not known to be slow may take
/// any thread, the last one too, and may turn out to hang there; so others stand still when as many different
/// hosts hang at once as there are threads. From their next lookup on these hosts are known and leave one
/// thread free. A host that was found before does not stand still even then: its last good addresses are
/// handed out.
class dns_cache {
public:
    using time_point = std::chrono::steady_clock::time_point;
    using ticket = std::uint64_t;

    explicit dns_cache(lookup_limits rules = {});

    /// Asks for a lookup of `host`, or joins the one that is queued or out. The ticket is for answer().
    ticket ask(const std::string& host, time_point now);

    /// The host whose lookup is to start now, and then counts as out; nothing where none may. To be called
    /// until then after ask() and ended(): time alone lets nothing start.
    std::optional<std::string> start_next(time_point now);

    void ended(const std::string& host, lookup_outcome outcome, time_point now);

    /// What the asker gets: the outcome of the lookup it waits for, or the last good addresses while that one
    /// is late, the host slow, or nobody could say. Nothing: wait on.
    std::optional<lookup_outcome> answer(const std::string& host, ticket of, time_point now) const;

    /// When to ask for the answer() again although nothing ended; time_point::max(): no such time.
    time_point late_at(const std::string& host) const;

    /// Lookups that have started and not ended.
    int out() const { return out_; }

private:
    struct entry {
        ticket ended_count = 0;
        bool is_queued = false;
        bool is_out = false;
        bool was_late = false;
        time_point asked;   ///< for the lookup that is queued or out, by its first asker
        time_point started; ///< of the lookup that is out
        lookup_outcome last;
        address_list last_good; ///< empty: never found, or known not to exist any more
    };

    bool is_slow(const entry& of, time_point now) const;
    int slow_out(time_point now) const;

    lookup_limits rules_;
    std::map<std::string, entry> hosts_; ///< as many as the configuration names
    std::deque<std::string> queue_;
    int out_ = 0;
};

} // namespace replmond::http
