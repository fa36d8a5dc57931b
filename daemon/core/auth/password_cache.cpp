// Remembers right passwords. bcrypt takes tens of milliseconds on purpose, and a scraper sends its password
// every few seconds, so each password is only checked once (the contract, HTTP).

#include "daemon/core/auth/password_cache.hpp"

#include "daemon/core/auth/passwords.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <utility>

namespace replmond::auth {

namespace {

constexpr std::size_t most_remembered = 1024;

} // namespace

void password_cache::change(const std::vector<config::web_user>& users) {
    const auto before = std::exchange(users_, {});
    int cost = 0;
    for (const config::web_user& user : users) {
        cost = std::max(cost, bcrypt_cost(user.hash));
        users_.insert_or_assign(user.name, user.hash);
    }
    hash_for_unknown_users_ = unmatchable_bcrypt_hash(cost);

    // A remembered password stays right only if its user's hash is the same as before.
    std::erase_if(right_, [&](const auto& each) {
        const auto had = before.find(each.second);
        const auto has = users_.find(each.second);
        return had == before.end() || has == users_.end() || had->second != has->second;
    });
    std::erase_if(right_in_order_, [&](const digest& each) { return !right_.contains(each); });
    if (users_.empty()) {
        queue_.clear();
        waiting_.clear();
    }
    queue_.change_users([&](const digest& of) { return known_user(waiting_.at(of).user); });
}

password_cache::digest password_cache::digest_of(const basic_credentials& given) const {
    const std::string text = given.user + ':' + given.password; // unique: no name has a colon (RFC 7617 2)
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned size = 0;
    HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), bytes.data(), &size);
    return {reinterpret_cast<const char*>(bytes.data()), size};
}

// `name` if there is such a user, else empty.
std::string password_cache::known_user(const std::string& name) const {
    return users_.contains(name) ? name : std::string();
}

// The hash to check a password against. An unknown user's takes as long as the most expensive one of the
// known users, so that the time does not tell which names exist (the contract, HTTP).
const std::string& password_cache::hash_of(const std::string& name) const {
    const auto user = users_.find(name);
    return user == users_.end() ? hash_for_unknown_users_ : user->second;
}

password_cache::finding password_cache::look(const basic_credentials& given, const std::string& peer,
                                             time_point now) {
    finding found;
    found.of = digest_of(given);
    if (right_.contains(found.of)) {
        found.is = verdict::right;
        return found;
    }
    // The same name and password is already being checked: no second check.
    if (running_.contains(found.of) || waiting_.contains(found.of))
        return found;

    found.leaves = queue_.push({found.of, known_user(given.user), peer}, now);
    if (found.leaves == found.of) {
        found.leaves.reset();
        found.is = verdict::too_many;
        return found;
    }
    if (found.leaves)
        waiting_.erase(*found.leaves);
    waiting_.emplace(found.of, given);
    return found;
}

std::optional<password_cache::question> password_cache::next(time_point now) {
    auto first = queue_.pop(now);
    if (!first)
        return std::nullopt;
    auto taken = waiting_.extract(first->of);
    running_.insert(first->of);

    question asked;
    asked.of = first->of;
    asked.user = std::move(taken.mapped().user);
    asked.password = std::move(taken.mapped().password);
    asked.hash = hash_of(asked.user);
    asked.peer = std::move(first->peer);
    return asked;
}

password_cache::outcome password_cache::answer(const question& asked, bool right, time_point now) {
    running_.erase(asked.of);
    if (asked.hash != hash_of(asked.user))
        return outcome::outdated;
    // hash_of_nobody_ could be matched by chance, so an unknown user is refused whatever the check says.
    const bool is_right = right && users_.contains(asked.user);
    queue_.answered(asked.peer, is_right, now);
    if (!is_right)
        return outcome::wrong;
    remember(asked.of, asked.user);
    return outcome::right;
}

void password_cache::remember(const digest& of, const std::string& user) {
    if (!right_.emplace(of, user).second)
        return;
    right_in_order_.push_back(of);
    if (right_in_order_.size() <= most_remembered)
        return;
    right_.erase(right_in_order_.front());
    right_in_order_.pop_front();
}

} // namespace replmond::auth
