// Decides which poll gets the next of the `poll.concurrency` slots, so that instances that hang do not keep
// other instances from being polled.

#include "daemon/core/schedule/slot_allocator.hpp"

#include <algorithm>

namespace replmond::schedule {

void slot_allocator::add_instance(project_key project, health is) {
    // Everything that may allocate comes first, also the entries that change_health() needs later: if an
    // allocation fails here, no counter has changed, and change_health() never allocates.
    for (const health each : {health::unknown, health::good, health::failing})
        instances_by_queue_.try_emplace({project, each}, 0);
    ++instances_of_project_[project];
    ++count(instances_by_health_, is);
    ++instances_by_queue_[{project, is}];
}

void slot_allocator::change_health(project_key project, health from, health to) {
    --count(instances_by_health_, from);
    ++count(instances_by_health_, to);
    --instances_by_queue_[{project, from}];
    ++instances_by_queue_[{project, to}];
}

void slot_allocator::remove_instance(project_key project, health is) {
    --count(instances_by_health_, is);
    const auto of = instances_of_project_.find(project);
    --instances_by_queue_[{project, is}];
    if (--of->second > 0)
        return;
    instances_of_project_.erase(of);
    for (const health each : {health::unknown, health::good, health::failing})
        instances_by_queue_.erase({project, each});
}

void slot_allocator::enqueue(ticket asked, const slot_request& who) {
    queued_.emplace(asked, who);
    const place last(who.order, asked);
    const auto [in, is_new] = waiting_.try_emplace({who.project, who.is}, std::set<place>{last});
    if (!is_new)
        in->second.insert(last);
}

void slot_allocator::cancel(ticket asked) {
    const auto who = queued_.find(asked);
    if (who == queued_.end())
        return;
    const auto in = waiting_.find({who->second.project, who->second.is});
    if (in != waiting_.end()) {
        in->second.erase({who->second.order, asked});
        if (in->second.empty())
            waiting_.erase(in);
    }
    queued_.erase(who);
}

int slot_allocator::count(const std::map<queue_key, int>& of, const queue_key& which) {
    const auto found = of.find(which);
    return found == of.end() ? 0 : found->second;
}

bool slot_allocator::another_project_waits(project_key than) const {
    return std::any_of(waiting_.begin(), waiting_.end(),
                       [&](const auto& each) { return each.first.first != than; });
}

bool slot_allocator::has_room(const queue_key& of) const {
    const health is = of.second;
    const int failing = count(held_by_health_, health::failing);
    const int others =
        count(instances_by_health_, health::good) + count(instances_by_health_, health::unknown);
    if (is == health::failing && others > 0 && failing >= half())
        return false;
    // A quarter of the slots is reserved for good instances.
    const int not_good = failing + count(held_by_health_, health::unknown);
    if (is != health::good && count(instances_by_health_, health::good) > 0 &&
        not_good >= slots_ - slots_ / 4)
        return false;
    return instances_of_project_.size() < 2 || has_room_in_project(of);
}

// A project may hold half of the slots. One exception: where failing instances hold a project's slots and
// none of its good instances has one, a good instance may take one more slot as long as no other project
// waits. Otherwise, with a limit of one slot, a failing instance would block the good ones of its project.
bool slot_allocator::has_room_in_project(const queue_key& of) const {
    const auto& [project, is] = of;
    const queue_key good{project, health::good};
    const int failing = count(held_by_queue_, {project, health::failing});
    if (is == health::failing && count(instances_by_queue_, good) > 0 && failing >= std::max(1, half() / 2))
        return false;
    const auto held = held_by_project_.find(project);
    if (held == held_by_project_.end() || held->second < half())
        return true;
    return is == health::good && failing > 0 && count(held_by_queue_, good) == 0 &&
           !another_project_waits(project);
}

std::optional<ticket> slot_allocator::next(const std::function<bool(project_key)>& can_pay) {
    if (held_.size() >= static_cast<std::size_t>(slots_))
        return std::nullopt;
    // All requests of a queue are subject to the same limits, so only the first one of each queue is
    // compared.
    const std::set<place>* first = nullptr;
    for (const auto& [of, in_order] : waiting_) {
        const bool earlier = first == nullptr || *in_order.begin() < *first->begin();
        if (earlier && has_room(of) && can_pay(of.first))
            first = &in_order;
    }
    if (first == nullptr)
        return std::nullopt;

    const ticket chosen = first->begin()->second;
    const slot_request who = queued_.at(chosen);
    take(who.instance, {who.project, who.is});
    cancel(chosen);
    return chosen;
}

void slot_allocator::take(instance_key instance, const queue_key& as) {
    // Everything that may allocate comes first: if an allocation fails, no counter has changed.
    auto& by_project = held_by_project_[as.first];
    auto& by_queue = held_by_queue_[as];
    held_.emplace(instance, as);
    ++by_project;
    ++by_queue;
    ++count(held_by_health_, as.second);
}

std::optional<slot_allocator::queue_key> slot_allocator::queue_of(ticket asked) const {
    const auto who = queued_.find(asked);
    if (who == queued_.end())
        return std::nullopt;
    return queue_key{who->second.project, who->second.is};
}

std::set<slot_allocator::queue_key>
slot_allocator::queues_with_room(const std::map<queue_key, int>& there,
                                 const std::function<bool(instance_key)>& works) const {
    // A second allocator with the true counts answers the question with the same rules.
    slot_allocator anew(slots_);
    for (const auto& [of, instances] : there) {
        anew.instances_of_project_[of.first] += static_cast<std::size_t>(instances);
        anew.count(anew.instances_by_health_, of.second) += instances;
        anew.instances_by_queue_[of] += instances;
    }
    for (const auto& [instance, as] : held_) {
        if (works(instance))
            anew.take(instance, as);
    }
    for (const auto& [of, in_order] : waiting_)
        anew.waiting_.try_emplace(of); // has_room() only asks whether a queue exists, so it may be empty here
    std::set<queue_key> found;
    for (const auto& [of, nobody] : anew.waiting_) {
        if (anew.held_.size() < static_cast<std::size_t>(slots_) && anew.has_room(of))
            found.insert(of);
    }
    return found;
}

void slot_allocator::release(instance_key instance) {
    const auto held = held_.find(instance);
    if (held == held_.end())
        return;
    const auto& [project, is] = held->second;
    if (--held_by_project_[project] == 0)
        held_by_project_.erase(project);
    if (--held_by_queue_[held->second] == 0)
        held_by_queue_.erase(held->second);
    --count(held_by_health_, is);
    held_.erase(held);
}

bool slot_allocator::has_waiting(project_key project) const {
    // health::unknown is the lowest value, so this is the project's first queue.
    const auto first = waiting_.lower_bound({project, health::unknown});
    return first != waiting_.end() && first->first.first == project;
}

} // namespace replmond::schedule
