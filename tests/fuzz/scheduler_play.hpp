#pragma once

#include "daemon/core/schedule/scheduler.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <vector>

namespace replmond::testing {

/// A string of bytes plays the daemon around a scheduler: instances come, go and move, polls ask and end,
/// time passes. As with the fleet, whoever waits for an instance or a project that is removed gives up later
/// than that. What the scheduler says is checked against a simple model of what it promised; throws
/// std::logic_error where a promise is broken.
class scheduler_play {
public:
    explicit scheduler_play(std::span<const std::uint8_t> moves);

    void run();

private:
    using instance_key = schedule::instance_key;
    using project_key = schedule::project_key;
    using ticket = schedule::ticket;

    struct project {
        schedule::budget_limits limits;
        std::vector<schedule::uptime> expire; ///< of the requests that ended, as their window was then
        std::vector<schedule::uptime> ended;  ///< all of them
        int under_way = 0;
        int most =
            0; ///< the limit since the plan was last asked: leave may have been given before it changed
        bool throttled = false; ///< ever
    };
    struct instance {
        project_key project = 0;
        schedule::health is = schedule::health::unknown;
        bool running = false;
        project_key polled_for = 0; ///< a poll that runs stays with the project that it began with
    };
    struct request {
        project_key project = 0;
        schedule::purpose what = schedule::purpose::poll;
        std::optional<instance_key> poll;
        schedule::health is = schedule::health::unknown; ///< of the instance, when it was asked
        bool has_permit = false;
    };
    struct slot {
        project_key project = 0;
        schedule::health is = schedule::health::unknown;
    };

    std::uint8_t byte();
    template<class Map>
    typename Map::iterator any_of(Map& map);

    static void promise(bool kept, const char* what);

    void move();
    void may_look();
    void change_settings(int what);
    void change_instance(int what);
    void request_permit();
    void end(std::map<ticket, request>::iterator which, bool was_sent, bool throttled);
    void cancel_permit(std::map<ticket, request>::iterator which);
    void poll_ends();
    void drop_instance(std::map<instance_key, instance>::iterator which);
    void drop_project(std::map<project_key, project>::iterator which);
    void late_words();
    bool asks(instance_key poll) const;

    void look();
    void begun(instance_key key);
    void let_out(ticket given);
    bool is_wanted(const request& of) const;
    std::ptrdiff_t held(const std::function<bool(const slot&)>& which) const;
    bool is_there(const std::function<bool(const instance&)>& which) const;
    bool has_room(const request& of) const;
    bool has_room_in_project(const request& of, std::ptrdiff_t half) const;
    bool another_project_waits(project_key than) const;
    bool can_certainly_pay(const project& of) const;
    void check_budget(const project& of) const;
    void check_wake(const std::optional<schedule::uptime>& wake) const;
    void check_places() const;
    void check_nobody_waits_in_vain() const;
    void let_everybody_through();
    bool has_waiting() const;

    std::span<const std::uint8_t> moves_;
    int slots_;
    schedule::scheduler plan_;
    schedule::uptime now_{};
    std::optional<schedule::uptime> wake_;
    std::map<project_key, project> projects_;
    std::map<instance_key, instance> instances_;
    std::map<ticket, request> requests_;
    std::map<instance_key, slot> held_;
    std::vector<instance_key> gone_; ///< removed
    project_key last_project_ = 0;
    instance_key last_instance_ = 0;
};

} // namespace replmond::testing
