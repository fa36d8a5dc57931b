#pragma once

#include "daemon/export/instance_families.hpp"
#include "daemon/export/totals_book.hpp"
#include "daemon/model/instance.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace replmond::exposition {

using instance_list = std::vector<const instance_state*>;

/// What is known of the fleet at one moment: nothing is copied, so it holds for one turn of the loop only.
struct fleet_view {
    std::shared_ptr<const instance_list> list = std::make_shared<const instance_list>(); ///< by name
    render_context context;        ///< its `now` is of the even clock, as ages of what is unseen
    timestamp now{};               ///< of the wall clock, as all other times
    totals_book* totals = nullptr; ///< remembers sums; null: they are counted anew

    const instance_list& instances() const { return *list; }
};

/// Looks at the fleet again and again, always as of the moment of the first look: what is stale, and how old
/// everything is, must not change in the middle of an answer.
class fleet_at_one_moment {
public:
    explicit fleet_at_one_moment(std::function<fleet_view()> look) : look_(std::move(look)) {}

    fleet_view operator()() {
        fleet_view fleet = look_();
        if (!first_)
            first_.emplace(fleet.context, fleet.now);
        fleet.context = first_->first;
        fleet.now = first_->second;
        return fleet;
    }

private:
    std::function<fleet_view()> look_;
    std::optional<std::pair<render_context, timestamp>> first_;
};

} // namespace replmond::exposition
