#include "tests/fuzz/scheduler_play.hpp"

#include <algorithm>
#include <set>
#include <utility>

// What a scheduler promises, counted from scratch each time.
namespace replmond::testing {

using namespace schedule;

// Nobody hears any more of the others, though the plan does not know yet that they gave up.
bool scheduler_play::is_wanted(const request& of) const {
    return projects_.contains(of.project) && (!of.poll || instances_.contains(*of.poll));
}

void scheduler_play::look() {
    const auto to_do = plan_.next(now_);
    for (const auto key : to_do.begin)
        begun(key);
    const std::set<ticket> given(to_do.permits.begin(), to_do.permits.end());
    promise(given.size() == to_do.permits.size(), "no leave is given twice at once");
    for (const ticket number : to_do.permits)
        let_out(number);
    for (auto& [key, of] : projects_)
        of.most = of.limits.requests;
    check_wake(to_do.wake);
    check_places();
    check_nobody_waits_in_vain();
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
    promise(is_wanted(of), "leave is given to instances and projects that are there");
    promise(!std::exchange(of.has_permit, true), "no leave is given twice");
    auto& whose = projects_.at(of.project);
    ++whose.under_way;
    check_budget(whose);
    if (!of.poll || held_.contains(*of.poll))
        return; // it goes on
    promise(held_.size() < static_cast<std::size_t>(slots_), "there are so many slots and no more");
    promise(has_room(of), "nobody takes more of the slots than his part");
    held_.emplace(*of.poll, slot{of.project, of.is});
}

// A request counts from its leave until a window after its end.
void scheduler_play::check_budget(const project& of) const {
    const auto ended =
        std::count_if(of.expire.begin(), of.expire.end(), [&](uptime at) { return at > now_; });
    promise(of.under_way + ended <= of.most, "the limit holds in every window");
}

bool scheduler_play::another_project_waits(project_key than) const {
    return std::any_of(requests_.begin(), requests_.end(), [&](const auto& each) {
        const request& of = each.second;
        return of.poll && !of.has_permit && of.project != than && is_wanted(of);
    });
}

std::ptrdiff_t scheduler_play::held(const std::function<bool(const slot&)>& which) const {
    return std::count_if(held_.begin(), held_.end(), [&](const auto& h) { return which(h.second); });
}

bool scheduler_play::is_there(const std::function<bool(const instance&)>& which) const {
    return std::any_of(instances_.begin(), instances_.end(), [&](const auto& i) { return which(i.second); });
}

bool scheduler_play::has_room(const request& of) const {
    const auto half = static_cast<std::ptrdiff_t>(std::max(1, slots_ / 2));
    const auto not_good = held([](const slot& s) { return s.is != health::good; });
    const auto failing = held([](const slot& s) { return s.is == health::failing; });
    const bool others = is_there([](const instance& i) { return i.is != health::failing; });
    const bool good = is_there([](const instance& i) { return i.is == health::good; });
    if (of.is == health::failing && others && failing >= half)
        return false;
    if (of.is != health::good && good && not_good >= slots_ - slots_ / 4)
        return false;
    std::set<project_key> populated;
    for (const auto& [key, known] : instances_)
        populated.insert(known.project);
    return populated.size() < 2 || has_room_in_project(of, half);
}

bool scheduler_play::has_room_in_project(const request& of, std::ptrdiff_t half) const {
    const auto alike = [&](health is) {
        return held([&, is](const slot& s) { return s.project == of.project && s.is == is; });
    };
    const bool has_good =
        is_there([&](const instance& i) { return i.project == of.project && i.is == health::good; });
    const auto failing = alike(health::failing);
    if (of.is == health::failing && has_good && failing >= std::max<std::ptrdiff_t>(1, half / 2))
        return false;
    if (alike(health::unknown) + alike(health::good) + failing < half)
        return true;
    return of.is == health::good && failing > 0 && alike(health::good) == 0 &&
           !another_project_waits(of.project);
}

// Nobody waits for ever: where no request's end can let him on, time will.
void scheduler_play::check_wake(const std::optional<uptime>& wake) const {
    promise(!wake || *wake > now_, "it is not asked again at once");
    if (wake)
        return;
    for (const auto& [number, of] : requests_) {
        if (of.has_permit || !is_wanted(of))
            continue;
        const bool by_others = projects_.at(of.project).under_way > 0 || (of.poll && !held_.empty());
        promise(by_others, "who waits is let on some time");
    }
}

// Every place is somebody's who is there, in line as well as beyond it.
void scheduler_play::check_places() const {
    promise(plan_.slots_held() == held_.size(), "slots are held by polls that go on, and by no others");
    const auto in_line = std::count_if(requests_.begin(), requests_.end(), [&](const auto& r) {
        return r.second.poll && !r.second.has_permit && is_wanted(r.second);
    });
    promise(plan_.polls_waiting() == static_cast<std::size_t>(in_line), "who waits is there, and asks");
}

// True where there is certainly budget for all but discovery: the rate was never halved, and every request
// that counts may count for as long as any window lasted.
bool scheduler_play::can_certainly_pay(const project& of) const {
    const auto counts = std::count_if(of.ended.begin(), of.ended.end(), [&](uptime at) {
        return at + of.limits.window + milliseconds(1) > now_;
    });
    return !of.throttled && of.under_way + counts < of.limits.requests;
}

void scheduler_play::check_nobody_waits_in_vain() const {
    const bool has_slot = held_.size() < static_cast<std::size_t>(slots_);
    for (const auto& [number, of] : requests_) {
        if (of.has_permit || !is_wanted(of) || of.what == purpose::discovery)
            continue;
        if (can_certainly_pay(projects_.at(of.project)))
            promise(of.poll && !(has_slot && has_room(of)), "nobody waits for what is there");
    }
    constexpr overdue_limits strict{std::chrono::hours(24 * 365), milliseconds(0)};
    promise(plan_.overdue(strict, now_).empty(), "who waits for what is not there is not overdue");
}

bool scheduler_play::has_waiting() const {
    return std::any_of(requests_.begin(), requests_.end(),
                       [&](const auto& r) { return !r.second.has_permit && is_wanted(r.second); });
}

// When every request ends at once, all who wait get their turn.
void scheduler_play::let_everybody_through() {
    look();
    for (int turn = 0; has_waiting(); ++turn) {
        promise(turn < 2000, "everybody gets a turn");
        for (auto r = requests_.begin(); r != requests_.end();) {
            const auto current = r++;
            if (!current->second.has_permit)
                continue;
            if (current->second.poll) {
                plan_.release_slot(*current->second.poll);
                held_.erase(*current->second.poll);
            }
            end(current, true, false);
        }
        for (const auto& [key, idle] : std::map(held_))
            plan_.release_slot(key);
        held_.clear();
        look();
        if (wake_ && has_waiting())
            now_ = std::max(now_, *wake_);
    }
}

} // namespace replmond::testing
