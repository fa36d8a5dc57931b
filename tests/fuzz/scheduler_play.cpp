#include "tests/fuzz/scheduler_play.hpp"

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <string>
#include <utility>

// What the bytes do. What must hold meanwhile is in scheduler_promises.cpp.
namespace replmond::testing {

using namespace schedule;

namespace {

constexpr std::size_t most_projects = 3;
constexpr std::size_t most_instances = 12;
constexpr std::size_t most_requests = 40;
constexpr std::size_t most_gone = 8;

} // namespace

void scheduler_play::promise(bool kept, const char* what) {
    if (!kept)
        throw std::logic_error(what);
}

scheduler_play::scheduler_play(std::span<const std::uint8_t> moves)
    : moves_(moves), slots_(1 + byte() % 8), plan_(slots_) {}

std::uint8_t scheduler_play::byte() {
    if (moves_.empty())
        return 0;
    const std::uint8_t first = moves_.front();
    moves_ = moves_.subspan(1);
    return first;
}

template<class Map>
typename Map::iterator scheduler_play::any_of(Map& map) {
    if (map.empty())
        return map.end();
    return std::next(map.begin(), static_cast<std::ptrdiff_t>(byte() % map.size()));
}

void scheduler_play::run() {
    while (!moves_.empty()) {
        move();
        may_look();
    }
    let_everybody_through();
}

// The fleet asks what to do after every change, but for some that it makes together.
void scheduler_play::may_look() {
    if (byte() % 4 != 0)
        look();
}

void scheduler_play::move() {
    const int what = byte() % 16;
    if (what < 3) {
        change_settings(what);
    } else if (what < 7) {
        change_instance(what);
    } else if (what < 10) {
        request_permit();
    } else if (what < 13) {
        const auto which = any_of(requests_);
        const int how = byte();
        if (which == requests_.end())
            return;
        if (which->second.has_permit)
            end(which, how % 4 != 0, how % 8 == 1);
        else if (!is_wanted(which->second) || how % 8 == 2)
            cancel_permit(which);
        else if (how % 8 == 3)
            late_words();
    } else if (what == 13) {
        poll_ends();
    } else if (what == 14) {
        now_ += milliseconds(byte());
    } else if (wake_) {
        now_ = std::max(now_, *wake_);
    }
}

void scheduler_play::change_settings(int what) {
    const budget_limits limits{1 + byte() % 20, milliseconds(100 + 4 * byte())};
    if (what == 0 && projects_.size() < most_projects) {
        plan_.add_project(++last_project_, limits);
        projects_[last_project_].limits = limits;
        projects_[last_project_].most = limits.requests;
    } else if (what == 1) {
        const auto which = any_of(projects_);
        if (which == projects_.end())
            return;
        auto& [key, of] = *which;
        std::erase_if(of.expire, [&](uptime at) { return at <= now_; }); // forgotten is forgotten
        for (uptime& at : of.expire)
            at += limits.window - of.limits.window;
        of.limits = limits;
        of.most = std::max(of.most, limits.requests);
        plan_.change_project(key, limits, now_);
    } else if (limits.requests % 4 == 0) {
        if (const auto which = any_of(projects_); which != projects_.end())
            drop_project(which);
    } else {
        slots_ = 1 + limits.requests % 8;
        plan_.change_slots(slots_);
    }
}

void scheduler_play::change_instance(int what) {
    const auto whose = any_of(projects_);
    if (whose == projects_.end())
        return;
    const milliseconds interval(1 + 8 * byte());
    if (what == 3 && instances_.size() < most_instances) {
        ++last_instance_;
        plan_.add(last_instance_, whose->first, std::to_string(last_instance_), interval,
                  now_ + milliseconds(byte()));
        instances_[last_instance_].project = whose->first;
        return;
    }
    const auto which = any_of(instances_);
    if (which == instances_.end())
        return;
    if (what == 4) {
        drop_instance(which);
    } else if (what == 5) {
        plan_.move(which->first, whose->first);
        which->second.project = whose->first;
    } else {
        plan_.change_interval(which->first, interval, now_);
    }
}

bool scheduler_play::asks(instance_key poll) const {
    return std::any_of(requests_.begin(), requests_.end(),
                       [&](const auto& r) { return r.second.poll == poll; });
}

void scheduler_play::request_permit() {
    if (requests_.size() >= most_requests)
        return;
    const int how = byte();
    request asked;
    const auto poll = any_of(instances_);
    if (how % 4 != 0) {
        if (poll == instances_.end() || !poll->second.running || asks(poll->first) ||
            !projects_.contains(poll->second.polled_for))
            return;
        asked = {poll->second.polled_for, purpose::poll, poll->first, poll->second.is, false};
    } else {
        const auto whose = any_of(projects_);
        if (whose == projects_.end())
            return;
        asked.project = whose->first;
        asked.what = static_cast<purpose>(how / 4 % static_cast<int>(purpose_count));
    }
    const ticket number = plan_.request_permit(asked.project, asked.what, asked.poll, how % 2 == 1, now_);
    promise(requests_.emplace(number, asked).second, "a ticket is new");
    // One that may not go on at once has given its slot back.
    if (asked.poll && plan_.slots_held() < held_.size())
        held_.erase(*asked.poll);
}

void scheduler_play::end(std::map<ticket, request>::iterator which, bool was_sent, bool throttled) {
    const request over = which->second;
    plan_.release_permit(which->first, was_sent, throttled && was_sent, now_);
    requests_.erase(which);
    const auto of = projects_.find(over.project);
    if (of == projects_.end())
        return;
    --of->second.under_way;
    of->second.throttled = of->second.throttled || (throttled && was_sent);
    if (!was_sent)
        return;
    of->second.expire.push_back(now_ + of->second.limits.window);
    of->second.ended.push_back(now_);
}

void scheduler_play::cancel_permit(std::map<ticket, request>::iterator which) {
    promise(!which->second.has_permit, "the model withdraws only who waits");
    plan_.cancel_permit(which->first);
    requests_.erase(which);
}

void scheduler_play::poll_ends() {
    const auto which = any_of(instances_);
    const int how = byte();
    if (which == instances_.end() || !which->second.running)
        return;
    auto& [key, of] = *which;
    if (how % 8 == 7) {
        if (asks(key))
            return; // it waits for one thing at a time
        plan_.release_slot(key);
        held_.erase(key);
        return;
    }
    for (auto r = requests_.begin(); r != requests_.end();) {
        const auto current = r++;
        if (current->second.poll != key)
            continue;
        if (current->second.has_permit)
            end(current, how % 2 == 0, false);
        else
            cancel_permit(current);
    }
    poll_end ended;
    ended.succeeded = how % 3 == 0;
    ended.sent_nothing = how % 5 == 0;
    ended.requests = how % 7;
    if (how % 11 == 0)
        ended.pause_until = now_ + milliseconds(how);
    plan_.poll_ended(key, ended, now_);
    of.running = false;
    of.is = ended.succeeded ? health::good : health::failing;
    held_.erase(key);
}

// As the fleet does: whoever waits for it hears of that later, and what is under way ends some time.
void scheduler_play::drop_instance(std::map<instance_key, instance>::iterator which) {
    const instance_key key = which->first;
    plan_.remove(key);
    instances_.erase(which);
    held_.erase(key);
    if (gone_.size() < most_gone)
        gone_.push_back(key);
}

void scheduler_play::drop_project(std::map<project_key, project>::iterator which) {
    const project_key key = which->first;
    for (auto i = instances_.begin(); i != instances_.end();) {
        const auto current = i++;
        if (current->second.project != key)
            continue;
        drop_instance(current);
        may_look();
    }
    plan_.remove_project(key);
    projects_.erase(which);
}

// Of polls whose instance is gone: they go on until they hear of it.
void scheduler_play::late_words() {
    if (gone_.empty())
        return;
    const instance_key key = gone_[byte() % gone_.size()];
    plan_.release_slot(key);
    plan_.pause(key, now_ + milliseconds(byte()), now_);
    promise(plan_.poll_ended(key, {}, now_) == 0, "who is gone misses no tick");
    promise(!plan_.is_running(key), "who is gone does not run");
}

} // namespace replmond::testing
