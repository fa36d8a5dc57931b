// One pass over the pages of a list: where the next page begins, whether the pages agree, whether the end is
// reached (the contract, What a poll does).

#include "daemon/core/tracking/pager.hpp"

#include <algorithm>
#include <utility>

namespace replmond::tracking {

pager::pager(int limit, bool ignore_total)
    : limit_(static_cast<std::size_t>(limit)), ignore_total_(ignore_total) {}

bool pager::has_only_new_names(const cloud::page& page) const {
    return !page.tasks.empty() && std::ranges::none_of(page.tasks, [this](const task_reading& task) {
        return tasks_.contains(task.name);
    });
}

void pager::note_total(const cloud::page& page) {
    const std::optional<std::uint64_t> counted = ignore_total_ ? std::nullopt : page.total_count;
    totals_are_of_pages_ = totals_are_of_pages_ && counted == page.records;
    if (pages_ > 0 && page.records > 0)
        later_pages_are_new_ = has_only_new_names(page) && (pages_ == 1 || later_pages_are_new_);
    if (pages_ > 0 && counted != total_)
        totals_agree_ = false;
    total_ = counted;
}

// Stores the task. Returns its name if the name came before, else nullptr.
const std::string* pager::take_task(task_reading task) {
    const auto known = tasks_.find(task.name);
    if (known == tasks_.end()) {
        std::string name = task.name;
        tasks_.emplace(std::move(name), std::move(task));
        return nullptr;
    }
    if (known->second.status != status::no || task.status == status::no)
        known->second = std::move(task);
    return &known->first;
}

void pager::take_tasks_of(cloud::page& page) {
    const bool more_is_owed = total_ && received_ < *total_;
    std::vector<const std::string*> again;
    for (task_reading& task : page.tasks) {
        if (const std::string* known = take_task(std::move(task)))
            again.push_back(known);
    }
    // All records were received before, and this page only repeats names: it is beyond the end of the list.
    if (again.size() == page.tasks.size() && !more_is_owed)
        return;
    for (const std::string* name : again)
        came_again_.insert(*name);
}

pager::step pager::end() {
    if (totals_agree_) {
        for (const std::string& name : came_again_)
            unexpected_.push_back({name, "task_name", name});
    }
    return step::done;
}

pager::step pager::add(cloud::page page) {
    note_total(page);
    unexpected_.insert(unexpected_.end(), page.unexpected.begin(), page.unexpected.end());

    if (!note_)
        note_ = std::move(page.note);

    const std::size_t names_before = tasks_.size();
    take_tasks_of(page);
    received_ += page.records;
    unusable_ += page.unusable;
    const bool shorter = page.records < shortest_page_; // false for the first page: shortest_page_ is 0
    shortest_page_ = pages_ == 0 ? page.records : std::min(shortest_page_, page.records);
    ++pages_;

    if (page.records == 0) {
        ended_at_empty_page_ = true;
        return end();
    }
    ended_at_shorter_page_ = shorter; // overwritten by every page: only the last one counts
    // A page without a new name: the server does not advance, or repeats records beyond the end of the list.
    // Reading on would not end.
    const bool has_new_name = tasks_.size() > names_before;
    if (!has_new_name && pages_ > 1)
        return end();
    if (received_ > max_records)
        return step::too_many;
    if (!has_new_name)
        return end();
    // After a page as full as was asked for there may be more records than total_count says, so one more page
    // is read to make sure.
    if (total_ && received_ >= *total_ && page.records < limit_)
        return end();
    return step::read_on;
}

bool pager::consistent() const {
    if (!totals_agree_)
        return false;
    return total_ ? seen() == *total_ : ended_by_itself();
}

bool pager::contradicts_its_total() const {
    return counts_pages() ? received_ > 0 : totals_agree_ && total_ && received_ > 0 && seen() != *total_;
}

std::set<std::string> pager::names() const {
    std::set<std::string> names;
    for (const auto& [name, task] : tasks_)
        names.insert(name);
    return names;
}

} // namespace replmond::tracking
