#pragma once

#include "daemon/core/cloud/task_page.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace replmond::tracking {

/// A list with more records than this is refused (the contract, What a poll does). No instance has as many; a
/// faulty server may send pages without end.
inline constexpr std::size_t max_records = 10'000;

/// The state of one pass over an instance's pages: where the next page begins, when to stop, whether the
/// pages agree (the contract, What a poll does). No I/O: the caller passes it pages until it is done.
class pager {
public:
    enum class step { read_on, done, too_many };

    /// `limit`: the page size asked for, 1..100. With `ignore_total`, `total_count` is treated as absent,
    /// because earlier readings have shown that for this instance it is not the number of records.
    pager(int limit, bool ignore_total);

    /// Where the next page begins: the number of records received so far, since a server may send fewer
    /// records than were asked for.
    std::size_t offset() const { return received_; }

    /// Takes in the next page and says what to do. too_many: more than max_records were received.
    step add(cloud::page page);

    /// After `done`: every page reported the same total_count and as many different names were seen. Where
    /// total_count was absent: the list ended at an empty page, or at one shorter than the pages before it.
    bool consistent() const;

    /// The result that consistent() would have if no total_count had been reported.
    bool ended_by_itself() const { return ended_at_empty_page_ || ended_at_shorter_page_; }

    /// True if there was at least one record, and the names differ in number from a total_count that is the
    /// same on all pages, or each of several pages reported its own number of records.
    bool contradicts_its_total() const;

    /// After `done`: total_count certainly counts the records of each page only. Every page reported its own
    /// number, these numbers differ, and a later page had nothing but new names.
    bool proves_total_of_page() const { return counts_pages() && later_pages_are_new_; }

    /// Tasks by name. If a name came twice, status `No` beats `Yes`; otherwise the later record counts.
    const std::map<std::string, task_reading>& tasks() const { return tasks_; }
    std::map<std::string, task_reading> take_tasks() { return std::move(tasks_); }

    std::set<std::string> names() const;
    /// True if a record had no usable name, so that it may be any task.
    bool saw_unusable_names() const { return unusable_ > 0; }
    std::optional<std::uint64_t> last_total() const { return total_; }
    /// Values that could not be read, and after `done` the names that came more than once, each name once. A
    /// repeated name is not reported where `total_count` changed from page to page, because then the list
    /// changed while it was read. It is not reported either on a page after all records were received that
    /// only repeats known names: some servers answer so beyond the end of a list.
    const std::vector<unexpected_value>& unexpected() const { return unexpected_; }

    /// `ext_text` of the first page that has one.
    const std::optional<std::string>& note() const { return note_; }

private:
    void note_total(const cloud::page& page);
    bool has_only_new_names(const cloud::page& page) const;
    bool counts_pages() const { return pages_ > 1 && totals_are_of_pages_ && !totals_agree_; }
    const std::string* take_task(task_reading task);
    void take_tasks_of(cloud::page& page);
    step end();
    std::uint64_t seen() const { return tasks_.size() + unusable_; }

    std::size_t limit_;
    bool ignore_total_;
    std::size_t pages_ = 0;
    std::size_t received_ = 0;
    std::size_t unusable_ = 0;
    std::size_t shortest_page_ = 0;
    std::optional<std::uint64_t> total_; ///< total_count of the latest page
    bool totals_agree_ = true;
    bool totals_are_of_pages_ = true;  ///< every page so far reported its own number of records
    bool later_pages_are_new_ = false; ///< a page behind the first one had records, and only new names
    bool ended_at_empty_page_ = false;
    bool ended_at_shorter_page_ = false;
    std::map<std::string, task_reading> tasks_;
    std::set<std::string> came_again_; ///< names that came more than once
    std::vector<unexpected_value> unexpected_;
    std::optional<std::string> note_;
};

} // namespace replmond::tracking
