// Which connections a full server closes: the peers that hold too many, then those that move least.

#include "daemon/core/http/connection_limiter.hpp"

#include <algorithm>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace replmond::http {

namespace {

// What the kernel holds of an answer at most: it is written, and says nothing about the reader.
constexpr std::size_t held_by_kernel = 256 * 1024;

// Bytes a second: who moves as many is never behind.
constexpr double fair_pace = 64 * 1024;

// Nobody has to account for less than this part of all.
constexpr std::size_t fair_part = 8;

std::size_t beyond_fair_part(std::size_t has, std::size_t of_all) {
    const std::size_t fair = std::max<std::size_t>(1, of_all / fair_part);
    return has > fair ? has - fair : 0;
}

double seconds(std::chrono::steady_clock::duration of) {
    return std::chrono::duration<double>(of).count();
}

} // namespace

connection_limiter::id connection_limiter::open(std::string peer, time now) {
    const id who = ++last_;
    entry& fresh = entries_[who];
    fresh.since = now;
    ++peers_[peer];
    fresh.peer = std::move(peer);
    return who;
}

void connection_limiter::moved(id who, std::size_t bytes, time now) {
    const auto found = entries_.find(who);
    if (found == entries_.end() || bytes == 0)
        return;
    entry& of = found->second;
    if (of.is == phase::idle) {
        of.is = phase::asking;
        of.since = now;
        of.moved = 0;
    }
    of.moved += bytes;
}

void connection_limiter::answers(id who, time now) {
    const auto found = entries_.find(who);
    if (found == entries_.end())
        return;
    found->second.is = phase::answered;
    found->second.since = now;
}

void connection_limiter::sends(id who, std::shared_ptr<const buffer_chain> shared, std::size_t bytes,
                               time now) {
    const auto found = entries_.find(who);
    if (found == entries_.end())
        return;
    entry& of = found->second;
    drop_text(of);
    of.since = now; // how long the text was in the making is not the client's fault
    if (!shared) {
        of.own_bytes = bytes;
        own_bytes_ += bytes;
        return;
    }
    if (texts_[shared.get()]++ == 0)
        text_bytes_ += shared->size;
    of.shared = std::move(shared);
}

void connection_limiter::waits(id who, time now) {
    const auto found = entries_.find(who);
    if (found == entries_.end())
        return;
    drop_text(found->second);
    found->second.is = phase::idle;
    found->second.since = now;
}

void connection_limiter::closed(id who) {
    std::vector<id> ignored;
    forget(who, ignored);
}

void connection_limiter::drop_text(entry& of) {
    own_bytes_ -= std::exchange(of.own_bytes, 0);
    const auto found = texts_.find(of.shared.get());
    if (found != texts_.end() && --found->second == 0) {
        text_bytes_ -= of.shared->size;
        texts_.erase(found);
    }
    of.shared.reset();
}

void connection_limiter::forget(id who, std::vector<id>& closing) {
    const auto found = entries_.find(who);
    if (found == entries_.end())
        return;
    drop_text(found->second);
    const auto peer = peers_.find(found->second.peer);
    if (--peer->second == 0)
        peers_.erase(peer);
    entries_.erase(found);
    closing.push_back(who);
}

// How much of its time it has used: over 1 it would be closed anyway. Under 0 it is faster than it must be.
double connection_limiter::debt(const entry& of, time now) const {
    std::chrono::steady_clock::duration allowed = limits_.request_time;
    std::size_t moved = of.moved;
    if (of.is == phase::idle)
        allowed = limits_.idle_time;
    if (of.is == phase::answered) {
        allowed = limits_.answer_time;
        moved -= std::min(moved, held_by_kernel);
    }
    const double behind = seconds(now - of.since) - static_cast<double>(moved) / fair_pace;
    return behind / std::max(0.001, seconds(allowed));
}

connection_limiter::id connection_limiter::first_to_go(id but_not, bool only_waiting, time now) const {
    std::tuple<std::size_t, double> worst{0, 0};
    id best = 0;
    for (const auto& [who, each] : entries_) {
        if (who == but_not || (only_waiting && each.is == phase::answered))
            continue;
        const std::tuple its(beyond_fair_part(peers_.at(each.peer), most_), debt(each, now));
        if (best == 0 || its > worst) {
            best = who;
            worst = its;
        }
    }
    return best;
}

connection_limiter::holdings connection_limiter::held(std::size_t& all) const {
    std::unordered_map<const std::string*, long> holders; // among the texts on their way
    for (const auto& [text, senders] : texts_) {
        for (const auto& piece : text->pieces)
            ++holders[piece.get()];
    }
    all = own_bytes_;
    std::map<const buffer_chain*, std::size_t> only_here;
    for (const auto& [text, senders] : texts_) {
        for (const auto& piece : text->pieces) {
            long& among_these = holders.at(piece.get());
            if (among_these == 0 || piece.use_count() > among_these)
                continue; // counted, or held by others as well
            all += piece->size();
            if (among_these == 1 && senders == 1)
                only_here[text] += piece->size();
            among_these = 0;
        }
    }
    holdings of_each;
    for (const auto& [who, each] : entries_) {
        const auto alone = only_here.find(each.shared.get());
        of_each[who] = each.own_bytes + (alone == only_here.end() ? 0 : alone->second);
    }
    return of_each;
}

std::size_t connection_limiter::bytes() const {
    std::size_t all = 0;
    held(all);
    return all;
}

bool connection_limiter::is_over_bytes() const {
    return own_bytes_ + text_bytes_ > limits_.answer_bytes && bytes() > limits_.answer_bytes;
}

// Of those who hold something alone; where nobody does, of all that send.
connection_limiter::id connection_limiter::first_sender_to_go(id but_not, time now) const {
    std::size_t all = 0;
    const holdings of_each = held(all);
    std::map<std::string_view, std::size_t> of_peers;
    for (const auto& [who, each] : entries_)
        of_peers[each.peer] += of_each.at(who);

    std::tuple<bool, std::size_t, double> worst{false, 0, 0};
    id best = 0;
    for (const auto& [who, each] : entries_) {
        if (who == but_not || (each.own_bytes == 0 && each.shared == nullptr))
            continue;
        const std::tuple its(of_each.at(who) > 0,
                             beyond_fair_part(of_peers.at(each.peer), limits_.answer_bytes), debt(each, now));
        if (best == 0 || its > worst) {
            best = who;
            worst = its;
        }
    }
    return best;
}

std::vector<connection_limiter::id> connection_limiter::close_for(id newest, time now) {
    std::vector<id> closing;
    while (entries_.size() > most_ && entries_.size() > 1)
        forget(first_to_go(newest, false, now), closing);
    while (is_over_bytes()) {
        const id slowest = first_sender_to_go(newest, now);
        if (slowest == 0)
            break; // one text alone is larger than all that is allowed: it is sent
        forget(slowest, closing);
    }
    return closing;
}

std::vector<connection_limiter::id> connection_limiter::close_one_that_waits(time now) {
    std::vector<id> closing;
    forget(first_to_go(0, true, now), closing);
    return closing;
}

} // namespace replmond::http
