#pragma once

#include "daemon/core/auth/password_queue.hpp"
#include "daemon/core/auth/passwords.hpp"
#include "daemon/core/config/settings.hpp"

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace replmond::auth {

/// Remembers which passwords are right, and decides which waiting password is checked next and which is
/// refused because too many wait. It does no bcrypt itself: the caller passes each question to a worker and
/// reports the answer. No I/O.
class password_cache {
public:
    using time_point = password_queue::time_point;

    /// HMAC-SHA-256 of a user's name and password. Right passwords are remembered as digests, so that a copy
    /// of the memory contains no list of passwords.
    using digest = std::string;

    /// `key`: the key of the digests, random for each process.
    explicit password_cache(std::string key) : key_(std::move(key)) {}

    /// Sets the users. Passwords that were right stay right for users whose hash is unchanged. Waiting checks
    /// go on waiting; if there are no users any more, they are dropped.
    void change(const std::vector<config::web_user>& users);

    /// False if there are no users: then every request is allowed without a password.
    bool asks_for_passwords() const { return !users_.empty(); }

    enum class verdict { right, wait, too_many };

    struct finding {
        verdict is = verdict::wait;
        digest of;                    ///< with `wait`: identifies the check in next() and answer()
        std::optional<digest> leaves; ///< with `wait`: another check that was dropped to make room
    };

    /// Whether the password is known to be right, waits to be checked, or is refused because too many wait.
    /// `peer`: the client's group of addresses, from peer_group().
    finding look(const basic_credentials& given, const std::string& peer, time_point now);

    struct question {
        digest of;
        std::string user;
        std::string password;
        std::string hash; ///< compare with this hash; for an unknown user one of the same cost
        std::string peer;
    };

    /// The next password to check; nothing if none waits. answer() or give_up() must follow.
    std::optional<question> next(time_point now);

    /// `outdated`: the user's hash has changed meanwhile, so the password must be looked up again.
    enum class outcome { right, wrong, outdated };
    /// Takes in the result of a check.
    outcome answer(const question& asked, bool right, time_point now);

    /// The password could not be checked.
    void give_up(const digest& of) { running_.erase(of); }

private:
    digest digest_of(const basic_credentials& given) const;
    std::string known_user(const std::string& name) const;
    const std::string& hash_of(const std::string& name) const;
    void remember(const digest& of, const std::string& user);

    std::string key_;
    std::map<std::string, std::string, std::less<>> users_; ///< the bcrypt hash by name
    std::string hash_for_unknown_users_;                    ///< checked for unknown users
    std::map<digest, std::string> right_;                   ///< right passwords; the value is the user's name
    std::deque<digest> right_in_order_;                     ///< the same, oldest first
    std::map<digest, basic_credentials> waiting_;           ///< the checks that are in queue_
    password_queue queue_;
    std::set<digest> running_; ///< checks that next() has returned and that are not answered
};

} // namespace replmond::auth
