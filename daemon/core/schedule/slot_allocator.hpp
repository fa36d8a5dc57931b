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

using project_key = std::uint64_t;  ///< chosen by the caller, never used twice
using instance_key = std::uint64_t; ///< chosen by the caller, never used twice
using ticket = std::uint64_t;       ///< identifies one request that asked for a permit

/// What the last poll of an instance says about it.
enum class health {
    unknown, ///< not polled yet
    good,    ///< its last poll succeeded
    failing  ///< its last poll failed
};

/// An instance whose poll asks for a slot.
struct slot_request {
    instance_key instance = 0;
    project_key project = 0;
    health is = health::unknown;
    std::uint64_t order = 0; ///< the lowest number gets a slot first; each poll has a number of its own
};

/// The slots (`poll.concurrency`): which instances hold one, and which waiting request gets the next one.
/// First come, first served, with these limits:
/// - no project holds more than half of the slots while another project has instances,
/// - failing instances hold no more than half of the slots while there are other instances, and no more than
///   half of what their project may hold while the project has good instances,
/// - failing and unknown instances leave a quarter of the slots to good instances if there are any.
///
/// So a slot is always free for a due poll of another project or of a good instance, and hanging instances
/// delay only each other (the contract, What a poll does).
class slot_allocator {
public:
    explicit slot_allocator(int slots) : slots_(slots) {}
    void change_slots(int slots) { slots_ = slots; }

    /// The known instances. The limits above depend on how many there are of each project and health.
    void add_instance(project_key project, health is);
    void remove_instance(project_key project, health is);
    void change_health(project_key project, health from, health to);

    /// The request waits for a slot until next() returns it or cancel() is called.
    void enqueue(ticket asked, const slot_request& who);
    /// Ignored if the request does not wait.
    void cancel(ticket asked);

    /// Gives a free slot to the first waiting request that the limits above allow and whose project has
    /// budget (`can_pay`). Returns that request; nothing if there is no free slot or no such request.
    std::optional<ticket> next(const std::function<bool(project_key)>& can_pay);

    bool holds(instance_key instance) const { return held_.contains(instance); }
    std::size_t held() const { return held_.size(); }
    std::size_t waiting() const { return queued_.size(); }
    /// Frees the slot of the instance; ignored if it holds none.
    void release(instance_key instance);

    using queue_key =
        std::pair<project_key, health>; ///< requests of the same project and health share a queue

    /// The queue that the request waits in; nothing if it does not wait.
    std::optional<queue_key> queue_of(ticket asked) const;

    /// The queues that a slot is free for. The slots are counted anew from what the caller knows, so that a
    /// slot that was lost by a defect does not hide that a poll waits too long: `there` counts all instances,
    /// `works` says whether the poll of an instance that holds a slot still runs. Right after next() has
    /// returned nothing, no such queue belongs to a project that can pay.
    std::set<queue_key> queues_with_room(const std::map<queue_key, int>& there,
                                         const std::function<bool(instance_key)>& works) const;

    /// True while a request of that project waits.
    bool has_waiting(project_key project) const;

private:
    using place = std::pair<std::uint64_t, ticket>; ///< (slot_request::order, ticket)

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
    std::array<int, 3> instances_by_health_{};
    std::map<queue_key, int> instances_by_queue_;
    std::array<int, 3> held_by_health_{};
    std::map<queue_key, std::set<place>> waiting_; ///< only queues that are not empty
    std::map<ticket, slot_request> queued_;        ///< all waiting requests
    std::map<instance_key, queue_key> held_;
    std::map<project_key, int> held_by_project_;
    std::map<queue_key, int> held_by_queue_;
};

} // namespace replmond::schedule
