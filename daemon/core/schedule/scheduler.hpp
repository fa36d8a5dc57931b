#pragma once

#include "daemon/core/schedule/interval.hpp"
#include "daemon/core/schedule/overdue.hpp"
#include "daemon/core/schedule/request_budget.hpp"
#include "daemon/core/schedule/slot_allocator.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace replmond::schedule {

/// How a poll ended.
struct poll_end {
    bool succeeded = false;
    bool sent_nothing = false;         ///< the credential was held: a failure that does not slow the instance
    int requests = 0;                  ///< how many requests reading the whole list took; 0: not known
    std::optional<uptime> pause_until; ///< the instance is not polled before that time (Retry-After)
};

/// A change of the factor by which a project's intervals are stretched.
struct stretch_change {
    project_key project = 0;
    std::size_t instances = 0;
    milliseconds window{};
    stretch_plan plan;
    bool begins = false;  ///< the intervals were not stretched before
    bool is_news = false; ///< stretching begins, or the factor is 25 % above the one that was last news
};

/// Decides which instance is polled when, and which request may be sent when: ticks, slots, budget, slowing,
/// stretching. It does no I/O and reads no clock: the caller reports what happens and when, and next() says
/// what to do. `now` must never decrease from call to call.
///
/// A project or instance key that is passed must be known, unless the function says otherwise.
class scheduler {
public:
    explicit scheduler(int slots) : slots_(slots) {}

    void change_slots(int slots) { slots_.change_slots(slots); }
    /// Adds a project; ignored if it is known already.
    void add_project(project_key project, budget_limits limits);
    /// Requests that were sent before the change still count.
    void change_project(project_key project, budget_limits limits, uptime now);
    /// To be called after all instances of the project were removed or moved. Requests of the project that
    /// wait, or whose permit next() has not reported yet, are cancelled; next() will not report them.
    void remove_project(project_key project);
    bool knows(project_key project) const { return projects_.contains(project); }

    /// The instance is first polled at `first`, then at the ticks of its grid. If an exception is thrown (out
    /// of memory), nothing has changed.
    void add(instance_key instance, project_key project, std::string instance_id, milliseconds interval,
             uptime first);
    /// The new interval holds from the next poll on; a running poll is not affected.
    void change_interval(instance_key instance, milliseconds interval, uptime now);
    /// Moves the instance to another project's budget. A poll that runs keeps its slot and its place in the
    /// queue, and its requests are paid by the project that the poll began with.
    void move(instance_key instance, project_key to);
    /// Removes the instance; does nothing if it is not known. Its slot is free at once. Its poll may still
    /// run: later calls about that poll are ignored. If a request of the poll waits, or next() has not
    /// reported its permit yet, that request is cancelled and its ticket returned.
    std::optional<ticket> remove(instance_key instance);

    bool knows_instance(instance_key instance) const { return instances_.contains(instance); }

    /// The interval after stretching and slowing.
    milliseconds interval_in_force(instance_key instance) const;
    /// The next tick of an instance whose poll runs. A retry must start before it.
    uptime next_tick(instance_key instance) const { return instances_.at(instance).next; }
    bool is_running(instance_key instance) const;
    /// True if the instance's last poll failed.
    bool is_failing(instance_key instance) const;

    /// The poll that next() told the caller to begin has ended. Returns how many ticks were missed meanwhile.
    std::uint64_t poll_ended(instance_key instance, const poll_end& how, uptime now);

    /// The instance is not polled before `until`: its next poll begins at the first tick at or after that
    /// time.
    void pause(instance_key instance, uptime until, uptime now);

    /// Asks for a permit to send one request. next() reports the ticket once the request may be sent. `poll`:
    /// the instance whose poll the request belongs to; such a request also needs a slot. A poll may ask for
    /// one permit at a time.
    ticket request_permit(project_key project, purpose what, std::optional<instance_key> poll, bool is_retry,
                          uptime now);
    /// The caller does not need that permit any more. A ticket that is not known any more, because its
    /// instance or project was removed, is ignored.
    void cancel_permit(ticket asked);
    /// The request that had that permit has ended. A poll keeps its slot for its next request.
    void release_permit(ticket given, bool was_sent, bool throttled, uptime now);
    /// The poll waits for something that needs no slot (a credential, a retry): other polls get its slot.
    void release_slot(instance_key poll) { slots_.release(poll); }

    /// What the caller has to do now.
    struct actions {
        std::vector<instance_key> begin; ///< instances whose poll begins
        std::vector<ticket> permits;     ///< requests that may be sent
        std::vector<stretch_change> stretched;
        std::optional<uptime>
            wake; ///< call next() at that time, or earlier after any other call; nothing: no time
    };
    /// To be called after any change and at `wake`. Each action is reported once.
    actions next(uptime now);

