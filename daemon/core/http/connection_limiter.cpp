// Decides which connections a full server closes: first those of peers that hold too many, then the slowest
// ones.

#include "daemon/core/http/connection_limiter.hpp"

#include <algorithm>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace replmond::http {

namespace {

// How much of an answer the kernel buffers at most. These bytes were written, but the client may not have
// read them.
constexpr std::size_t held_by_kernel = 256 * 1024;

// Bytes a second. A client that moves data at this rate uses none of its time.
constexpr double fair_pace = 64 * 1024;

// A peer that holds no more than 1/8 of the limit is not treated as holding too much.
constexpr std::size_t fair_part = 8;

std::size_t beyond_fair_part(std::size_t has, std::size_t of_all) {
    const std::size_t fair = std::max<std::size_t>(1, of_all / fair_part);
    return std::max(has, fair) - fair;
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
    of.since = now; // the time for making the answer is not the client's
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

// The part of the allowed time that the connection has used in its current phase. At 1 its deadline has
// passed; below 0 it is faster than fair_pace.
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

// The connection to close first, never `but_not`; 0 if there is none. `only_waiting`: only those without a
// complete request.
connection_limiter::id connection_limiter::first_to_go(id but_not, bool only_waiting, time now) const {
    std::tuple<std::size_t, double> worst;
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

// A piece whose use_count() is larger than the number of its uses in texts_ has an owner elsewhere: closing
// connections would not free it. A piece that is used by one text alone, which one connection alone sends,
// counts for that connection.
connection_limiter::holdings connection_limiter::held(std::size_t& all) const {
    // How often each piece is used by the texts being sent.
    std::unordered_map<const std::string*, long> holders;
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
                continue; // counted already, or kept allocated by another owner
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

// The first sum is an upper bound that costs nothing; bytes() looks at every piece.
bool connection_limiter::is_over_bytes() const {
    return own_bytes_ + text_bytes_ > limits_.answer_bytes && bytes() > limits_.answer_bytes;
}

// The sending connection to close first, never `but_not`; 0 if there is none. Connections that would free
// memory by themselves come first; then as in first_to_go(), by the peer's bytes instead of its connections.
connection_limiter::id connection_limiter::first_sender_to_go(id but_not, time now) const {
    std::size_t all = 0;
    const holdings of_each = held(all);
    std::map<std::string_view, std::size_t> of_peers;
    for (const auto& [who, each] : entries_)
        of_peers[each.peer] += of_each.at(who);

    std::tuple<bool, std::size_t, double> worst;
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
            break; // only `newest` sends: its answer is sent even if it is larger than the limit
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
