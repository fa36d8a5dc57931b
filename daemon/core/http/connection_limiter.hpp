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

/// The limits of the HTTP server, for memory and time.
struct server_limits {
    std::size_t connections = 256;               ///< over all listening addresses
    std::size_t answer_bytes = 64 * 1024 * 1024; ///< of answers that are being sent
    head_limits head;
    std::chrono::steady_clock::duration request_time =
        std::chrono::seconds(10); ///< for the handshake and the first request; for each later one
    std::chrono::steady_clock::duration idle_time = std::chrono::minutes(2); ///< between two requests
    std::chrono::steady_clock::duration answer_time =
        std::chrono::seconds(30); ///< in which the client must take at least one byte of an answer
    std::chrono::steady_clock::duration leave_time =
        std::chrono::seconds(2); ///< for the client to close after the server has closed its side
    std::chrono::steady_clock::duration scarce_time =
        std::chrono::minutes(1); ///< how long fewer connections are allowed after file descriptors ran out
};

/// The connections of the server, and which of them are closed when there are too many connections or when
/// the answers that are being sent take too much memory. A new connection is always accepted. The connection
/// to close is chosen in this order:
///   1. one of the peer that exceeds an eighth of the limit by most;
///   2. the one that has used most of the time that its current step may take (send a request, take the
///      answer, begin the next request). The bytes that it has moved in that step are credited to it.
///
/// So neither silent nor slow clients keep other clients out, and a client that reads a long answer fast is
/// not closed merely because it began early. No I/O.
class connection_limiter {
public:
    using id = std::uint64_t;
    using time = std::chrono::steady_clock::time_point;

    /// Of `limits` only `connections`, `answer_bytes` and the times are used.
    explicit connection_limiter(const server_limits& limits) : limits_(limits), most_(limits.connections) {}

    /// A new connection, which has not sent a request yet. The caller then calls close_for(). An id that is
    /// not known any more is ignored by all functions.
    id open(std::string peer, time now);

    /// The client has sent or taken so many bytes. The first bytes after an answer begin the next request.
    void moved(id who, std::size_t bytes, time now);
    /// The request has been read completely.
    void answers(id who, time now);
    /// The answer begins to be sent: `shared`, or, if that is null, a text of `bytes` bytes that belongs to
    /// this connection alone. The caller then calls close_for().
    void sends(id who, std::shared_ptr<const buffer_chain> shared, std::size_t bytes, time now);
    /// The answer has been sent, and the client may send its next request.
    void waits(id who, time now);

    /// The connection was closed.
    void closed(id who);

    /// The connections that the caller must close after open() or sends() of `newest`. They are removed here.
    std::vector<id> close_for(id newest, time now);

    /// The connection to close first among those that have not sent a complete request. It is removed here.
    /// Empty if there is none.
    std::vector<id> close_one_that_waits(time now);

    /// Changes the number of connections that are allowed.
    void limit(std::size_t most) { most_ = most; }

    bool knows(id who) const { return entries_.contains(who); }
    std::size_t limit() const { return most_; }
    std::size_t size() const { return entries_.size(); }

    /// The memory in bytes that the answers being sent keep allocated. A piece of a shared text counts once,
    /// and only if no other owner, such as the metrics page, keeps it allocated anyway.
    std::size_t bytes() const;

private:
    /// asking: sends its request. answered: the request is complete. idle: between two requests.
    enum class phase { asking, answered, idle };

    struct entry {
        std::string peer;
        phase is = phase::asking;
        time since;                                 ///< when the phase began
        std::size_t moved = 0;                      ///< bytes since the request began
        std::size_t own_bytes = 0;                  ///< of an answer being sent that is not shared
        std::shared_ptr<const buffer_chain> shared; ///< the answer being sent, if it is shared
    };
    using holdings = std::map<id, std::size_t>;

    bool is_over_bytes() const;
    /// For each connection the bytes that would be freed if it alone were closed; a text that several
    /// connections send counts for none of them. `all` is set to bytes().
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
    std::map<std::string, std::size_t> peers_; ///< the number of connections of each peer
    /// Shared texts being sent, and by how many connections.
    std::map<const buffer_chain*, std::size_t> texts_;
    std::size_t own_bytes_ = 0;  ///< the sum over all entries
    std::size_t text_bytes_ = 0; ///< of texts_, counting pieces that several texts share more than once
};

} // namespace replmond::http
