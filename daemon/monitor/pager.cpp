#include "daemon/monitor/pager.hpp"

#include <algorithm>
#include <utility>

namespace replmond::monitor {

pager::pager(int limit, bool ignore_total)
    : limit_(static_cast<std::size_t>(limit)), ignore_total_(ignore_total) {}

void pager::note_total(const std::optional<std::uint64_t>& total) {
    const std::optional<std::uint64_t> counted = ignore_total_ ? std::nullopt : total;
    if (pages_ > 0 && counted != total_)
        totals_agree_ = false;
    total_ = counted;
}

pager::step pager::add(cloud::page page) {
    note_total(page.total_count);
    unexpected_.insert(unexpected_.end(), page.unexpected.begin(), page.unexpected.end());

    const std::size_t names_before = tasks_.size();
    for (task_reading& task : page.tasks) {
        std::string name = task.name;
        tasks_.insert_or_assign(std::move(name), std::move(task));
    }
    received_ += page.records;
    unusable_ += page.unusable;
    const bool shorter = pages_ > 0 && page.records < shortest_page_;
    shortest_page_ = pages_ == 0 ? page.records : std::min(shortest_page_, page.records);
    ++pages_;

    if (received_ > max_records)
        return step::too_many;
    if (page.records == 0) {
        ended_at_empty_page_ = true;
        return step::done;
    }
    ended_at_shorter_page_ = shorter;
    if (tasks_.size() == names_before)
        return step::done;
    // A page as full as was asked may hide more than the count says: one more is read to make sure.
    if (total_ && received_ >= *total_ && page.records < limit_)
        return step::done;
    return step::read_on;
}

bool pager::consistent() const {
    if (!totals_agree_)
        return false;
    return total_ ? seen() == *total_ : ended_by_itself();
}

bool pager::contradicts_its_total() const {
    return totals_agree_ && total_ && received_ > 0 && seen() != *total_;
}

std::set<std::string> pager::names() const {
    std::set<std::string> names;
    for (const auto& [name, task] : tasks_)
        names.insert(name);
    return names;
}

} // namespace replmond::monitor
