#include "tests/fuzz/scheduler_play.hpp"

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <string>
#include <utility>

namespace replmond::testing {

using namespace schedule;

namespace {

constexpr std::size_t most_projects = 3;
constexpr std::size_t most_instances = 12;
constexpr std::size_t most_requests = 40;

void promise(bool kept, const char* what) {
    if (!kept)
        throw std::logic_error(what);
}

} // namespace

scheduler_play::scheduler_play(std::span<const std::uint8_t> moves)
    : moves_(moves), slots_(1 + byte() % 8), tolerated_(static_cast<std::size_t>(slots_)), plan_(slots_) {}

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
        look();
    }
    let_everybody_through();
}

void scheduler_play::move() {
    const int what = byte() % 16;
    if (what < 3) {
        change_settings(what);
    } else if (what < 7) {
        change_instance(what);
    } else if (what < 10) {
        ask();
    } else if (what < 13) {
        const auto which = any_of(requests_);
        const int how = byte();
        if (which != requests_.end() && which->second.has_leave)
            end(which, how % 4 != 0, how % 8 == 1);
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
    } else if (what == 1) {
        const auto which = any_of(projects_);
        if (which == projects_.end())
            return;
        auto& [key, of] = *which;
        std::erase_if(of.expire, [&](uptime at) { return at <= now_; }); // forgotten is forgotten
        for (uptime& at : of.expire)
            at += limits.window - of.limits.window;
        of.limits = limits;
        plan_.change_project(key, limits, now_);
    } else if (limits.requests % 4 == 0) {
        if (const auto which = any_of(projects_); which != projects_.end())
            drop_project(which);
    } else {
        slots_ = 1 + limits.requests % 8;
        tolerated_ = std::max(tolerated_, static_cast<std::size_t>(slots_));
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
        held_.erase(which->first);
    } else {
        plan_.change_interval(which->first, interval, now_);
    }
}

bool scheduler_play::asks(instance_key poll) const {
    return std::any_of(requests_.begin(), requests_.end(),
                       [&](const auto& r) { return r.second.poll == poll; });
}

void scheduler_play::ask() {
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
    const ticket number = plan_.ask(asked.project, asked.what, asked.poll, how % 2 == 1, now_);
    promise(requests_.emplace(number, asked).second, "a ticket is new");
}

void scheduler_play::end(std::map<ticket, request>::iterator which, bool was_sent, bool throttled) {
    const request over = which->second;
    plan_.ended(which->first, was_sent, throttled && was_sent, now_);
    requests_.erase(which);
    const auto of = projects_.find(over.project);
    if (of == projects_.end())
        return;
    --of->second.under_way;
    if (was_sent)
        of->second.expire.push_back(now_ + of->second.limits.window);
}

void scheduler_play::withdraw(std::map<ticket, request>::iterator which) {
    promise(!which->second.has_leave, "the model withdraws only who waits");
    plan_.withdraw(which->first);
    requests_.erase(which);
}

void scheduler_play::poll_ends() {
    const auto which = any_of(instances_);
    const int how = byte();
    if (which == instances_.end() || !which->second.running)
        return;
    auto& [key, of] = *which;
    if (how % 8 == 7) {
        plan_.step_aside(key);
        held_.erase(key);
        return;
    }
    for (auto r = requests_.begin(); r != requests_.end();) {
        const auto current = r++;
        if (current->second.poll != key)
            continue;
        if (current->second.has_leave)
            end(current, how % 2 == 0, false);
        else
            withdraw(current);
    }
    poll_end ended;
    ended.succeeded = how % 3 == 0;
    ended.sent_nothing = how % 5 == 0;
    ended.requests = how % 7;
    if (how % 11 == 0)
        ended.pause_until = now_ + milliseconds(how);
    plan_.poll_ended(key, ended, now_);
    of.running = false;
    of.is = ended.succeeded ? standing::good : standing::failing;
    held_.erase(key);
}

// As the fleet does: who waits for it is sent away, what is under way ends some time.
void scheduler_play::drop_instance(std::map<instance_key, instance>::iterator which) {
    const instance_key key = which->first;
    plan_.remove(key);
    instances_.erase(which);
    held_.erase(key);
    for (auto r = requests_.begin(); r != requests_.end();) {
        const auto current = r++;
        if (current->second.poll == key && !current->second.has_leave)
            withdraw(current);
    }
}

void scheduler_play::drop_project(std::map<project_key, project>::iterator which) {
    const project_key key = which->first;
    for (auto i = instances_.begin(); i != instances_.end();) {
        const auto current = i++;
        if (current->second.project == key)
            drop_instance(current);
    }
    plan_.remove_project(key);
    projects_.erase(which);
    for (auto r = requests_.begin(); r != requests_.end();) {
        const auto current = r++;
        if (current->second.project == key && !current->second.has_leave)
            withdraw(current);
    }
}

