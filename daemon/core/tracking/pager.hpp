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

/// More records than this in one reading are refused: no instance has them, a server without an end does.
inline constexpr std::size_t max_records = 10'000;

/// The bookkeeping of one pass over an instance's pages: where to read on, when to stop, whether the pages
/// agree. Knows no socket: the poller feeds it pages until it is done.
class pager {
public:
    enum class step { read_on, done, too_many };

    /// `limit`: page size asked for, 1..100. With `ignore_total`, `total_count` is treated as absent: this
    /// instance has shown that it means something else there.
    pager(int limit, bool ignore_total);

    /// Where the next page begins: the number of records received so far (a server may serve fewer than
    /// asked).
    std::size_t offset() const { return received_; }

    /// Takes the next page in and says what to do.
    step add(cloud::page page);

    /// After `done`: every page reported the same total_count and that many different names were seen; where
    /// it was absent, the reading ended at an empty page or at one shorter than those before it.
    bool consistent() const;

    /// As consistent(), but as if no total_count had been reported.
    bool ended_by_itself() const { return ended_at_empty_page_ || ended_at_shorter_page_; }

    /// One total_count on all pages, at least one record, and a different number of names.
    bool contradicts_its_total() const;

    /// Tasks by name. Of a name that came twice, an abnormal record beats a normal one; else the later
    /// counts.
    const std::map<std::string, task_reading>& tasks() const { return tasks_; }
    std::map<std::string, task_reading> take_tasks() { return std::move(tasks_); }

    std::set<std::string> names() const;
    bool saw_unusable_names() const { return unusable_ > 0; }
    std::optional<std::uint64_t> last_total() const { return total_; }
    /// What could not be read, and after `done` the names that came more than once, each once. Such a name
    /// says nothing where `total_count` changed from page to page, since then the list moved while it was
    /// read; nor on a page that only repeats what is known once all is received: so some servers end a list.
    const std::vector<unexpected_value>& unexpected() const { return unexpected_; }

    /// `ext_text` of the first page that has one.
    const std::optional<std::string>& note() const { return note_; }

private:
    void note_total(const std::optional<std::uint64_t>& total);
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
    std::optional<std::uint64_t> total_; ///< of the latest page
    bool totals_agree_ = true;
    bool ended_at_empty_page_ = false;
    bool ended_at_shorter_page_ = false;
    std::map<std::string, task_reading> tasks_;
    std::set<std::string> came_again_; ///< names
    std::vector<unexpected_value> unexpected_;
    std::optional<std::string> note_;
};

} // namespace replmond::tracking
