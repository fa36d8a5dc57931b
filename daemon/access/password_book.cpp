#include "daemon/access/password_book.hpp"

#include "daemon/access/bcrypt.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <utility>

namespace replmond::access {
namespace {

constexpr std::size_t most_remembered = 1024;

} // namespace

void password_book::change(std::vector<config::web_user> users) {
    ++generation_;
    users_.clear();
    right_.clear();
    right_in_order_.clear();
    running_.clear();
    int cost = 0;
    for (config::web_user& user : users) {
        cost = std::max(cost, bcrypt_cost(user.hash));
        users_.insert_or_assign(std::move(user.name), std::move(user.hash));
    }
    hash_of_nobody_ = bcrypt_of_nobody(cost);
}

password_book::digest password_book::digest_of(const basic_credentials& given) const {
    const std::string text = given.user + ':' + given.password; // no name has a colon
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned size = 0;
    HMAC(EVP_sha256(), key_.data(), static_cast<int>(key_.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), bytes.data(), &size);
    return {reinterpret_cast<const char*>(bytes.data()), size};
}

password_book::question password_book::look(const basic_credentials& given) {
    question asked;
    asked.of = digest_of(given);
    asked.generation = generation_;
    if (right_.contains(asked.of)) {
        asked.is = verdict::right;
    } else if (running_.contains(asked.of)) {
        asked.is = verdict::wait;
    } else if (running_.size() > most_waiting) {
        asked.is = verdict::too_many;
    } else {
        running_.insert(asked.of);
        const auto user = users_.find(given.user);
        asked.hash = user == users_.end() ? hash_of_nobody_ : user->second;
    }
    return asked;
}

bool password_book::answer(const question& asked, bool right) {
    if (asked.generation != generation_)
        return false;
    running_.erase(asked.of);
    const bool is_somebody = asked.hash != hash_of_nobody_;
    if (right && is_somebody)
        remember(asked.of);
    return right && is_somebody;
}

void password_book::remember(const digest& of) {
    if (!right_.insert(of).second)
        return;
    right_in_order_.push_back(of);
    if (right_in_order_.size() <= most_remembered)
        return;
    right_.erase(right_in_order_.front());
    right_in_order_.pop_front();
}

} // namespace replmond::access
