#pragma once

#include "daemon/core/cloud/signer.hpp"
#include "daemon/core/model/event.hpp"
#include "daemon/core/model/failure.hpp"
#include "daemon/core/model/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace replmond::cloud {

/// What requests are authenticated with, and what is known of it.
struct credential {
    std::variant<std::string, signing_key> secret; ///< a token, or a key to sign with
    std::optional<timestamp> issued_at;
    std::optional<timestamp> expires_at;   ///< none: does not expire, or nobody said when
    std::optional<std::string> project_id; ///< where the credential's source reveals it
    std::string source; ///< for people, never secret: "access key ...CESS from the environment"
    std::optional<std::string> iam_endpoint = {}; ///< origin, where the source names one
};

/// Whether the cloud would see the same credential: times, project and source do not count.
bool same_secret(const credential& a, const credential& b);

/// Overwrites the secret in memory, for when it is not needed any more.
void wipe(credential& spent);

/// `...` and the last 4 characters of an access key's id. Nothing of it where it is shorter than 8, or is not
/// the visible ASCII that ids consist of: it may be something else by mistake.
std::string last_four(std::string_view key_id);

/// Fit for a path as it is: 1 to 64 letters, digits, '-' and '_'.
bool is_project_id(std::string_view text);

/// When to fetch the next one. Tokens: when an hour or 20 % of their life is left, whichever is less (an hour
/// where their life is not known). Keys: 10 minutes before the end, but not in the first half of their life.
/// Never after the end. Nothing where `expires_at` is not known.
std::optional<timestamp> renew_at(const credential& held);

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
class credential_breaker {
public:
    enum class decision {
        go,   ///< send it, and say how it ended
        wait, ///< another request is finding out
        held  ///< refused not long ago: send nothing
    };

    decision ask(uptime now, asked_by operation = asked_by::list);

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
    credential_breaker without_its_requests() const {
        credential_breaker copy = *this;
        copy.probing_ = false;
        return copy;
    }

    bool held(uptime now) const { return held_until_ && now < *held_until_; }
    /// Whether a request of that operation may not be sent.
    bool held_for(asked_by operation, uptime now) const {
        return held(now) && (operation == asked_by::other || refused_by_ == asked_by::list);
    }
    bool proven() const { return proven_; }

private:
    std::uint64_t generation_ = 0;
    bool proven_ = false;
    bool list_accepted_ = false; ///< by the list, since it is new or was held
    bool probing_ = false;
    std::optional<uptime> held_until_;
    asked_by refused_by_ = asked_by::list; ///< where it is held
};

// The events about a project's credential, with the fields and levels that users' scripts rely on. `source`:
// of the credential, for people; empty where there is none.

/// By this host's clock it had ended at `end`, when it was new.
event credential_expired(const std::string& project, const std::string& source, timestamp end, timestamp now);
/// A hold begins: the cloud refused it, or, where `why` has no status, it cannot be read on this host.
event credential_refused(const std::string& project, const std::string& source, const failure& why,
                         timestamp now);
/// After a hold.
event credential_accepted(const std::string& project, const std::string& source, timestamp now);

} // namespace replmond::cloud
