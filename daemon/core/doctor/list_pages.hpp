#pragma once

#include "daemon/core/cloud/task_page.hpp"
#include "daemon/core/doctor/fields.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace replmond::doctor {

/// One page of a list, as it was asked for and as it came.
struct list_page {
    std::size_t offset = 0;
    std::size_t records = 0;
    std::size_t fresh = 0; ///< names that no page of this reading had before
    std::optional<std::uint64_t> total_count;
    bool has_unreadable_total = false;
};

/// One pass over the pages of a list.
struct list_pass {
    int limit = 0;
    std::vector<list_page> pages;
    bool failed = false; ///< the page after those was not to be had

    std::size_t records() const;
    std::size_t names() const; ///< different ones
};

/// What the list of one StarRocks instance was like.
struct list_form {
    std::string instance; ///< its name
    std::size_t tasks = 0;
    counts stages; ///< by the word as it was sent; `other`, `absent`
    counts statuses;
    std::vector<list_pass> passes;
};

/// Takes in the pages of one pass, one after the other, and says when it is over. A pass goes on after the
/// last record, to see what is there; but never further than `max_records` (tracking), nor than 200 pages.
class pass_reader {
public:
    explicit pass_reader(int limit) { pass_.limit = limit; }

    std::size_t offset() const { return offset_; }
    /// True if another page is to be asked for.
    bool take(const cloud::page& page);
    void fail() { pass_.failed = true; }

    const list_pass& pass() const { return pass_; }
    const std::set<std::string>& names() const { return names_; }

private:
    list_pass pass_;
    std::size_t offset_ = 0;
    std::set<std::string> names_;
};

/// Adds the words of a page's stages and statuses. `body`: the page as it was received.
void count_words(std::string_view body, list_form& into);

/// The page size of a second pass that shows what `total_count` counts; nothing where the first one showed it
/// or cannot.
std::optional<int> limit_of_second_pass(const list_pass& first);

/// `all`, `page`, `other`, `absent`, `unreadable` or `unknown` (docs/doctor.md, Lists).
std::string_view total_counts(const list_form& list);
/// Nothing where no page was followed by another one with new names.
std::optional<bool> has_short_pages(const list_form& list);
/// The page size with which the daemon sees the whole list; nothing where the one asked for will do. Where
/// pages come shorter than asked for and total_count counts only those of the page, a first page that is not
/// full looks like the whole list.
std::optional<std::size_t> page_size_needed(const list_form& list);
/// `empty`, `repeats`, `error`; empty where no page after the last record was asked for.
std::string_view beyond_the_end(const list_form& list);

} // namespace replmond::doctor
