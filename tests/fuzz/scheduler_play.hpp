#pragma once

#include "daemon/schedule/scheduler.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <vector>

namespace replmond::testing {

/// A string of bytes plays the daemon around a scheduler: instances come, go and move, polls ask and end,
/// time passes. What the scheduler says is checked against a simple model of what it promised; throws
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
        std::vector<schedule::uptime> expire; ///< of the requests that ended
        int under_way = 0;
    };
    struct instance {
        project_key project = 0;
        schedule::standing is = schedule::standing::unknown;
        bool running = false;
        project_key polled_for = 0; ///< a poll that runs stays with the project that it began with
    };
    struct request {
        project_key project = 0;
        schedule::purpose what = schedule::purpose::poll;
        std::optional<instance_key> poll;
        schedule::standing is = schedule::standing::unknown; ///< of the instance, when it was asked
        bool has_leave = false;
    };
    struct slot {
        project_key project = 0;
        schedule::standing is = schedule::standing::unknown;
    };

    std::uint8_t byte();
    template<class Map>
    typename Map::iterator any_of(Map& map);

    void move();
    void change_settings(int what);
    void change_instance(int what);
    void ask();
    void end(std::map<ticket, request>::iterator which, bool was_sent, bool throttled);
    void withdraw(std::map<ticket, request>::iterator which);
    void poll_ends();
    void drop_instance(std::map<instance_key, instance>::iterator which);
    void drop_project(std::map<project_key, project>::iterator which);

    void look();
    void begun(instance_key key);
    void let_out(ticket given);
    void check_budget(const project& of) const;
    void check_slots(const request& of) const;
    bool another_project_waits(project_key than) const;
    void check_wake(const std::optional<schedule::uptime>& wake) const;
    void let_everybody_through();
    bool anybody_waits() const;
    bool asks(instance_key poll) const;

    std::span<const std::uint8_t> moves_;
    int slots_;
    std::size_t tolerated_; ///< polls with a slot, after there were more slots
    schedule::scheduler plan_;
    schedule::uptime now_{};
    std::optional<schedule::uptime> wake_;
    std::map<project_key, project> projects_;
    std::map<instance_key, instance> instances_;
    std::map<ticket, request> requests_;
    std::map<instance_key, slot> held_;
    project_key last_project_ = 0;
    instance_key last_instance_ = 0;
};

} // namespace replmond::testing
