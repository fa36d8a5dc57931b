#include "daemon/store/record.hpp"

#include <iterator>
#include <utility>

namespace replmond::store {

// std::map::merge() keeps what is there: so the earlier states go into the later ones.
void batch::merge(batch later) {
    later.instances.merge(instances);
    instances = std::move(later.instances);
    later.tasks.merge(tasks);
    tasks = std::move(later.tasks);
    events.insert(events.end(), std::make_move_iterator(later.events.begin()),
                  std::make_move_iterator(later.events.end()));
}

} // namespace replmond::store
