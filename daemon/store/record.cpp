#include "daemon/store/record.hpp"

#include <iterator>
#include <utility>

namespace replmond::store {

void batch::merge(batch later) {
    for (auto& [key, record] : later.instances)
        instances.insert_or_assign(key, std::move(record));
    for (auto& [key, record] : later.tasks)
        tasks.insert_or_assign(key, std::move(record));
    events.insert(events.end(), std::make_move_iterator(later.events.begin()),
                  std::make_move_iterator(later.events.end()));
}

} // namespace replmond::store
