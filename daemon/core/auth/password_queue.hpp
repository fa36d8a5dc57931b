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

/// In which order passwords are checked, and who is turned away, so that whoever floods it with wrong ones
/// keeps nobody else out. Pure.
///
/// - Each known user has places of its own; all other names share as many.
/// - Known users take turns. Of each four checks one is of the other names, where any waits.
/// - Of one user: peers that have not been wrong lately come first, then peers take turns, then who came
///   first. The same holds among the other names.
/// - Where no place is left, a peer that has been wrong lately, or that holds more, makes room.
class password_queue {
public:
    using time_point = std::chrono::steady_clock::time_point;

    static constexpr std::size_t places = 128;      ///< of one known user; of all other names
    static constexpr std::size_t all_places = 1024; ///< of all together
    static constexpr auto lately = std::chrono::minutes(5);

    struct entry {
        std::string of;   ///< names the check: no two have the same
        std::string user; ///< empty: none that is known
        std::string peer;
    };

    /// Which check must leave; its own where it finds no place.
    std::optional<std::string> push(entry next, time_point now);

    /// Takes out who is next.
    std::optional<entry> pop(time_point now);

    /// A peer's password has been checked. A right one makes up for wrong ones.
    void answered(const std::string& peer, bool right, time_point now);

    /// Other users are known now. `user_of` gives a check's user, empty for none.
    template<class UserOf>
    void change_users(UserOf user_of) {
        for (entry& each : waiting_)
            each.user = user_of(each.of);
    }

    void clear() { waiting_.clear(); }
    bool empty() const { return waiting_.empty(); }

private:
    struct health {
        std::uint64_t turn = 0; ///< when it was last served; 0: not at all
        std::optional<time_point> wrong;
    };

    bool was_wrong(const std::string& peer, time_point now) const;
    health& standing_of(const std::string& peer);
    std::deque<entry>::iterator victim(const entry& next, time_point now);
    std::deque<entry>::iterator first_of(bool known, time_point now);
    std::uint64_t turn_of(const std::string& peer) const;

    std::deque<entry> waiting_; ///< as they came
    std::map<std::string, health> peers_;
    std::map<std::string, std::uint64_t> turns_of_users_;
    std::uint64_t turn_ = 0;
    int known_in_a_row_ = 0;
};

} // namespace replmond::auth