void scheduler_play::look() {
    const auto to_do = plan_.next(now_);
    for (const auto key : to_do.begin)
        begun(key);
    const std::set<ticket> given(to_do.leave.begin(), to_do.leave.end());
    promise(given.size() == to_do.leave.size(), "no leave is given twice at once");
    // A poll that asks again and may not go on at once has given its slot back.
    for (const auto& [number, of] : requests_) {
        if (of.poll && !of.has_leave && !given.contains(number))
            held_.erase(*of.poll);
    }
    for (const ticket number : to_do.leave)
        let_out(number);
    tolerated_ = std::max(static_cast<std::size_t>(slots_), std::min(tolerated_, held_.size()));
    check_wake(to_do.wake);
    wake_ = to_do.wake;
}

void scheduler_play::begun(instance_key key) {
    const auto which = instances_.find(key);
    promise(which != instances_.end(), "only known instances are polled");
    promise(!std::exchange(which->second.running, true), "an instance has one poll at a time");
    which->second.polled_for = which->second.project;
}

void scheduler_play::let_out(ticket given) {
    const auto which = requests_.find(given);
    promise(which != requests_.end(), "leave is given to those who wait");
    request& of = which->second;
    promise(!std::exchange(of.has_leave, true), "no leave is given twice");
    const auto whose = projects_.find(of.project);
    promise(whose != projects_.end(), "there is no leave without a project");
    ++whose->second.under_way;
    check_budget(whose->second);
    if (!of.poll)
        return;
    check_slots(of);
    held_.insert_or_assign(*of.poll, slot{of.project, of.is});
}

// A request counts from its leave until a window after its end.
void scheduler_play::check_budget(const project& of) const {
    const auto ended =
        std::count_if(of.expire.begin(), of.expire.end(), [&](uptime at) { return at > now_; });
    promise(of.under_way + ended <= of.limits.requests, "the limit holds in every window");
}

bool scheduler_play::another_project_waits(project_key than) const {
    return std::any_of(requests_.begin(), requests_.end(), [&](const auto& each) {
        return each.second.poll && !each.second.has_leave && each.second.project != than;
    });
}

void scheduler_play::check_slots(const request& of) const {
    if (held_.contains(*of.poll))
        return; // it goes on
    promise(held_.size() < tolerated_, "there are so many slots and no more");

    const auto half = static_cast<std::ptrdiff_t>(std::max(1, slots_ / 2));
    std::set<project_key> populated;
    bool others = false;
    for (const auto& [key, known] : instances_) {
        populated.insert(known.project);
        others = others || known.is != standing::failing;
    }
    const auto held_where = [&](auto is_so) { return std::count_if(held_.begin(), held_.end(), is_so); };
    if (populated.size() >= 2) {
        const auto same = [&](const auto& h) { return h.second.project == of.project; };
        const auto alike = [&](standing is) {
            return held_where([&, is](const auto& h) { return same(h) && h.second.is == is; });
        };
        const bool lends_one = of.is == standing::good && alike(standing::failing) > 0 &&
                               alike(standing::good) == 0 && !another_project_waits(of.project);
        promise(held_where(same) < half || lends_one, "a project has half of the slots");
        const bool has_good = std::any_of(instances_.begin(), instances_.end(), [&](const auto& known) {
            return known.second.project == of.project && known.second.is == standing::good;
        });
        if (of.is == standing::failing && has_good)
            promise(alike(standing::failing) < std::max<std::ptrdiff_t>(1, half / 2),
                    "those of a project that fail leave half of its slots to those that do not");
    }
    if (of.is == standing::failing && others) {
        const auto failing = [&](const auto& h) { return h.second.is == standing::failing; };
        promise(held_where(failing) < half, "those that fail have half of the slots");
    }
}

// Nobody waits for ever: where no request's end can let him on, time will.
void scheduler_play::check_wake(const std::optional<uptime>& wake) const {
    promise(!wake || *wake > now_, "it is not asked again at once");
    if (wake)
        return;
    for (const auto& [number, of] : requests_) {
        if (of.has_leave)
            continue;
        const bool by_others = projects_.at(of.project).under_way > 0 || (of.poll && !held_.empty());
        promise(by_others, "who waits is let on some time");
    }
}

bool scheduler_play::anybody_waits() const {
    return std::any_of(requests_.begin(), requests_.end(), [](const auto& r) { return !r.second.has_leave; });
}

// When every request ends at once, all who wait get their turn.
void scheduler_play::let_everybody_through() {
    look();
    for (int turn = 0; anybody_waits(); ++turn) {
        promise(turn < 2000, "everybody gets a turn");
        for (auto r = requests_.begin(); r != requests_.end();) {
            const auto current = r++;
            if (!current->second.has_leave)
                continue;
            if (current->second.poll) {
                plan_.step_aside(*current->second.poll);
                held_.erase(*current->second.poll);
            }
            end(current, true, false);
        }
        for (const auto& [key, idle] : std::map(held_))
            plan_.step_aside(key);
        held_.clear();
        look();
        if (wake_ && anybody_waits())
            now_ = std::max(now_, *wake_);
    }
}

} // namespace replmond::testing
