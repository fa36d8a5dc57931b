#pragma once

#include "daemon/core/http/buffer_chain.hpp"
#include "daemon/core/http/request_validator.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace replmond::http {

struct server_limits {
    std::size_t connections = 256;               ///< over all addresses
    std::size_t answer_bytes = 64 * 1024 * 1024; ///< of texts that are on their way to clients
    head_limits head;
    std::chrono::steady_clock::duration request_time =
        std::chrono::seconds(10); ///< for the handshake and the first request; for each later one
    std::chrono::steady_clock::duration idle_time = std::chrono::minutes(2); ///< between two requests
    std::chrono::steady_clock::duration answer_time =
        std::chrono::seconds(30); ///< in which something of an answer must be taken
    std::chrono::steady_clock::duration leave_time =
        std::chrono::seconds(2); ///< for the client to close after us
    std::chrono::steady_clock::duration scarce_time =
        std::chrono::minutes(1); ///< with fewer connections, after descriptors ran out
};

/// Who is connected to the server, and who has to go when there are too many, or when too much text waits for
/// readers. The newest is always let in. Who goes is found in this order:
///   1. a peer that has more than an eighth of what there is, the one with the most first;
///   2. the connection that has used most of the time that it may take for what it does (send a request, take
///      its answer, ask again). What it has moved meanwhile counts for it. So neither silence nor slowness
///      keeps anybody else out, and who reads a long answer fast may have begun first.
/// Pure.
class connection_limiter {
public:
    using id = std::uint64_t;
    using time = std::chrono::steady_clock::time_point;

    /// `limits`: `connections`, `answer_bytes` and the times.
    explicit connection_limiter(const server_limits& limits) : limits_(limits), most_(limits.connections) {}

    /// A connection more, without a request.
    id open(std::string peer, time now);

    /// It has sent or taken so many bytes. After its answer they are the next request.
    void moved(id who, std::size_t bytes, time now);
    /// Its request is whole.
    void answers(id who, time now);
    /// It sends a text of so many bytes: `shared`, or, where that is null, one of its own.
    void sends(id who, std::shared_ptr<const buffer_chain> shared, std::size_t bytes, time now);
    /// Its answer is sent; it may ask again.
    void waits(id who, time now);

    void closed(id who); ///< also when it is not known any more

    /// Whom to close after open() or sends() of `newest`; they are forgotten.
    std::vector<id> close_for(id newest, time now);

    /// The first of those without a whole request to go, forgotten; none: nobody waits.
    std::vector<id> close_one_that_waits(time now);

    void limit(std::size_t most) { most_ = most; }

    bool knows(id who) const { return entries_.contains(who); }
    std::size_t limit() const { return most_; }
    std::size_t size() const { return entries_.size(); }

    /// What the texts on their way hold. A piece of a shared text counts once, and only while nothing but
    /// such texts holds it.
    std::size_t bytes() const;

private:
    enum class phase { asking, answered, idle };

    struct entry {
        std::string peer;
        phase is = phase::asking;
        time since;                                 ///< of `is`
        std::size_t moved = 0;                      ///< since its request began
        std::size_t own_bytes = 0;                  ///< on their way
        std::shared_ptr<const buffer_chain> shared; ///< on its way
    };
    using holdings = std::map<id, std::size_t>;

    bool is_over_bytes() const;
    /// What would be free if that one were closed; what several send is nobody's. `all`: what they hold
    /// together.
    holdings held(std::size_t& all) const;
    double debt(const entry& of, time now) const;
    void drop_text(entry& of);
    void forget(id who, std::vector<id>& closing);
    id first_to_go(id but_not, bool only_waiting, time now) const;
    id first_sender_to_go(id but_not, time now) const;

    server_limits limits_;
    std::size_t most_;
    id last_ = 0;
    std::map<id, entry> entries_;
    std::map<std::string, std::size_t> peers_;         ///< connections of each
    std::map<const buffer_chain*, std::size_t> texts_; ///< shared ones on their way: senders of each
    std::size_t own_bytes_ = 0;
    std::size_t text_bytes_ = 0; ///< of texts_, as if no two had a piece in common
};

} // namespace replmond::http
