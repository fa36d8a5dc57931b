#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace replmond::auth {

/// The order in which passwords are checked, and which checks are dropped when too many wait. A client that
/// sends many wrong passwords must not keep other clients out. No I/O.
///
/// - Each known user has `places` places of its own; all unknown names together have as many.
/// - Known users take turns. One of four checks is of an unknown name, if any waits.
/// - Among the checks of one user, peers without a recent wrong password come first; then the peer that was
///   served longest ago; then the check that has waited longest. The same order holds among the unknown
///   names.
/// - If no place is free, a check is dropped: of a peer with a recent wrong password if there is one, else of
///   the peer that holds most places. The new check itself is dropped if its peer is no better.
///
/// A peer is a client's address, of IPv6 the first 64 bits.
class password_queue {
public:
    using time_point = std::chrono::steady_clock::time_point;

    /// Waiting checks of one known user, or of all unknown names.
    static constexpr std::size_t places = 128;
    static constexpr std::size_t all_places = 1024; ///< all waiting checks
    /// How long a wrong password is held against a peer.
    static constexpr auto wrong_password_memory = std::chrono::minutes(5);

    struct entry {
        std::string of;   ///< identifies the check; must be unique
        std::string user; ///< empty: the name is not known
        std::string peer;
    };

    /// Adds a check. Returns the `of` of the check that is dropped, which is its own if there is no place for
    /// it; nothing if none is dropped.
    std::optional<std::string> push(entry next, time_point now);

    /// Removes the next check and returns it; nothing if none waits.
    std::optional<entry> pop(time_point now);

    /// The password of a peer has been checked. A right password cancels earlier wrong ones.
    void answered(const std::string& peer, bool right, time_point now);

    /// The known users have changed. `user_of` gives the user of a check, by its `of`; empty if the name is
    /// not known.
    template<class UserOf>
    void change_users(UserOf user_of) {
        for (entry& each : waiting_)
            each.user = user_of(each.of);
    }

    void clear() { waiting_.clear(); }
    bool empty() const { return waiting_.empty(); }

private:
    struct peer_record {
        /// Value of turn_ when a check of this peer was last served; 0: never.
        std::uint64_t turn = 0;
        std::optional<time_point> wrong; ///< the last wrong password since the last right one
    };

    bool was_wrong(const std::string& peer, time_point now) const;
    peer_record& peer_record_of(const std::string& peer);
    std::deque<entry>::iterator victim(const entry& next, time_point now);
    std::deque<entry>::iterator first_of(bool known, time_point now);
    std::uint64_t turn_of(const std::string& peer) const;

    std::deque<entry> waiting_; ///< in the order of arrival
    std::map<std::string, peer_record> peers_;
    std::map<std::string, std::uint64_t> turns_of_users_; ///< turn_ when a check of the user was last served
    std::uint64_t turn_ = 0;                              ///< checks served so far
    /// Checks of known users since the last unknown name.
    int known_in_a_row_ = 0;
};

} // namespace replmond::auth