    /// See request_budget; false for a project that is not known.
    bool may_retry(project_key project, uptime now) const;
    int requests_in_window(project_key project, uptime now) const;
    /// The number of polls that have a slot, and of those that wait for one.
    std::size_t slots_held() const { return slots_.held(); }
    std::size_t polls_waiting() const { return slots_.waiting(); }
    /// The factor by which the project's intervals are stretched; 1: not stretched.
    double stretched(project_key project) const { return projects_.at(project).plan.factor; }
    /// The time that the project's requests have waited for budget, summed over all that got a permit.
    milliseconds waited_for_budget(project_key project) const;

    /// The instances whose poll is_overdue(). To be called after next() and after all its actions were
    /// carried out; before that a poll that is about to begin would look overdue.
    std::vector<instance_key> overdue(overdue_limits limits, uptime now) const;

private:
    using queue_key = slot_allocator::queue_key;
    using due_set = std::set<std::pair<uptime, instance_key>>;

    struct instance_plan {
        project_key project = 0;
        pace rhythm;
        int requests = 1; ///< how many requests a poll takes, as of the last complete one
        double load = 0;  ///< its part of the project's requests_per_ms
        uptime began{};   ///< when the running or last poll began
        uptime since{};   ///< the last step of that poll: begun, request permitted, request ended
        uptime next{};    ///< the next tick: when the next poll begins, or for a running poll the tick after
                          ///< `began`
        uptime not_before{};       ///< the cloud asked to wait until then (Retry-After)
        ticket permit_request = 0; ///< the request whose permit next() has not reported yet; 0: none
        std::uint64_t turn = 0;    ///< of the running poll: its order among the polls that wait for a slot
        bool running = false;
        /// Its node of due_ while the poll runs, so that the end of a poll allocates nothing.
        due_set::node_type place{};
        health is = health::unknown;
    };
    struct request {
        project_key project = 0;
        purpose what = purpose::poll;
        std::optional<instance_key> poll;
        bool is_retry = false;
        bool has_permit = false;
        bool is_reported = false; ///< next() has reported the permit
        uptime since{};           ///< when the permit was asked for; later: when it was granted
    };
    struct project_plan {
        request_budget budget;
        double requests_per_ms = 0; ///< the sum of its instances' loads, at their configured intervals
        stretch_plan plan;
        bool plan_is_old = true;    ///< the plan has to be computed again
        double reported_factor = 1; ///< the factor that was last logged
        /// By purpose, in the order of asking. Requests of polls wait in slots_ instead, since they need a
        /// slot.
        std::array<std::set<ticket>, purpose_count> waiting;
        std::optional<uptime> out_of_budget_since; ///< since when a request has been waiting for budget
        uptime polls_have_budget_from{}; ///< when polls can pay, as computed when they last waited for budget
        milliseconds waited{};
        uptime moved{}; ///< when a request of the project last got a permit or ended
        std::set<instance_key> instances;
        explicit project_plan(budget_limits limits) : budget(limits) {}
    };

    void update_load(instance_plan& of);
    static uptime next_tick_of(const instance_plan& of, uptime now);
    void plan_next(instance_key key, instance_plan& of, uptime next);
    void plan_anew(instance_key key, instance_plan& of, uptime now);
    void begin_due(uptime now);
    void plan_stretches(uptime now);
    void stretch(project_key of, double factor, uptime now);
    void grant_permits(uptime now);
    void report_permits();
    void grant_in_order(project_plan& of, purpose what, uptime now);
    bool can_pay(const project_plan& of, purpose what, uptime now) const;
    void grant(ticket to, uptime now);
    void note_progress(const request& of, uptime now);
    void forget_permit_request(const request& of, ticket asked);
    std::optional<uptime> wait_for_budget(project_key key, project_plan& of, uptime now);
    std::optional<uptime> next_wake(uptime now);
    std::set<queue_key> queues_with_room() const;
    poll_progress progress_in_line(const request& asked, ticket number, uptime now,
                                   std::optional<std::set<queue_key>>& with_room) const;

    slot_allocator slots_;
    std::map<project_key, project_plan> projects_;
    std::map<instance_key, instance_plan> instances_;
    std::map<ticket, request> requests_;
    due_set due_;                 ///< when the next poll of each instance begins whose poll does not run
    std::vector<ticket> granted_; ///< permits that next() has not reported yet
    actions decided_;             ///< actions that next() has not returned yet
    ticket last_ticket_ = 0;
    std::uint64_t last_turn_ = 0;
};

} // namespace replmond::schedule
