#pragma once

#include "daemon/core/tracking/pager.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace replmond::tracking {

/// A page as it was received: its offset, and its bytes if they were kept.
struct known_page {
    std::size_t offset = 0;
    std::shared_ptr<const std::string> body;
};

/// What one poll remembers for the next poll of the same instance.
struct reading_memory {
    bool last_inconsistent = false;
    bool total_ignored = false; ///< total_count has turned out not to be the number of records
    /// Polls in a row with the same names and a total_count that contradicts them.
    int contradictions = 0;
    std::set<std::string> contradicting_names;
    /// The pages of the last poll, if reading the same bytes again tells nothing new: they were read in one
    /// pass, were consistent, every value was readable, and no task was lost. Otherwise empty.
    std::vector<known_page> pages;
    int pages_limit = 0; ///< the page size that `pages` were asked for with; they only hold for that size
};

/// What the next poll needs after a poll that could not read the list. Such a poll does not count as
/// inconsistent, and it ends a row of polls whose names contradict total_count.
reading_memory after_failed_poll(reading_memory memory);

/// What a poll learned.
struct reading {
    bool consistent = false;
    std::map<std::string, task_reading> tasks;
    std::vector<std::string> gone;            ///< tasks known before that are proven not to exist any more
    std::vector<unexpected_value> unexpected; ///< of the last pass only, so that each counts once a poll
    std::optional<std::uint64_t> distrusted_total; ///< total_count, in the poll since which it is ignored
    std::optional<std::string> note;               ///< `ext_text`
    bool unchanged = false; ///< the same bytes as in the last poll; it is consistent, and `tasks` is empty
};

/// One poll as a sequence of passes over the pages. An inconsistent pass is repeated at most twice, and the
/// loss of a task must be confirmed by a second pass (the contract, What a poll does). No I/O: it asks for
/// pages by offset, and the caller passes it the pages.
class list_reading {
public:
    enum class step { read_on, done, too_many };

    using names = std::function<std::set<std::string>()>;

    /// `known` gives the names of the tasks that the instance had before; it is called only if the names are
    /// needed, and may be empty. `limit`: the page size, 1..100.
    list_reading(reading_memory memory, names known, int limit);

    /// Where to read next; 0 again when a new pass begins.
    std::size_t offset() const;

    /// The body that the page at offset() had in the last poll, as long as all pages before it were the same;
    /// else nullptr. If the new body is the same, it need not be decoded: the caller passes a page with
    /// `same` set.
    std::shared_ptr<const std::string> known_body() const;

    /// Takes in the page at offset() and says what to do. too_many: more than max_records were received.
    step add(cloud::page page);

    /// To be called once, after `done`.
    reading take_reading();
    const reading_memory& memory() const { return memory_; }

private:
    bool may_be_unchanged() const { return first_pass_ && same_ < memory_.pages.size(); }
    void decode_skipped_pages();
    void keep_pages();
    step end_of_pass();
    step read_again();
    void distrust_total();
    void learn_about_total();
    std::set<std::string> lost() const;

    reading_memory memory_;
    names known_;
    int limit_;
    pager pass_;
    bool first_pass_ = true;
    std::size_t same_ = 0;          ///< pages that were the same as in the last poll and are not decoded
    std::vector<known_page> pages_; ///< of the first pass
    bool unchanged_ = false;
    int repeats_left_;
    std::optional<std::set<std::string>> lost_before_; ///< tasks lost in one pass, to be confirmed
    std::vector<std::string> gone_;
    bool consistent_ = false;
    std::optional<std::uint64_t> distrusted_total_;
};

} // namespace replmond::tracking
