#include "daemon/export/metrics_page.hpp"

#include "daemon/export/exposition_text.hpp"

#include <algorithm>

namespace replmond::exposition {
namespace {

// The earliest moment after `now` at which a series goes stale, if nothing is polled until then.
std::optional<timestamp> next_expiry(const instance_state& state, milliseconds stale_after, timestamp now) {
    std::optional<timestamp> next;
    const auto consider = [&](const std::optional<timestamp>& since) {
        if (since && *since + stale_after > now)
            next = next ? std::min(*next, *since + stale_after) : *since + stale_after;
    };
    consider(state.failing_since);
    for (const auto& [name, task] : state.tasks)
        consider(task.unseen_since);
    return next;
}

} // namespace

void metrics_page::update(const instance_state& state, timestamp now) {
    const auto [at, is_new] = entries_.try_emplace({state.identity.name, &state});
    if (is_new) // under another name before: its series take the new one
        std::erase_if(entries_, [&](const auto& item) { return item.second.state == &state; });
    at->second.state = &state;
    render(at->second, now);
}

void metrics_page::update_poll(const instance_state& state) {
    entry& of = entries_.at({state.identity.name, &state});
    const auto families = instance_families();
    for (std::size_t i = 0; i < families.size(); ++i) {
        if (families[i].of_tasks)
            continue;
        of.families[i].clear();
        families[i].render(of.families[i], families[i].name, state, {});
    }
}

void metrics_page::change_stale_after(milliseconds stale_after, timestamp now) {
    if (stale_after == stale_after_)
        return;
    stale_after_ = stale_after;
    for (auto& [key, e] : entries_)
        render(e, now);
}

void metrics_page::remove(const instance_state& state) {
    std::erase_if(entries_, [&](const auto& item) { return item.second.state == &state; });
}

void metrics_page::render(entry& into, timestamp now) const {
    const auto families = instance_families();
    const render_context context{now, stale_after_};
    into.families.resize(families.size());
    for (std::size_t i = 0; i < families.size(); ++i) {
        into.families[i].clear();
        families[i].render(into.families[i], families[i].name, *into.state, context);
    }
    into.expires = next_expiry(*into.state, stale_after_, now);
}

void metrics_page::append_to(std::string& text, timestamp now, format as) {
    for (auto& [key, e] : entries_) {
        if (e.expires && *e.expires <= now)
            render(e, now);
    }
    const auto families = instance_families();
    for (std::size_t i = 0; i < families.size(); ++i) {
        append_header(text, families[i].name, families[i].type, families[i].help, as);
        for (const auto& [key, e] : entries_)
            text += e.families[i];
    }
}

} // namespace replmond::exposition
