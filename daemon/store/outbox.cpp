#include "daemon/store/outbox.hpp"

#include <algorithm>
#include <utility>

namespace replmond::store {

void outbox::add(batch what) {
    for (const kept_event& event : what.events)
        lines_.push_back({event.what, true});
    unsaved_.merge(std::move(what));
    while (unsaved_.events.size() > limits_.kept)
        drop_oldest_kept();
}

void outbox::drop_oldest_kept() {
    const auto line = std::find_if(lines_.begin(), lines_.end(), [](const outgoing& l) { return l.kept; });
    lines_.erase(line);
    unsaved_.events.pop_front();
    ++dropped_kept_;
}

void outbox::add_plain(event line) {
    if (plain_ >= limits_.plain) {
        ++dropped_plain_;
        return;
    }
    ++plain_;
    lines_.push_back({std::move(line), false});
}

outbox outbox::take() {
    return std::exchange(*this, outbox(limits_));
}

} // namespace replmond::store
