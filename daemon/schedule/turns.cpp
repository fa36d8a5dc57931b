#include "daemon/schedule/turns.hpp"

#include <algorithm>

namespace replmond::schedule {

void turns::add_instance(project_key project, standing is) {
    // First all that may want memory, also later.
    for (const standing each : {standing::unknown, standing::good, standing::failing})
        known_in_project_.try_emplace({project, each}, 0);
    ++population_[project];
    ++count(known_, is);
    ++known_in_project_[{project, is}];
}

void turns::changes(project_key project, standing from, standing to) {
    --count(known_, from);
    ++count(known_, to);
    --known_in_project_[{project, from}];
    ++known_in_project_[{project, to}];
}

void turns::remove_instance(project_key project, standing is) {
    --count(known_, is);
    const auto of = population_.find(project);
    --known_in_project_[{project, is}];
    if (--of->second > 0)
        return;
    population_.erase(of);
    for (const standing each : {standing::unknown, standing::good, standing::failing})
        known_in_project_.erase({project, each});
}

void turns::wait(ticket asked, const contender& who) {
    contenders_.emplace(asked, who);
    const place last(who.order, asked);
    const auto [in, is_new] = waiting_.try_emplace({who.project, who.is}, std::set<place>{last});
    if (!is_new)
        in->second.insert(last);
}

void turns::leave(ticket asked) {
    const auto who = contenders_.find(asked);
    if (who == contenders_.end())
        return;
    const auto in = waiting_.find({who->second.project, who->second.is});
    if (in != waiting_.end()) {
        in->second.erase({who->second.order, asked});
        if (in->second.empty())
            waiting_.erase(in);
    }
    contenders_.erase(who);
}

int turns::count(const std::map<line, int>& of, const line& which) {
    const auto found = of.find(which);
    return found == of.end() ? 0 : found->second;
}

bool turns::another_project_waits(project_key than) const {
    return std::any_of(waiting_.begin(), waiting_.end(),
                       [&](const auto& each) { return each.first.first != than; });
}

bool turns::has_room(const line& of) const {
    const standing is = of.second;
    const int failing = count(held_by_standing_, standing::failing);
    const int others = count(known_, standing::good) + count(known_, standing::unknown);
    if (is == standing::failing && others > 0 && failing >= half())
        return false;
    const int not_good = failing + count(held_by_standing_, standing::unknown);
    if (is != standing::good && count(known_, standing::good) > 0 && not_good >= slots_ - slots_ / 4)
        return false;
    return population_.size() < 2 || has_room_in_project(of);
}

// Where a project may hold one slot only, and one that fails has it, a good one takes another as long as no
// other project is there for it.
bool turns::has_room_in_project(const line& of) const {
    const auto& [project, is] = of;
    const line good{project, standing::good};
    const int failing = count(held_by_line_, {project, standing::failing});
    if (is == standing::failing && count(known_in_project_, good) > 0 && failing >= std::max(1, half() / 2))
        return false;
    const auto held = held_by_project_.find(project);
    if (held == held_by_project_.end() || held->second < half())
        return true;
    return is == standing::good && failing > 0 && count(held_by_line_, good) == 0 &&
           !another_project_waits(project);
}

std::optional<ticket> turns::next(const std::function<bool(project_key)>& can_pay) {
    if (held_.size() >= static_cast<std::size_t>(slots_))
        return std::nullopt;
    const std::set<place>* first = nullptr;
    for (const auto& [of, in_order] : waiting_) {
        const bool earlier = first == nullptr || *in_order.begin() < *first->begin();
        if (earlier && has_room(of) && can_pay(of.first))
            first = &in_order;
    }
    if (first == nullptr)
        return std::nullopt;

    const ticket chosen = first->begin()->second;
    const contender who = contenders_.at(chosen);
    take(who.instance, {who.project, who.is});
    leave(chosen);
    return chosen;
}

void turns::take(instance_key instance, const line& as) {
    // First all that may want memory.
    auto& by_project = held_by_project_[as.first];
    auto& by_line = held_by_line_[as];
    held_.emplace(instance, as);
    ++by_project;
    ++by_line;
    ++count(held_by_standing_, as.second);
}

std::optional<turns::line> turns::line_of(ticket asked) const {
    const auto who = contenders_.find(asked);
    if (who == contenders_.end())
        return std::nullopt;
    return line{who->second.project, who->second.is};
}

std::set<turns::line> turns::lines_with_room(const std::map<line, int>& there,
                                             const std::function<bool(instance_key)>& works) const {
    turns anew(slots_);
    for (const auto& [of, instances] : there) {
        anew.population_[of.first] += static_cast<std::size_t>(instances);
        anew.count(anew.known_, of.second) += instances;
        anew.known_in_project_[of] += instances;
    }
    for (const auto& [instance, as] : held_) {
        if (works(instance))
            anew.take(instance, as);
    }
    for (const auto& [of, in_order] : waiting_)
        anew.waiting_.try_emplace(of); // what counts is that somebody waits there
    std::set<line> found;
    for (const auto& [of, nobody] : anew.waiting_) {
        if (anew.held_.size() < static_cast<std::size_t>(slots_) && anew.has_room(of))
            found.insert(of);
    }
    return found;
}

void turns::give_back(instance_key instance) {
    const auto held = held_.find(instance);
    if (held == held_.end())
        return;
    const auto& [project, is] = held->second;
    if (--held_by_project_[project] == 0)
        held_by_project_.erase(project);
    if (--held_by_line_[held->second] == 0)
        held_by_line_.erase(held->second);
    --count(held_by_standing_, is);
    held_.erase(held);
}

bool turns::anybody_waits(project_key project) const {
    const auto first = waiting_.lower_bound({project, standing::unknown});
    return first != waiting_.end() && first->first.first == project;
}

} // namespace replmond::schedule
