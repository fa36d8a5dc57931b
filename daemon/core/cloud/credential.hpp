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

/// What requests are authenticated with: its secret, and its properties as far as they are known.
struct credential {
    std::variant<std::string, signing_key> secret; ///< a token, or a key for signing
    std::optional<timestamp> issued_at;
    std::optional<timestamp> expires_at;   ///< nothing: it does not expire, or its end is not known
    std::optional<std::string> project_id; ///< if the source of the credential tells it
    std::string source; ///< for users, without secrets: "access key ...CESS from the environment"
    std::optional<std::string> iam_endpoint = {}; ///< an origin, if the source names one
    /// Of keys that expire: how long before their end to obtain the next ones.
    milliseconds renew_ahead = std::chrono::minutes(10);
};

/// True if the secrets are the same, so that the cloud cannot tell the two apart. Times, project and source
/// are not compared.
bool same_secret(const credential& a, const credential& b);

/// Overwrites the secret in memory. To be called when the credential is not needed any more.
void wipe(credential& spent);

/// `...` and the last 4 characters of an access key's id. Only `...` if the id is shorter than 8 characters
/// or is not visible ASCII: then it is probably not an id, and may be a secret that was configured in its
/// place.
std::string last_four(std::string_view key_id);

/// True if the text can be part of a path without percent-encoding: 1 to 64 letters, digits, '-' and '_'.
bool is_project_id(std::string_view text);

/// When to obtain the next credential. Tokens: when an hour or 20 % of their lifetime is left, whichever is
/// less (an hour if their lifetime is not known). Keys: `renew_ahead` before they expire, but not in the
/// first half of their lifetime. Never later than `expires_at`. Nothing if that is not known.
std::optional<timestamp> renew_at(const credential& held);

/// A point on the monotonic clock, in ms since an arbitrary start. Holds must not depend on the wall clock.
using uptime = milliseconds;

/// How long a refused credential is not used (the contract, What a poll does). The cloud locks a key for 5
/// minutes after 5 refusals in a row (API.md, section 5.2).
inline constexpr milliseconds credential_hold = std::chrono::minutes(5);

/// Which kind of operation used a credential. `list`: the list API and requests for tokens; they decide
/// whether the credential is good. `other`: a refusal of any other operation counts only while the list has
/// not accepted the credential, and then it stops only other operations; the list goes on until it is
/// answered itself. After the list has accepted the credential, a 401 of another operation is only that
/// operation's failure (the contract, What a poll does).
enum class asked_by { list, other };

/// A circuit breaker: decides whether a request may be sent with a credential (docs/credentials.md). A
/// credential that was not accepted yet is used by one request at a time while the others wait. A refused
/// credential is not used until the hold is over, and then by a single request first. No I/O: a caller that
/// has to wait asks again after each change.
class credential_breaker {
public:
    enum class decision {
        go,   ///< send the request, then report its outcome by accepted(), refused() or undecided()
        wait, ///< another request is trying the credential
        held  ///< the credential was refused within the last 5 minutes: do not send
    };

    /// Whether a request of that operation may be sent now.
    decision ask(uptime now, asked_by operation = asked_by::list);

    /// The generation of the credential. A request notes it when it is sent and passes it with its outcome;
    /// outcomes of an older generation are ignored, because they are about a credential that was replaced.
    std::uint64_t generation() const { return generation_; }

    /// The credential was accepted. By the list: also ends a hold that another operation began.
    void accepted(std::uint64_t generation, asked_by operation = asked_by::list);
    /// The credential was refused. Returns true if a hold begins. By the list: a hold that another operation
    /// began now holds the list too.
    bool refused(std::uint64_t generation, uptime now, asked_by operation = asked_by::list);
    /// True if a 401 of that operation says something about the credential.
    bool judges(asked_by operation) const { return operation == asked_by::list || !list_accepted_; }
    /// There was no answer, or one that says nothing about the credential: another request may try it.
    void undecided(std::uint64_t generation);

    /// There is a new credential: nothing is known about it, and a hold ends.
    void changed();

    /// A copy for the same credential in another place, which will not get the outcome of the request that is
    /// trying the credential now.
    credential_breaker copy_without_probe() const {
        credential_breaker copy = *this;
        copy.undecided(generation_);
        return copy;
    }

    /// True during a hold, whichever operation began it.
    bool held(uptime now) const { return held_until_ && now < *held_until_; }
    /// True if a request of that operation must not be sent.
    bool held_for(asked_by operation, uptime now) const {
        return held(now) && (operation == asked_by::other || refused_by_ == asked_by::list);
    }
    /// True if the credential was accepted since it was new or held.
    bool proven() const { return trust_ == trust::proven; }

private:
    enum class trust {
        unknown,
        probed, ///< a request is trying it
        proven
    };

    std::uint64_t generation_ = 0;
    trust trust_ = trust::unknown;
    bool list_accepted_ = false; ///< the list has accepted it since it was new or held
    std::optional<uptime> held_until_;
    asked_by refused_by_ = asked_by::list; ///< the kind of operation that began the hold
};

// The events about a project's credential. `source`: credential::source; empty if there is no credential.

/// A new credential had already expired at `end` by this host's clock.
event credential_expired(const std::string& project, const std::string& source, timestamp end, timestamp now);
/// A hold begins: the cloud refused the credential, or, if `why` has no HTTP status, it cannot be read on
/// this host.
event credential_refused(const std::string& project, const std::string& source, const failure& why,
                         timestamp now);
/// The credential was accepted after a hold.
event credential_accepted(const std::string& project, const std::string& source, timestamp now);

} // namespace replmond::cloud
