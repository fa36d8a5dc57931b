// The records of the state file.

#include "daemon/store/record.hpp"

#include <iterator>
#include <utility>

namespace replmond::store {

bool is_possible_time(timestamp time) {
    constexpr std::chrono::seconds until_year_10000(253'402'300'800);
    return time > timestamp(-until_year_10000) && time < timestamp(until_year_10000);
}

// std::map::merge() keeps existing entries, so the earlier states are merged into the later ones.
void batch::merge(batch later) {
    later.instances.merge(instances);
    instances = std::move(later.instances);
    later.tasks.merge(tasks);
    tasks = std::move(later.tasks);
    events.insert(events.end(), std::make_move_iterator(later.events.begin()),
                  std::make_move_iterator(later.events.end()));
    if (!later.again.empty())
        again = std::move(later.again); // a complete list: the newest includes the earlier ones
}

} // namespace replmond::store
