// Decides which samples are rendered again when an instance changes or its series become stale. A scrape
// takes the text that is already rendered.

#include "daemon/core/metrics/metrics_page.hpp"

#include "daemon/core/metrics/exposition.hpp"
#include "daemon/core/metrics/instance_families.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace replmond::metrics {

namespace {

constexpr std::size_t rendered_at_once = 32; // tasks in one call of refresh(), about 10 microseconds each

// The earliest time after `now` at which a series becomes stale if no poll ends until then.
std::optional<timestamp> next_expiry(const instance_state& state, milliseconds stale_after, timestamp now) {
    std::optional<timestamp> next;
    const auto consider = [&](const std::optional<timestamp>& since) {
        if (since && *since + stale_after > now)
            next = next ? std::min(*next, *since + stale_after) : *since + stale_after;
    };
    consider(state.failing_since);
    for (const auto& [name, task] : state.tasks)
        consider(task.unseen_since);
    if (!state.lag)
        return next;
    for (const auto& [name, lag] : state.lag->tasks) {
        consider(lag.heartbeat.unread_since);
        consider(lag.source_heartbeat.unread_since);
        consider(lag.lag.unread_since);
    }
    return next;
}

std::vector<text_chunk> heads(format as) {
    std::vector<text_chunk> all;
    for (const instance_family& family : instance_families()) {
        std::string text;
        append_header(text, family.name, family.type, family.help, as);
        all.push_back({std::make_shared<const std::string>(std::move(text)), new_version()});
    }
    return all;
}

std::size_t index_of(format as) {
    return as == format::open_metrics ? 1 : 0;
}

} // namespace

metrics_page::metrics_page(milliseconds stale_after)
    : stale_after_(stale_after),
      families_(instance_families().size()), heads_{heads(format::text), heads(format::open_metrics)} {}

void metrics_page::update(const instance_state& state, timestamp now) {
    const auto known = by_state_.find(&state);
    if (known != by_state_.end() && known->second->first.first == state.identity.name) {
        render(known->second->second, now);
        return;
    }
    remove(state); // if the instance was renamed, its series move to the place of the new name
    render(insert(state), now);
}

void metrics_page::update_poll(const instance_state& state) {
    poll_changed(by_state_.at(&state)->second);
}

void metrics_page::poll_changed(entry& of) {
    if (!std::exchange(of.poll_changed, true) && !of.lag_changed)
        poll_changed_.push_back(of.state);
}

void metrics_page::update_lag(const instance_state& state, timestamp now) {
    entry& of = by_state_.at(&state)->second;
    of.expires = next_expiry(state, stale_after_, now);
    first_expiry_ = std::min(first_expiry_, of.expires.value_or(timestamp::max()));
    if (!std::exchange(of.lag_changed, true) && !of.poll_changed)
        poll_changed_.push_back(of.state);
}

void metrics_page::change_stale_after(milliseconds stale_after) {
    if (stale_after == stale_after_)
        return;
    stale_after_ = stale_after;
    for (auto& [key, e] : entries_)
        e.expires = first_expiry_ = timestamp::min();
    is_sweeping_ = false; // begin the search again, since all entries have to be looked at
}

void metrics_page::remove(const instance_state& state) {
    const auto found = by_state_.find(&state);
    if (found == by_state_.end())
        return;
    const sample_chunks::slot slot = found->second->second.slot;
    for (sample_chunks& family : families_)
        family.erase(slot);
    free_slots_.push_back(slot);
    if (is_sweeping_ && next_to_sweep_ == found->second)
        ++next_to_sweep_;
    entries_.erase(found->second);
    by_state_.erase(found);
}

metrics_page::entry& metrics_page::insert(const instance_state& state) {
    auto slot = static_cast<sample_chunks::slot>(entries_.size());
    if (!free_slots_.empty()) {
        slot = free_slots_.back();
        free_slots_.pop_back();
    }
    const auto at = entries_.try_emplace({state.identity.name, &state}).first;
    by_state_.emplace(&state, at);
    at->second.state = &state;
    at->second.slot = slot;
    std::optional<sample_chunks::slot> before;
    if (at != entries_.begin())
        before = std::prev(at)->second.slot;
    for (sample_chunks& family : families_)
        family.insert(slot, before);
    return at->second;
}

void metrics_page::render(entry& of, timestamp now) {
    const auto families = instance_families();
    const render_context context{now, stale_after_};
    for (std::size_t i = 0; i < families.size(); ++i) {
        if (families[i].when != updated::with_polls)
            render_family(i, of, context);
    }
    of.lag_changed = false;
    of.expires = next_expiry(*of.state, stale_after_, now);
    first_expiry_ = std::min(first_expiry_, of.expires.value_or(timestamp::max()));
    poll_changed(of);
}

void metrics_page::render_poll(entry& of, timestamp now) {
    const auto families = instance_families();
    const render_context context{now, stale_after_};
    for (std::size_t i = 0; i < families.size(); ++i) {
        const bool is_changed = (families[i].when == updated::with_polls && of.poll_changed) ||
                                (families[i].when == updated::with_lag && of.lag_changed);
        if (is_changed)
            render_family(i, of, context);
    }
    of.poll_changed = false;
    of.lag_changed = false;
}

void metrics_page::render_family(std::size_t number, const entry& of, const render_context& context) {
    const instance_family& family = instance_families()[number];
    rendered_.clear();
    family.render(rendered_, family.name, *of.state, context);
    families_[number].replace(of.slot, rendered_);
}

// Looks at the next entry of the search, and renders it if it has expired. Returns the amount of work, in
// tasks. An entry that is inserted before the search's position is rendered when it is inserted, so the
// search need not see it.
std::size_t metrics_page::render_next_expired(timestamp now) {
    if (!is_sweeping_) {
        first_expiry_ = timestamp::max();
        next_to_sweep_ = entries_.begin();
        is_sweeping_ = true;
    }
    if (next_to_sweep_ == entries_.end()) {
        is_sweeping_ = false;
        return 0;
    }
    entry& of = (next_to_sweep_++)->second;
    const bool expired = of.expires && *of.expires <= now;
    if (expired)
        render(of, now);
    first_expiry_ = std::min(first_expiry_, of.expires.value_or(timestamp::max()));
    return expired ? of.state->tasks.size() + 1 : 1;
}

std::size_t metrics_page::render_next_poll(timestamp now) {
    const auto found = by_state_.find(poll_changed_.back());
    poll_changed_.pop_back();
    if (found == by_state_.end())
        return 1;
    entry& of = found->second->second;
    const std::size_t work = of.lag_changed ? of.state->tasks.size() + 1 : 1;
    if (of.poll_changed || of.lag_changed)
        render_poll(of, now);
    return work;
}

bool metrics_page::refresh(timestamp now) {
    std::size_t done = 0;
    while (done < rendered_at_once && (is_sweeping_ || first_expiry_ <= now))
        done += render_next_expired(now);
    while (done < rendered_at_once && !poll_changed_.empty())
        done += render_next_poll(now);
    return !is_sweeping_ && poll_changed_.empty(); // after a search nothing has expired at `now`
}

// Does not visit the instances: their text is already in the chunks of each family.
text_chunks metrics_page::pieces(timestamp now, format as) {
    while (!refresh(now)) {
    }
    text_chunks all;
    for (std::size_t i = 0; i < families_.size(); ++i) {
        all.push_back(heads_[index_of(as)][i]);
        families_[i].append_to(all);
    }
    return all;
}

} // namespace replmond::metrics
