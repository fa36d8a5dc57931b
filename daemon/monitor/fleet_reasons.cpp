// How the fleet asks for the error texts of its tasks.
#include "daemon/monitor/clocks.hpp"
#include "daemon/monitor/fleet.hpp"
#include "daemon/monitor/reasons.hpp"
#include "daemon/net/async.hpp"
#include "daemon/schedule/retry.hpp"

#include <utility>

namespace replmond::monitor {

namespace asio = boost::asio;

// After the poll, outside of its slot, one at a time, and never into the next tick: polls come first. A first
// failure ends it for this poll, since the next request would most likely fail alike.
asio::awaitable<void> fleet::ask_for_reasons(entry_ptr of) {
    if (of->state.failing_since)
        co_return;
    const auto until = traffic_.plan().next_tick(of->key);
    const auto wanted = reasons_wanted(of->state, settings_.repeat_interval, even_clock());
    for (const std::string& name : wanted) {
        const auto left = until - traffic_.up();
        if (left <= milliseconds(0) || of->removed)
            co_return;
        auto request = ask_for_reason(of, name);
        const auto answered = co_await net::with_deadline(std::move(request), left);
        if (!answered)
            co_return;
        if (!*answered) {
            pause_after(*of, answered->error());
            co_return;
        }
    }
}

void fleet::pause_after(entry& of, const failure& why) {
    const auto pause = schedule::pause_after(why);
    if (!pause || of.removed)
        return;
    const auto now = traffic_.up();
    traffic_.plan().pause(of.key, now + *pause, now);
    show_interval(of);
    traffic_.pump();
}

// `why` null: one could be had.
void fleet::tell_of_reasons(const entry& of, std::string_view task, const failure* why) {
    const auto health = reasons_.find(of.project());
    if (of.removed || health == reasons_.end())
        return;
    const instant now = monitor::now();
    auto line = why == nullptr ? health->second.succeeded(of.state.identity, now)
                               : health->second.failed(of.state.identity, task, *why, of.state.interval, now);
    if (line)
        out_.on_line(std::move(*line));
}

asio::awaitable<result<bool>> fleet::ask_for_reason(entry_ptr of, std::string task) {
    traffic::gate gate(traffic_, of->project(), schedule::purpose::reason);
    gate.about(of->state.identity.name, of->settings.identity.id);
    cloud::configuration_query query;
    query.instance_id = of->settings.identity.id;
    query.task_name = task;
    const auto api = of->settings.api;
    // What was asked counts, also where the answer never comes.
    struct count_it {
        entry& of;
        const std::string& task;
        const traffic::gate& gate;
        ~count_it() {
            const auto known = of.state.tasks.find(task);
            if (gate.sent() > 0 && known != of.state.tasks.end()) {
                reason_asked(known->second);
                of.reason_asked = true;
            }
        }
    };
    const count_it at_the_end{*of, task, gate};
    const auto answer = co_await api->configuration(std::move(query), gate, of->settings.request_timeout);
    if (!answer) {
        const failure why = answer.error();
        tell_of_reasons(*of, task, &why);
        co_return why;
    }
    tell_of_reasons(*of, task, nullptr);
    const auto known = of->state.tasks.find(task);
    if (of->removed || known == of->state.tasks.end())
        co_return true;
    if (auto line = reason_arrived(of->state.identity, known->second, answer->error_text(), wall_clock()))
        of->events.push_back(std::move(*line));
    tell(*of);
    co_return true;
}

} // namespace replmond::monitor
