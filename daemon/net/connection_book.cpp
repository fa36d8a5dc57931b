#include "daemon/net/connection_book.hpp"

#include <algorithm>

namespace replmond::net {

connection_book::id connection_book::open() {
    const id who = ++clock_;
    entries_[who].since = who;
    return who;
}

void connection_book::answers(id who) {
    const auto found = entries_.find(who);
    if (found == entries_.end())
        return;
    found->second.has_request = true;
    found->second.since = ++clock_;
}

void connection_book::sends(id who, const void* text, std::size_t bytes) {
    const auto found = entries_.find(who);
    if (found == entries_.end())
        return;
    drop_text(found->second);
    found->second.text = text;
    text_on_its_way& way = texts_[text];
    if (way.senders++ == 0) {
        way.bytes = bytes;
        bytes_ += bytes;
    }
}

void connection_book::waits(id who) {
    const auto found = entries_.find(who);
    if (found == entries_.end())
        return;
    drop_text(found->second);
    found->second.has_request = false;
    found->second.since = ++clock_;
}

void connection_book::closed(id who) {
    std::vector<id> ignored;
    forget(who, ignored);
}

void connection_book::drop_text(entry& of) {
    const auto found = texts_.find(of.text);
    of.text = nullptr;
    if (found == texts_.end() || --found->second.senders > 0)
        return;
    bytes_ -= found->second.bytes;
    texts_.erase(found);
}

void connection_book::forget(id who, std::vector<id>& closing) {
    const auto found = entries_.find(who);
    if (found == entries_.end())
        return;
    drop_text(found->second);
    entries_.erase(found);
    closing.push_back(who);
}

connection_book::id connection_book::oldest(bool with_request, id but_not) const {
    id best = 0;
    for (const auto& [who, each] : entries_) {
        const bool fits = who != but_not && each.has_request == with_request;
        if (fits && (best == 0 || each.since < entries_.at(best).since))
            best = who;
    }
    return best;
}

connection_book::id connection_book::oldest_sender(id but_not) const {
    id best = 0;
    for (const auto& [who, each] : entries_) {
        const bool fits = who != but_not && each.text != nullptr;
        if (fits && (best == 0 || each.since < entries_.at(best).since))
            best = who;
    }
    return best;
}

bool connection_book::is_among_the_newest(id who) const {
    const std::uint64_t since = entries_.at(who).since;
    const auto older = std::count_if(entries_.begin(), entries_.end(),
                                     [&](const auto& each) { return each.second.since < since; });
    return static_cast<std::size_t>(older) * 4 >= entries_.size() * 3;
}

// The one that waits may have come a moment ago, its request on the way.
connection_book::id connection_book::worst(id but_not) const {
    const id waiting = oldest(false, but_not);
    const id answered = oldest(true, but_not);
    if (waiting == 0 || (answered != 0 && is_among_the_newest(waiting)))
        return answered;
    return waiting;
}

std::vector<connection_book::id> connection_book::close_for(id newest) {
    std::vector<id> closing;
    while (entries_.size() > most_ && entries_.size() > 1) {
        forget(worst(newest), closing);
    }
    while (bytes_ > most_bytes_) {
        const id slowest = oldest_sender(newest);
        if (slowest == 0)
            break; // one text alone is larger than all that is allowed: it is sent
        forget(slowest, closing);
    }
    return closing;
}

std::vector<connection_book::id> connection_book::close_oldest_waiting() {
    std::vector<id> closing;
    forget(oldest(false, 0), closing);
    return closing;
}

} // namespace replmond::net
