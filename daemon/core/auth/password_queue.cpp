// Decides which password is checked next and which check is dropped, also while a client floods the daemon
// with wrong passwords.

#include "daemon/core/auth/password_queue.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace replmond::auth {

namespace {

constexpr std::size_t most_peers = 4096; // peers that are remembered
constexpr int known_for_one_other = 3;   // checks of known users for each check of an unknown name

} // namespace

bool password_queue::was_wrong(const std::string& peer, time_point now) const {
    const auto found = peers_.find(peer);
    return found != peers_.end() && found->second.wrong && now - *found->second.wrong < wrong_password_memory;
}

std::uint64_t password_queue::turn_of(const std::string& peer) const {
    const auto found = peers_.find(peer);
    return found == peers_.end() ? 0 : found->second.turn;
}

// The record of a peer. If there are too many, the peer that was served longest ago is forgotten.
password_queue::peer_record& password_queue::peer_record_of(const std::string& peer) {
    if (peers_.size() >= most_peers && !peers_.contains(peer))
        peers_.erase(std::min_element(peers_.begin(), peers_.end(), [](const auto& a, const auto& b) {
            return a.second.turn < b.second.turn;
        }));
    return peers_[peer];
}

// The check to drop in favour of `next`, among those that share its places: the last one of the worst peer. A
// peer is worse if it had a wrong password lately, or else if it holds more places. end() if the peer of
// `next`, counted with `next`, is at least as bad.
std::deque<password_queue::entry>::iterator password_queue::victim(const entry& next, time_point now) {
    std::map<std::string, std::size_t> held;
    for (const entry& each : waiting_) {
        if (each.user == next.user)
            ++held[each.peer];
    }
    const auto weight = [&](const std::string& peer) { return std::pair(was_wrong(peer, now), held[peer]); };
    auto worst = waiting_.end();
    for (auto each = waiting_.begin(); each != waiting_.end(); ++each) {
        if (each->user == next.user && (worst == waiting_.end() || weight(each->peer) >= weight(worst->peer)))
            worst = each; // `>=`: of one peer the check that arrived last
    }
    if (worst == waiting_.end())
        return worst;
    ++held[next.peer];
    return weight(next.peer) < weight(worst->peer) ? worst : waiting_.end();
}

std::optional<std::string> password_queue::push(entry next, time_point now) {
    const auto share = std::count_if(waiting_.begin(), waiting_.end(),
                                     [&](const entry& each) { return each.user == next.user; });
    const bool is_full = static_cast<std::size_t>(share) >= places || waiting_.size() >= all_places;
    std::optional<std::string> leaves;
    if (is_full) {
        const auto room = victim(next, now);
        if (room == waiting_.end())
            return next.of;
        leaves = std::move(room->of);
        waiting_.erase(room);
    }
    waiting_.push_back(std::move(next));
    return leaves;
}

// The next check of the known users or of the unknown names. Checks of equal rank are served in the order of
// arrival.
std::deque<password_queue::entry>::iterator password_queue::first_of(bool known, time_point now) {
    const auto rank = [&](const entry& each) {
        const auto user = turns_of_users_.find(each.user);
        return std::tuple(user == turns_of_users_.end() ? 0 : user->second, was_wrong(each.peer, now),
                          turn_of(each.peer));
    };
    auto first = waiting_.end();
    for (auto each = waiting_.begin(); each != waiting_.end(); ++each) {
        if (each->user.empty() != known && (first == waiting_.end() || rank(*each) < rank(*first)))
            first = each;
    }
    return first;
}

std::optional<password_queue::entry> password_queue::pop(time_point now) {
    auto next = first_of(true, now);
    const auto other = first_of(false, now);
    if (next == waiting_.end() || (other != waiting_.end() && known_in_a_row_ >= known_for_one_other))
        next = other;
    if (next == waiting_.end())
        return std::nullopt;

    entry taken = std::move(*next);
    waiting_.erase(next);
    known_in_a_row_ = taken.user.empty() ? 0 : known_in_a_row_ + 1;
    ++turn_;
    peer_record_of(taken.peer).turn = turn_;
    if (!taken.user.empty())
        turns_of_users_[taken.user] = turn_;
    if (waiting_.empty())
        turns_of_users_.clear();
    return taken;
}

void password_queue::answered(const std::string& peer, bool right, time_point now) {
    auto& wrong = peer_record_of(peer).wrong;
    if (right)
        wrong.reset();
    else
        wrong = now;
}

} // namespace replmond::auth
