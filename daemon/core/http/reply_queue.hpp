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

struct reply_queue_limits {
    using duration = std::chrono::steady_clock::duration;

    std::size_t bytes = 64 * 1024 * 1024; ///< of all bodies that somebody holds, and of the one being made
    std::size_t waiting = 256;            ///< bodies that wait to be made
    std::size_t waiting_of_a_peer = 64;

    /// Work that is done in one turn of the loop.
    duration slice = std::chrono::milliseconds(2);
    /// The share of time that is left to others: this times what a slice took, then comes the next one.
    int rest = 2;
    int rest_amid = 2; ///< the same while a body is being made
    /// A body that took more than one slice is kept that long for whoever asks next; any other one is given
    /// to others so long only while somebody holds it.
    duration shared_for = std::chrono::seconds(1);
    bool keeps = true; ///< false: none is kept, since whoever asks next should see what has changed

    /// A body that was made so long ago may be taken away from who still reads it.
    duration reading_time = std::chrono::seconds(1);
    /// How long a job waits for room.
    duration room_time = std::chrono::seconds(3);
};

struct reply_queue_callbacks {
    std::function<std::chrono::steady_clock::time_point()> now;

    /// Room is needed: whoever still sends this body is to be cut off, soon. The body may be gone already.
    std::function<void(const buffer_chain* body)> cut_off;
};

/// Makes bodies one at a time, in slices, and gives the same one to all who ask for it at nearly the same
/// time. Peers take turns, so one that asks for much waits for itself. Pure: it is told when to work.
class reply_queue {
public:
    using time_point = std::chrono::steady_clock::time_point;
    using body = std::shared_ptr<const buffer_chain>;
    using id = std::uint64_t;

    enum class failure {
        none,
        full,      ///< too many wait
        no_room,   ///< readers hold what there is
        too_large, ///< alone larger than all that may be held
        broken     ///< the job threw
    };
    struct outcome {
        body made; ///< null where it failed
        failure why = failure::none;
        std::exception_ptr thrown{}; ///< by the job
    };
    using taker = std::function<void(outcome)>;

    struct request {
        std::string key;  ///< the same key, the same body
        std::string peer; ///< who asks
        std::function<std::unique_ptr<reply_body>()> begin;
    };

    reply_queue(reply_queue_limits limits, reply_queue_callbacks callbacks);

    /// Calls `take` once: within this call where the body is there or takes no more than the slice that is
    /// free now, else within a later work(). Returns what leave() takes.
    id ask(request what, taker take);

    /// Whoever asked does not want it any more, if it was not given yet. What nobody wants is not made.
    void leave(id who);

    /// When work() is to be called next; the end of time where there is nothing to do.
    time_point next() const;

    /// Works for a slice; too early it does nothing.
    void work();

    std::size_t waiting() const; ///< bodies, the one being made among them
    std::size_t bytes() const;   ///< of all bodies that somebody holds, and of the one being made

private:
    struct wanted_body {
        request what;
        std::vector<std::pair<id, taker>> takers;
        std::unique_ptr<reply_body> job; ///< null: not begun
        int slices = 0;
        std::optional<time_point> without_room; ///< since when
    };
    struct made_body {
        std::string key;
        std::weak_ptr<const buffer_chain> held;
        body kept; ///< may be null
        const buffer_chain* address = nullptr;
        std::size_t bytes = 0;
        time_point made;
        bool is_cut_off = false;
    };
    using queue = std::list<wanted_body>;

    body find_made(const std::string& key, time_point now);
    wanted_body* find_wanted(const request& what);
    std::size_t waiting_of(const std::string& peer) const;
    void enqueue(request what, id who, taker take);
    bool take_turn();
    bool has_room(time_point now);
    void make_room(std::size_t needed, time_point now);
    bool go_on(time_point now);
    void finish(outcome what);
    void forget_made(time_point now);

    reply_queue_limits limits_;
    reply_queue_callbacks callbacks_;
    id last_ = 0;
    std::map<std::string, queue> queues_; ///< by peer, none empty
    std::deque<std::string> slots_;       ///< the peers of `queues_`, who is next in front
    std::optional<wanted_body> current_;
    std::vector<made_body> made_; ///< oldest first
    time_point rests_until_{};
};

} // namespace replmond::http
