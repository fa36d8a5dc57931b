#include "daemon/schedule/turns.hpp"

#include <algorithm>

namespace replmond::schedule {

void turns::add_instance(project_key project, standing is) {
    ++population_[project];
    ++count(known_, is);
}

void turns::changes(standing from, standing to) {
    --count(known_, from);
    ++count(known_, to);
}

void turns::remove_instance(project_key project, standing is) {
    --count(known_, is);
    const auto of = population_.find(project);
    if (--of->second == 0)
        population_.erase(of);
}

void turns::wait(ticket asked, const contender& who) {
    waiting_[{who.project, who.is}].emplace(who.order, asked);
    contenders_.emplace(asked, who);
}

void turns::leave(ticket asked) {
    const auto who = contenders_.find(asked);
    if (who == contenders_.end())
        return;
    const auto in = waiting_.find({who->second.project, who->second.is});
    in->second.erase(who->second.order);
    if (in->second.empty())
        waiting_.erase(in);
    contenders_.erase(who);
}

bool turns::has_room(const line& of) const {
    const auto& [project, is] = of;
    const int failing = count(held_by_standing_, standing::failing);
    const int others = count(known_, standing::good) + count(known_, standing::unknown);
    if (is == standing::failing && others > 0 && failing >= half())
        return false;
    const int not_good = failing + count(held_by_standing_, standing::unknown);
    if (is != standing::good && count(known_, standing::good) > 0 && not_good >= slots_ - slots_ / 4)
        return false;
    const auto held = held_by_project_.find(project);
    return population_.size() < 2 || held == held_by_project_.end() || held->second < half();
}

std::optional<ticket> turns::next(const std::function<bool(project_key)>& can_pay) {
    if (held_.size() >= static_cast<std::size_t>(slots_))
        return std::nullopt;
    const std::map<std::uint64_t, ticket>* first = nullptr;
    for (const auto& [of, in_order] : waiting_) {
        const bool earlier = first == nullptr || in_order.begin()->first < first->begin()->first;
        if (earlier && has_room(of) && can_pay(of.first))
            first = &in_order;
    }
    if (first == nullptr)
        return std::nullopt;

    const ticket chosen = first->begin()->second;
    const contender who = contenders_.at(chosen);
    leave(chosen);
    held_.emplace(who.instance, line{who.project, who.is});
    ++held_by_project_[who.project];
    ++count(held_by_standing_, who.is);
    return chosen;
}

void turns::give_back(instance_key instance) {
    const auto held = held_.find(instance);
    if (held == held_.end())
        return;
    const auto& [project, is] = held->second;
    if (--held_by_project_[project] == 0)
        held_by_project_.erase(project);
    --count(held_by_standing_, is);
    held_.erase(held);
}

bool turns::anybody_waits(project_key project) const {
    const auto first = waiting_.lower_bound({project, standing::unknown});
    return first != waiting_.end() && first->first.first == project;
}

} // namespace replmond::schedule
