#pragma once

#include "daemon/access/basic_credentials.hpp"
#include "daemon/config/web_settings.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace replmond::access {

/// Which passwords are known to be right, which are being checked, and which are not even checked, since too
/// many wait. Pure: checking is the worker's business.
class password_book {
public:
    /// A keyed hash of a name and its password. What is remembered is this, so that a copy of the memory is
    /// no list of passwords.
    using digest = std::string;

    static constexpr std::size_t most_waiting = 8; ///< checks, beside the one that runs

    /// `key`: random, of this process.
    explicit password_book(std::string key) : key_(std::move(key)) {}

    /// Forgets what was right, and what is being checked counts no more.
    void change(std::vector<config::web_user> users);

    bool asks_for_passwords() const { return !users_.empty(); }

    enum class verdict { right, check, wait, too_many };

    struct question {
        verdict is = verdict::check;
        digest of;
        std::string hash; ///< check: what to compare with; an unknown user's costs the same
        std::uint64_t generation = 0;
    };

    /// `wait`: the same is being checked already.
    question look(const basic_credentials& given);

    /// The answer to a `check`. False also where the users have changed meanwhile.
    bool answer(const question& asked, bool right);

private:
    digest digest_of(const basic_credentials& given) const;
    void remember(const digest& of);

    std::string key_;
    std::uint64_t generation_ = 0;
    std::map<std::string, std::string, std::less<>> users_; ///< name -> hash
    std::string hash_of_nobody_;
    std::set<digest> right_;
    std::deque<digest> right_in_order_;
    std::set<digest> running_;
};

} // namespace replmond::access
