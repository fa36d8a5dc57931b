// What waits to be written and printed, and what is dropped when the worker does not take it in time.

#include "daemon/store/outbox.hpp"

#include "daemon/core/model/event.hpp"

#include <algorithm>
#include <utility>

namespace replmond::store {

void outbox::add(batch what) {
    for (const kept_event& event : what.events) {
        kept_bytes_ += bytes_of(event.what);
        lines_.push_back({event.what, true});
    }
    unsaved_.merge(std::move(what));
    while (!unsaved_.events.empty() &&
           (unsaved_.events.size() > limits_.kept || kept_bytes_ > limits_.kept_bytes))
        drop_oldest_kept();
}

void outbox::drop_oldest_kept() {
    const auto line = std::find_if(lines_.begin(), lines_.end(), [](const outgoing& l) { return l.kept; });
    kept_bytes_ -= bytes_of(line->what);
    lines_.erase(line);
    unsaved_.events.pop_front();
    ++dropped_kept_;
}

void outbox::add_plain(event line) {
    const std::size_t bytes = bytes_of(line);
    if (plain_ >= limits_.plain || plain_bytes_ + bytes > limits_.plain_bytes) {
        ++dropped_plain_;
        return;
    }
    ++plain_;
    plain_bytes_ += bytes;
    lines_.push_back({std::move(line), false});
}

outbox outbox::take() {
    return std::exchange(*this, outbox(limits_));
}

} // namespace replmond::store
