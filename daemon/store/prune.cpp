// Removes old events, a few at a time, by a clock that setting the wall clock does not move.

#include "daemon/store/prune.hpp"

#include "daemon/store/record.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

namespace replmond::store {

namespace {

// Limits of one pruning step, which then takes a few milliseconds.
constexpr int rows_a_step = 500;
constexpr int pages_a_step = 256;

// Longer than the hour within which a gone task may come back (the contract, "Log events"), so that pruning
// never decides that.
constexpr auto gone_tasks_kept = std::chrono::hours(2);

outcome<int> remove_rows(connection& file, std::string_view sql, std::int64_t before) {
    auto removal = file.prepare(sql);
    if (!removal)
        return removal.error();
    const auto done = removal->bind(1, before).bind(2, std::int64_t{rows_a_step}).run();
    if (!done)
        return done.error();
    return file.changes();
}

// Frees pages only if there are many: the next days' events use the rest again.
outcome<bool> give_back_pages(connection& file) {
    const auto unused = file.number("PRAGMA freelist_count");
    if (!unused)
        return unused.error();
    const auto all = file.number("PRAGMA page_count");
    if (!all)
        return all.error();
    if (*unused < pages_a_step || *unused < *all / 4)
        return false;
    const auto done = file.run(fmt::format("PRAGMA incremental_vacuum({})", pages_a_step));
    if (!done)
        return done.error();
    return true;
}

} // namespace

outcome<bool> prune(connection& file, timestamp now, milliseconds retention) {
    const std::int64_t oldest = to_number(now - retention);
    const std::int64_t last_watched =
        to_number(now - std::max<milliseconds>(retention, instances_kept_at_least));
    const std::pair<std::string_view, std::int64_t> removals[] = {
        {"DELETE FROM events WHERE id IN (SELECT id FROM events WHERE time < ? ORDER BY time LIMIT ?)",
         oldest},
        {"DELETE FROM tasks WHERE (project_id, instance_id, task) IN (SELECT project_id, instance_id, task "
         "FROM "
         "tasks WHERE gone_since < ? LIMIT ?)",
         to_number(now - gone_tasks_kept)},
        {"DELETE FROM tasks WHERE (project_id, instance_id, task) IN (SELECT t.project_id, t.instance_id, "
         "t.task "
         "FROM instances i JOIN tasks t USING (project_id, instance_id) WHERE i.last_seen < ? LIMIT ?)",
         last_watched},
        {"DELETE FROM instances WHERE last_seen < ?1 AND ?2 > 0 AND NOT EXISTS (SELECT 1 FROM tasks t WHERE "
         "t.project_id = instances.project_id AND t.instance_id = instances.instance_id)",
         last_watched}};
    bool more = false;
    for (const auto& [sql, before] : removals) {
        const auto removed = remove_rows(file, sql, before);
        if (!removed)
            return removed.error();
        more = more || *removed >= rows_a_step;
    }
    const auto vacuumed = give_back_pages(file);
    if (!vacuumed)
        return vacuumed.error();
    return more || *vacuumed;
}

namespace {

milliseconds between(std::chrono::steady_clock::time_point from, std::chrono::steady_clock::time_point to) {
    return std::chrono::floor<milliseconds>(to - from);
}

} // namespace

timestamp prune_clock::at(moment now) {
    if (!last_)
        even_since_ = now;
    const milliseconds even = between(even_since_.up, now.up);
    const milliseconds ahead = (now.wall - even_since_.wall) - even;
    if (ahead > tolerance || ahead < -tolerance)
        even_since_ = now;

    timestamp reached = reached_.value_or(now.wall) + (last_ ? between(last_->up, now.up) : milliseconds(0));
    if (between(even_since_.up, now.up) >= believed_after)
        reached = now.wall;
    reached_ = std::min(reached, now.wall);
    last_ = now;
    return *reached_;
}

} // namespace replmond::store
