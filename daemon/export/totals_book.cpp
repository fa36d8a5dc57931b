#include "daemon/export/totals_book.hpp"

#include <algorithm>

namespace replmond::exposition {
namespace {

std::optional<timestamp> next_to_go_stale(const instance_state& state, const render_context& context) {
    std::optional<timestamp> next;
    for (const auto& [name, task] : state.tasks) {
        if (!task.unseen_since || is_stale(task.unseen_since, context.stale_after, context.now))
            continue;
        const timestamp at = *task.unseen_since + context.stale_after;
        next = next ? std::min(*next, at) : at;
    }
    return next;
}

} // namespace

const task_totals& totals_book::of(const instance_state& state, const render_context& context) {
    const auto [at, is_new] = entries_.try_emplace(&state);
    entry& known = at->second;
    const bool expired = known.expires && *known.expires <= context.now;
    if (is_new || expired || known.stale_after != context.stale_after)
        known = {add_up(state, context), context.stale_after, next_to_go_stale(state, context)};
    return known.totals;
}

} // namespace replmond::exposition
