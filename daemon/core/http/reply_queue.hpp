#pragma once

#include "daemon/core/http/buffer_chain.hpp"
#include "daemon/core/http/reply_body.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace replmond::http {

/// The limits of a reply_queue, for memory, waiting requests and time.
struct reply_queue_limits {
    using duration = std::chrono::steady_clock::duration;

    std::size_t bytes = 64 * 1024 * 1024; ///< of all bodies still in use, and of the one being made
    std::size_t waiting = 256;            ///< bodies that wait to be made
    std::size_t waiting_of_a_peer = 64;   ///< how many of these one peer may have

    /// How long the queue works in one turn of the loop.
    duration slice = std::chrono::milliseconds(2);
    /// The pause after a slice, as a multiple of the time that the slice took. It is left to other work of
    /// the loop.
    int rest = 2;
    int pause_factor_unfinished = 2; ///< the same while a body is unfinished
    /// For how long after it was made a body is given to further requests with the same key. If making it
    /// took more than one slice, it is kept for that time; otherwise only as long as a connection still sends
    /// it.
    duration shared_for = std::chrono::seconds(1);
    bool keeps = true; ///< false: no body is kept, so that the next request sees newer data

    /// If memory is needed, connections that still send a body so long after it was made may be cut off.
    duration reading_time = std::chrono::seconds(1);
    /// How long a body waits for memory before it fails.
    duration room_time = std::chrono::seconds(3);
};

/// What a reply_queue needs from its owner.
struct reply_queue_callbacks {
    std::function<std::chrono::steady_clock::time_point()> now;

    /// Memory is needed: the connections that still send this body must be closed soon. `body` only
    /// identifies it and must not be dereferenced, since it may be destroyed already.
    std::function<void(const buffer_chain* body)> cut_off;
};

/// Makes bodies one at a time, in slices, and gives the same body to all requests with the same key that
/// arrive at nearly the same time. Peers take turns, so that a peer with many requests delays only its own.
/// No I/O and no timer: the caller calls work() at the time that next() returns.
class reply_queue {
public:
    using time_point = std::chrono::steady_clock::time_point;
    using body = std::shared_ptr<const buffer_chain>;
    using id = std::uint64_t;

    enum class failure {
        none,
        full,      ///< too many bodies wait
        no_room,   ///< bodies that are still being sent take all memory that is allowed
        too_large, ///< the body alone is larger than the memory that is allowed
        broken     ///< the reply_body threw an exception
    };
    struct outcome {
        body made; ///< null if it failed
        failure why = failure::none;
        std::exception_ptr thrown{}; ///< the exception, with `broken`
    };
    using callback = std::function<void(outcome)>;

    struct request {
        std::string key;  ///< requests with the same key get the same body
        std::string peer; ///< peer_group() of the client's address
        std::function<std::unique_ptr<reply_body>()> begin;
    };

    reply_queue(reply_queue_limits limits, reply_queue_callbacks callbacks);

    /// Asks for a body. Calls `take` exactly once: within this call if the body exists already or can be made
    /// within the current slice; otherwise within a later work(). `take` must not call the queue. Returns an
    /// id for leave().
    id ask(request what, callback take);

    /// The caller does not want the body any more. Ignored if `take` was called already. A body that no
    /// caller waits for is not made.
    void leave(id who);

    /// When work() must be called next; time_point::max() if there is nothing to do.
    time_point next() const;

    /// Works for one slice. Does nothing before the time that next() returns.
    void work();

    std::size_t waiting() const; ///< unfinished bodies, including the one being made
    std::size_t bytes() const;   ///< of all bodies still in use, and of the one being made

private:
    struct wanted_body {
        request what;
        std::vector<std::pair<id, callback>> takers;
        std::unique_ptr<reply_body> job; ///< null: not begun
        int slices = 0;
        std::optional<time_point> without_room; ///< since when it has been waiting for memory
    };
    struct made_body {
        std::string key;
        std::weak_ptr<const buffer_chain> held; ///< expired: not used any more
        body kept;                              ///< null: not kept for further requests
        const buffer_chain* address = nullptr;  ///< for cut_off
        std::size_t bytes = 0;
        time_point made;
        bool is_cut_off = false; ///< cut_off was called
    };
    using queue = std::list<wanted_body>;

    body find_made(const std::string& key, time_point now);
    wanted_body* find_wanted(const request& what);
    std::size_t waiting_of(const std::string& peer) const;
    void enqueue(request what, id who, callback take);
    bool take_turn();
    bool has_room(time_point now);
    void make_room(std::size_t needed, time_point now);
    bool go_on(time_point now);
    void finish(outcome what);
    void forget_made(time_point now);

    reply_queue_limits limits_;
    reply_queue_callbacks callbacks_;
    id last_ = 0;
    std::map<std::string, queue> queues_; ///< by peer; none is empty
    std::deque<std::string> slots_;       ///< the peers of `queues_`; the next one is in front
    std::optional<wanted_body> current_;
    std::vector<made_body> made_; ///< oldest first
    time_point rests_until_{};    ///< no work before this time
};

} // namespace replmond::http
