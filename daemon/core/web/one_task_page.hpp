#pragma once

#include "daemon/core/http/reply_body.hpp"
#include "daemon/core/web/fleet_view.hpp"
#include "daemon/core/web/language.hpp"
#include "daemon/core/web/page_frame.hpp"
#include "daemon/core/web/queries.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace replmond::web {

inline constexpr std::size_t events_of_a_task = 50;

/// A task that a query names: in the list, or gone for less than `departed_kept`. The pointers are valid for
/// one turn of the loop.
struct found_task {
    const instance_state* of = nullptr; ///< null: there is none
    const task_state* task = nullptr;
    const departed_task* departed = nullptr; ///< set: it is gone
};
found_task find_task(const fleet_view& fleet, const one_task_query& query);

/// The page of one task (the contract, HTTP): identity, state, since when, why, lag, progress, events, links.
/// `query` must name a task of the fleet. If the task disappears before the page is made, the page says so.
std::unique_ptr<http::reply_body> one_task_page(page_sources sources, one_task_query query,
                                                language in = language::english);

/// The page for a query that names no task.
std::string no_task_page(const one_task_query& query, timestamp now, const daemon_facts& daemon,
                         language in = language::english);

/// The page for a query with an error. `mistake`: what is wrong.
std::string no_task_page(std::string_view mistake, timestamp now, const daemon_facts& daemon,
                         language in = language::english);

} // namespace replmond::web
