// Decides which long answer is made next, which requests share it, and whether there is memory for it.
// service/web_handler calls it from the loop.

#include "daemon/core/http/reply_queue.hpp"

#include <algorithm>

namespace replmond::http {

namespace {

constexpr reply_queue_limits::duration look_for_room_again = std::chrono::milliseconds(5);

} // namespace

reply_queue::reply_queue(reply_queue_limits limits, reply_queue_callbacks callbacks)
    : limits_(limits), callbacks_(std::move(callbacks)) {}

reply_queue::id reply_queue::ask(request what, callback take) {
    const time_point now = callbacks_.now();
    const id who = ++last_;
    forget_made(now);
    if (body made = find_made(what.key, now)) {
        take({std::move(made), failure::none});
    } else if (wanted_body* wanted = find_wanted(what)) {
        wanted->takers.emplace_back(who, std::move(take));
    } else if (waiting() >= limits_.waiting || waiting_of(what.peer) >= limits_.waiting_of_a_peer) {
        take({nullptr, failure::full});
    } else {
        enqueue(std::move(what), who, std::move(take));
        work();
    }
    return who;
}

reply_queue::body reply_queue::find_made(const std::string& key, time_point now) {
    for (const made_body& each : made_) {
        if (each.key == key && now - each.made < limits_.shared_for && !each.is_cut_off) {
            if (body held = each.held.lock())
                return held;
        }
    }
    return nullptr;
}

// The unfinished body with the same key, if there is one. If it waits in the queue of another peer and this
// peer has no queue, the body moves to a new queue of this peer, so that it does not wait behind the other
// peer's requests.
reply_queue::wanted_body* reply_queue::find_wanted(const request& what) {
    if (current_ && current_->what.key == what.key)
        return &*current_;
    for (auto& [peer, line] : queues_) {
        const auto found = std::find_if(line.begin(), line.end(),
                                        [&](const wanted_body& each) { return each.what.key == what.key; });
        if (found == line.end())
            continue;
        if (queues_.contains(what.peer))
            return &*found;
        slots_.push_back(what.peer);
        queue& mine = queues_[what.peer];
        mine.splice(mine.end(), line, found);
        if (line.empty()) {
            slots_.erase(std::find(slots_.begin(), slots_.end(), peer));
            queues_.erase(peer);
        }
        return &mine.back();
    }
    return nullptr;
}

std::size_t reply_queue::waiting_of(const std::string& peer) const {
    const auto line = queues_.find(peer);
    const bool has_turn = current_ && current_->what.peer == peer;
    return (line == queues_.end() ? 0 : line->second.size()) + (has_turn ? 1 : 0);
}

void reply_queue::enqueue(request what, id who, callback take) {
    if (!queues_.contains(what.peer))
        slots_.push_back(what.peer);
    wanted_body wanted;
    wanted.what = std::move(what);
    wanted.takers.emplace_back(who, std::move(take));
    queue& line = queues_[wanted.what.peer];
    line.push_back(std::move(wanted));
}

void reply_queue::leave(id who) {
    const auto leaves = [who](wanted_body& of) {
        std::erase_if(of.takers, [who](const auto& each) { return each.first == who; });
        return of.takers.empty();
    };
    if (current_ && leaves(*current_))
        current_.reset();
    for (auto& [peer, line] : queues_) {
        if (std::erase_if(line, leaves) == 0)
            continue;
        if (line.empty()) {
            slots_.erase(std::find(slots_.begin(), slots_.end(), peer));
            queues_.erase(peer);
        }
        return;
    }
}

std::size_t reply_queue::waiting() const {
    std::size_t count = current_ ? 1 : 0;
    for (const auto& [peer, line] : queues_)
        count += line.size();
    return count;
}

std::size_t reply_queue::bytes() const {
    std::size_t sum = current_ && current_->job ? current_->job->bytes() : 0;
    for (const made_body& each : made_)
        sum += each.held.expired() ? 0 : each.bytes;
    return sum;
}

reply_queue::time_point reply_queue::next() const {
    if (current_ || !queues_.empty())
        return rests_until_;
    auto soonest = time_point::max();
    for (const made_body& each : made_) {
        if (each.kept)
            soonest = std::min(soonest, each.made + limits_.shared_for);
    }
    return soonest;
}

// Works until the slice is used up, then rests for a multiple of the time that was used.
void reply_queue::work() {
    const time_point began = callbacks_.now();
    forget_made(began);
    if (began < rests_until_)
        return;
    time_point now = began;
    if (current_)
        ++current_->slices;
    do {
        if (!current_ && !take_turn())
            break;
        if (!go_on(now)) {
            rests_until_ = now + std::max(look_for_room_again, limits_.rest * (now - began));
            return;
        }
        now = callbacks_.now();
    } while (now - began < limits_.slice);
    rests_until_ = now + (current_ ? limits_.pause_factor_unfinished : limits_.rest) * (now - began);
}

bool reply_queue::take_turn() {
    if (slots_.empty())
        return false;
    const std::string peer = std::move(slots_.front());
    slots_.pop_front();
    queue& line = queues_.at(peer);
    current_.emplace(std::move(line.front()));
    line.pop_front();
    current_->slices = 1;
    if (line.empty())
        queues_.erase(peer);
    else
        slots_.push_back(peer);
    return true;
}

// Makes one step of the current body. False: it has to wait for memory.
bool reply_queue::go_on(time_point now) {
    try {
        if (!current_->job)
            current_->job = current_->what.begin();
        if (!has_room(now))
            return !current_; // has_room() may have finished it with a failure
        if (current_->job->step())
            finish({std::make_shared<const buffer_chain>(current_->job->take()), failure::none});
    } catch (...) {
        if (!current_)
            throw; // thrown by a taker, after the body was finished
        finish({nullptr, failure::broken, std::current_exception()});
    }
    return true;
}

bool reply_queue::has_room(time_point now) {
    const std::size_t mine = current_->job->bytes();
    if (bytes() <= limits_.bytes) {
        current_->without_room.reset();
        return true;
    }
    if (mine > limits_.bytes) {
        finish({nullptr, failure::too_large});
        return false;
    }
    make_room(bytes() - limits_.bytes, now);
    if (bytes() <= limits_.bytes)
        return true;
    if (!current_->without_room)
        current_->without_room = now;
    if (now - *current_->without_room >= limits_.room_time)
        finish({nullptr, failure::no_room});
    return false;
}

// Frees memory: first bodies that are kept but not sent by any connection, then the oldest ones that
// connections still send after reading_time.
void reply_queue::make_room(std::size_t needed, time_point now) {
    std::size_t freed = 0;
    for (made_body& each : made_) {
        if (freed >= needed)
            return;
        if (each.kept && each.kept.use_count() == 1)
            freed += each.bytes;
        each.kept = nullptr;
    }
    for (made_body& each : made_) {
        if (freed >= needed)
            return;
        if (each.held.expired() || now - each.made < limits_.reading_time)
            continue;
        freed += each.bytes;
        if (!std::exchange(each.is_cut_off, true) && callbacks_.cut_off)
            callbacks_.cut_off(each.address);
    }
}

// Ends the current body and calls its takers, which must not call the queue.
void reply_queue::finish(outcome what) {
    wanted_body done = std::move(*current_);
    current_.reset();
    done.job = nullptr; // frees its memory before the takers are called
    if (what.made) {
        made_body made;
        made.key = done.what.key;
        made.held = what.made;
        made.address = what.made.get();
        made.bytes = what.made->size;
        made.made = callbacks_.now();
        if (limits_.keeps && done.slices > 1)
            made.kept = what.made;
        made_.push_back(std::move(made));
    }
    for (auto& [who, take] : done.takers)
        take(what);
}

void reply_queue::forget_made(time_point now) {
    for (made_body& each : made_) {
        if (now - each.made >= limits_.shared_for)
            each.kept = nullptr;
    }
    std::erase_if(made_, [](const made_body& each) { return each.held.expired(); });
}

} // namespace replmond::http
