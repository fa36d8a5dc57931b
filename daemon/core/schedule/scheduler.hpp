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
    bool sent_nothing = false; ///< held: says nothing of the instance, so it does not slow it down
    int requests = 0;          ///< that reading the whole list took; 0: not known
    std::optional<uptime> pause_until;
};

/// What the intervals of a project have come to.
struct stretch_change {
    project_key project = 0;
    std::size_t instances = 0;
    milliseconds window{};
    stretch_plan plan;
    bool begins = false;
    bool is_news = false; ///< it begins, or is much more than when it was last told of
};

/// Who is polled when, and which request may go out when: ticks, slots, budget, slowing, stretching. Pure: it
/// is told what happens and when, and next() says what to do. Time never goes back.
class scheduler {
public:
    explicit scheduler(int slots) : slots_(slots) {}

    void change_slots(int slots) { slots_.change_slots(slots); }
    void add_project(project_key project, budget_limits limits);
    void change_project(project_key project, budget_limits limits, uptime now);
    /// After its instances. Requests that wait, or whose permit next() has not reported yet, get none:
    /// see remove().
    void remove_project(project_key project);
    bool knows(project_key project) const { return projects_.contains(project); }

    /// First polled at `first`, then on its grid.
    void add(instance_key instance, project_key project, std::string instance_id, milliseconds interval,
             uptime first);
    void change_interval(instance_key instance, milliseconds interval, uptime now);
    /// To another project's budget. A poll that runs keeps its slot and its place in line, and ends with the
    /// project that it began with.
    void move(instance_key instance, project_key to);
    /// Its poll, if there is one, may go on: what is said of it afterwards is ignored. Its slot is free at
    /// once, and its request that waits, or whose permit next() has not reported yet, is cancelled: gives
    /// that.
    std::optional<ticket> remove(instance_key instance);

    bool knows_instance(instance_key instance) const { return instances_.contains(instance); }

    milliseconds interval_in_force(instance_key instance) const;
    /// Of an instance whose poll runs: retries start before it.
    uptime next_tick(instance_key instance) const { return instances_.at(instance).next; }
    bool is_running(instance_key instance) const;
    /// The poll before failed.
    bool is_failing(instance_key instance) const;

    /// The poll that next() began is over. Returns how many ticks passed meanwhile.
    std::uint64_t poll_ended(instance_key instance, const poll_end& how, uptime now);

    /// It is left alone until then: its next poll begins at the first tick after that.
    void pause(instance_key instance, uptime until, uptime now);

    /// Asks for a permit to send one request; next() reports it. `poll`: the instance whose poll it belongs
    /// to, one that is known; then it needs a slot as well. A poll asks for one request at a time.
    ticket request_permit(project_key project, purpose what, std::optional<instance_key> poll, bool is_retry,
                          uptime now);
    /// Nobody waits for that permit any more. One that went with its instance or project is ignored.
    void cancel_permit(ticket asked);
    /// The request that had that permit is over. A poll keeps its slot for its next one.
    void release_permit(ticket given, bool was_sent, bool throttled, uptime now);
    /// The poll waits for something else: its slot is free for others.
    void release_slot(instance_key poll) { slots_.release(poll); }

    struct actions {
        std::vector<instance_key> begin; ///< polls
        std::vector<ticket> permits;     ///< for requests
        std::vector<stretch_change> stretched;
        std::optional<uptime> wake; ///< ask again then, or when something happened
    };
    actions next(uptime now);

    bool may_retry(project_key project, uptime now) const;
    int requests_in_window(project_key project, uptime now) const;
    /// Polls that have a slot, and that are in line for one.
    std::size_t slots_held() const { return slots_.held(); }
    std::size_t polls_waiting() const { return slots_.waiting(); }
    /// By how much intervals are stretched; 1: not at all.
    double stretched(project_key project) const { return projects_.at(project).plan.factor; }
    /// Of all requests together that got a permit.
    milliseconds waited_for_budget(project_key project) const;

    /// Whose poll is_overdue(). To be asked after next(), while everything it said is done.
    std::vector<instance_key> overdue(overdue_limits limits, uptime now) const;

private:
    using queue_key = slot_allocator::queue_key;
    using due_set = std::set<std::pair<uptime, instance_key>>;

    struct instance_plan {
        project_key project = 0;
        pace rhythm;
        int requests = 1;          ///< a poll
        double load = 0;           ///< its part of the project's requests_per_ms
        uptime began{};            ///< the poll that runs or ran last
        uptime since{};            ///< that poll's last step: begun, let out, answered
        uptime next{};             ///< the tick after that
        uptime not_before{};       ///< it was told to wait until then (Retry-After)
        ticket permit_request = 0; ///< of its request that next() did not tell of yet; 0: none
        std::uint64_t turn = 0;    ///< of the poll that runs: its place among those who wait for a slot
        bool running = false;
        due_set::node_type place{}; ///< in due_, while it runs: its end needs no memory
        health is = health::unknown;
    };
    struct request {
        project_key project = 0;
        purpose what = purpose::poll;
        std::optional<instance_key> poll;
        bool is_retry = false;
        bool has_permit = false;
        bool is_reported = false; ///< of that, by next()
        uptime since{};           ///< asked; then: permitted
    };
    struct project_plan {
        request_budget budget;
        double requests_per_ms = 0;
        stretch_plan plan;
        bool plan_is_old = true;
        double reported_factor = 1;
        std::array<std::set<ticket>, purpose_count> waiting; ///< in order; polls wait in turns_
        std::optional<uptime> short_since;                   ///< somebody waits for budget
        uptime polls_pay_from{};                             ///< as known when they last waited for that
        milliseconds waited{};
        uptime moved{};                   ///< a request was let out or ended
        std::set<instance_key> instances; ///< its own
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
    due_set due_;                 ///< those that do not run
    std::vector<ticket> granted_; ///< to be told by next()
    actions decided_;             ///< likewise
    ticket last_ticket_ = 0;
    std::uint64_t last_turn_ = 0;
};

} // namespace replmond::schedule
