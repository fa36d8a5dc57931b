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

/// Which passwords are known to be right, which wait to be checked and in what order, and which are not even
/// checked, since too many wait. Pure: checking is the worker's business.
class password_cache {
public:
    using time_point = password_queue::time_point;

    /// A keyed hash of a name and its password. What is remembered is this, so that a copy of the memory is
    /// no list of passwords.
    using digest = std::string;

    /// `key`: random, of this process.
    explicit password_cache(std::string key) : key_(std::move(key)) {}

    /// What was right stays so for users whose hash is the same. What waits goes on to wait; with no users,
    /// nothing does.
    void change(const std::vector<config::web_user>& users);

    bool asks_for_passwords() const { return !users_.empty(); }

    enum class verdict { right, wait, too_many };

    struct finding {
        verdict is = verdict::wait;
        digest of;                    ///< wait: what next() and answer() name it by
        std::optional<digest> leaves; ///< wait: another check, which made room and is not made
    };

    /// `peer`: who asks, as peer_group() has it.
    finding look(const basic_credentials& given, const std::string& peer, time_point now);

    struct question {
        digest of;
        std::string user;
        std::string password;
        std::string hash; ///< what to compare with; an unknown user's costs the same
        std::string peer;
    };

    /// What to check now; nothing where nothing waits.
    std::optional<question> next(time_point now);

    /// `outdated`: the user has changed meanwhile, so it must be asked again.
    enum class outcome { right, wrong, outdated };
    outcome answer(const question& asked, bool right, time_point now);

    /// It could not be checked.
    void give_up(const digest& of) { running_.erase(of); }

private:
    digest digest_of(const basic_credentials& given) const;
    std::string known_user(const std::string& name) const;
    const std::string& hash_of(const std::string& name) const;
    void remember(const digest& of, const std::string& user);

    std::string key_;
    std::map<std::string, std::string, std::less<>> users_; ///< name -> hash
    std::string hash_of_nobody_;
    std::map<digest, std::string> right_; ///< whose
    std::deque<digest> right_in_order_;
    std::map<digest, basic_credentials> waiting_; ///< the same as in queue_
    password_queue queue_;
    std::set<digest> running_;
};

} // namespace replmond::auth
