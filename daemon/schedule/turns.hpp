#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace replmond::schedule {

using project_key = std::uint64_t;  ///< numbers of the caller's choice, never used twice
using instance_key = std::uint64_t; ///< likewise
using ticket = std::uint64_t;       ///< of one request

/// What is known of an instance.
enum class standing {
    unknown, ///< not polled yet
    good,    ///< its last poll succeeded
    failing  ///< its last poll failed
};

/// Who asks for a slot.
struct contender {
    instance_key instance = 0;
    project_key project = 0;
    standing is = standing::unknown;
    std::uint64_t order = 0; ///< the lowest goes first; of its own
};

/// The concurrency slots: who holds one, and whose turn is next. First come, first served, but
/// - no project holds more than half of them while another one has instances,
/// - failing instances hold no more than half of them while there are others, and no more than half of what
///   their project may hold while it has good ones,
/// - failing and unknown ones leave a quarter of them to good ones where there are any,
/// so that there is always room for a poll that is due elsewhere, and who hangs delays nobody but its like.
class turns {
public:
    explicit turns(int slots) : slots_(slots) {}
    void change_slots(int slots) { slots_ = slots; }

    /// Who there is, for the halves.
    void add_instance(project_key project, standing is);
    void remove_instance(project_key project, standing is);
    void changes(project_key project, standing from, standing to);

    void wait(ticket asked, const contender& who);
    void leave(ticket asked);

    /// Gives the next slot, if there is one, to the first whose turn it may be and whose project can pay.
    std::optional<ticket> next(const std::function<bool(project_key)>& can_pay);

    bool holds(instance_key instance) const { return held_.contains(instance); }
    std::size_t held() const { return held_.size(); }
    std::size_t waiting() const { return contenders_.size(); }
    void give_back(instance_key instance);

    using line = std::pair<project_key, standing>; ///< those alike wait in one

    /// Nothing where it does not wait.
    std::optional<line> line_of(ticket asked) const;

    /// The lines that a slot is free for, counted anew, so that one that was lost excuses nobody's wait:
    /// `there` are all instances, `works` says which of the holders do. After next() none whose project can
    /// pay.
    std::set<line> lines_with_room(const std::map<line, int>& there,
                                   const std::function<bool(instance_key)>& works) const;

    /// True while anybody of that project waits.
    bool anybody_waits(project_key project) const;

private:
    using place = std::pair<std::uint64_t, ticket>; ///< its order first

    int half() const { return slots_ > 1 ? slots_ / 2 : 1; }
    int& count(std::array<int, 3>& of, standing is) { return of[static_cast<std::size_t>(is)]; }
    int count(const std::array<int, 3>& of, standing is) const { return of[static_cast<std::size_t>(is)]; }
    void take(instance_key instance, const line& as);
    bool has_room(const line& of) const;
    bool has_room_in_project(const line& of) const;
    bool another_project_waits(project_key than) const;
    static int count(const std::map<line, int>& of, const line& which);

    int slots_;
    std::map<project_key, std::size_t> population_;
    std::array<int, 3> known_{}; ///< instances by standing
    std::map<line, int> known_in_project_;
    std::array<int, 3> held_by_standing_{};
    std::map<line, std::set<place>> waiting_;
    std::map<ticket, contender> contenders_; ///< who wait
    std::map<instance_key, line> held_;
    std::map<project_key, int> held_by_project_;
    std::map<line, int> held_by_line_;
};

} // namespace replmond::schedule
