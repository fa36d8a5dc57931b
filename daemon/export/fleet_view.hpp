#pragma once

#include "daemon/export/instance_families.hpp"
#include "daemon/export/totals_book.hpp"
#include "daemon/model/instance.hpp"

#include <vector>

namespace replmond::exposition {

/// What is known of the fleet at one moment: for one answer, nothing is copied.
struct fleet_view {
    std::vector<const instance_state*> instances; ///< by name
    render_context context;        ///< its `now` is of the even clock, as ages of what is unseen
    timestamp now{};               ///< of the wall clock, as all other times
    totals_book* totals = nullptr; ///< remembers sums; null: they are counted anew
};

} // namespace replmond::exposition
