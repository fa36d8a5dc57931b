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
enum class health {
    unknown, ///< not polled yet
    good,    ///< its last poll succeeded
    failing  ///< its last poll failed
};

/// Who asks for a slot.
struct slot_request {
    instance_key instance = 0;
    project_key project = 0;
    health is = health::unknown;
    std::uint64_t order = 0; ///< the lowest goes first; of its own
};

/// The concurrency slots: who holds one, and whose turn is next. First come, first served, but
/// - no project holds more than half of them while another one has instances,
/// - failing instances hold no more than half of them while there are others, and no more than half of what
///   their project may hold while it has good ones,
/// - failing and unknown ones leave a quarter of them to good ones where there are any,
/// so that there is always room for a poll that is due elsewhere, and hanging instances delay only each
/// other.
class slot_allocator {
public:
    explicit slot_allocator(int slots) : slots_(slots) {}
    void change_slots(int slots) { slots_ = slots; }

    /// Who there is, for the halves.
    void add_instance(project_key project, health is);
    void remove_instance(project_key project, health is);
    void change_health(project_key project, health from, health to);

    void enqueue(ticket asked, const slot_request& who);
    void cancel(ticket asked);

    /// Gives the next slot, if there is one, to the first whose turn it may be and whose project can pay.
    std::optional<ticket> next(const std::function<bool(project_key)>& can_pay);

    bool holds(instance_key instance) const { return held_.contains(instance); }
    std::size_t held() const { return held_.size(); }
    std::size_t waiting() const { return queued_.size(); }
    void release(instance_key instance);

    using queue_key = std::pair<project_key, health>; ///< those alike wait in one

    /// Nothing where it does not wait.
    std::optional<queue_key> queue_of(ticket asked) const;

    /// The lines that a slot is free for, counted anew, so that one that was lost excuses nobody's wait:
    /// `there` are all instances, `works` says which of the holders do. After next() none whose project can
    /// pay.
    std::set<queue_key> queues_with_room(const std::map<queue_key, int>& there,
                                         const std::function<bool(instance_key)>& works) const;

    /// True while anybody of that project waits.
    bool has_waiting(project_key project) const;

private:
    using place = std::pair<std::uint64_t, ticket>; ///< its order first

    int half() const { return slots_ > 1 ? slots_ / 2 : 1; }
    int& count(std::array<int, 3>& of, health is) { return of[static_cast<std::size_t>(is)]; }
    int count(const std::array<int, 3>& of, health is) const { return of[static_cast<std::size_t>(is)]; }
    void take(instance_key instance, const queue_key& as);
    bool has_room(const queue_key& of) const;
    bool has_room_in_project(const queue_key& of) const;
    bool another_project_waits(project_key than) const;
    static int count(const std::map<queue_key, int>& of, const queue_key& which);

    int slots_;
    std::map<project_key, std::size_t> instances_of_project_;
    std::array<int, 3> instances_by_health_{}; ///< instances by standing
    std::map<queue_key, int> instances_by_queue_;
    std::array<int, 3> held_by_health_{};
    std::map<queue_key, std::set<place>> waiting_;
    std::map<ticket, slot_request> queued_; ///< who wait
    std::map<instance_key, queue_key> held_;
    std::map<project_key, int> held_by_project_;
    std::map<queue_key, int> held_by_queue_;
};

} // namespace replmond::schedule
