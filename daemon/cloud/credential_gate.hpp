#pragma once

#include "daemon/model/time.hpp"

#include <cstdint>
#include <optional>

namespace replmond::cloud {

/// A point on the monotonic clock, in ms since an arbitrary start: holds must not depend on the wall clock.
using uptime = milliseconds;

/// A refused credential is left alone for this long: the cloud locks a key after five refusals in a row, for
/// as long.
inline constexpr milliseconds credential_hold = std::chrono::minutes(5);

/// Which operation used a credential. The list (and a request for a token) judges it. Any other operation
/// may refuse only what the list has not accepted yet, and then only for its like: the list goes on to find
/// out. Afterwards its 401 is its own failure.
enum class asked_by { list, other };

/// Decides whether a request may be sent with a credential (docs/credentials.md). One that was
/// not accepted yet is used by one request at a time while the others wait; one that was refused by none
/// until the hold is over, and then by one probe. Pure; whoever waits asks again when something changed.
class credential_gate {
public:
    enum class admission {
        go,   ///< send it, and say how it ended
        wait, ///< another request is finding out
        held  ///< refused not long ago: send nothing
    };

    admission ask(uptime now, asked_by operation = asked_by::list);

    /// Which credential the outcome of a request is about: outcomes of one that was replaced since say
    /// nothing.
    std::uint64_t generation() const { return generation_; }

    /// By the list: it ends a hold that another operation began.
    void accepted(std::uint64_t generation, asked_by operation = asked_by::list);
    /// Says whether this began a hold. By the list it makes a hold of another operation one for all.
    bool refused(std::uint64_t generation, uptime now, asked_by operation = asked_by::list);
    /// Whether a 401 of that operation says something of the credential.
    bool judges(asked_by operation) const { return operation == asked_by::list || !list_accepted_; }
    /// No answer, or one that says nothing of the credential: somebody else may try.
    void undecided(std::uint64_t generation);

    /// There is a new credential: nothing is known of it, and a hold ends.
    void changed();

    /// The same for a credential whose requests end elsewhere: nobody is finding out.
    credential_gate without_its_requests() const {
        credential_gate copy = *this;
        copy.probing_ = false;
        return copy;
    }

    bool held(uptime now) const { return held_until_ && now < *held_until_; }
    /// Whether a request of that operation may not be sent.
    bool held_for(asked_by operation, uptime now) const {
        return held(now) && (operation == asked_by::other || refused_by_ == asked_by::list);
    }
    std::optional<uptime> held_until() const { return held_until_; }
    bool proven() const { return proven_; }

private:
    std::uint64_t generation_ = 0;
    bool proven_ = false;
    bool list_accepted_ = false; ///< by the list, since it is new or was held
    bool probing_ = false;
    std::optional<uptime> held_until_;
    asked_by refused_by_ = asked_by::list; ///< where it is held
};

} // namespace replmond::cloud
