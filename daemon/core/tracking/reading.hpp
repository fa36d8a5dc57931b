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

/// A page as it was received.
struct known_page {
    std::size_t offset = 0;
    std::shared_ptr<const std::string> body;
};

/// What one poll remembers for the next one of the same instance, to judge whether readings can be trusted.
struct reading_memory {
    bool last_inconsistent = false;
    bool total_ignored = false; ///< total_count has shown that it means something else here
    int contradictions = 0;     ///< polls in a row that saw the same names in contradiction to their total
    std::set<std::string> contradicting_names;
    /// The pages of the last poll, where reading them again would tell nothing new: read whole in one pass,
    /// consistent, with every value readable and nobody lost. Else empty.
    std::vector<known_page> pages;
    int pages_limit = 0; ///< as they were asked for: where a list ends depends on the size of its pages
};

/// What to remember where a poll could not be read at all: it was not inconsistent, and it ends a row of
/// polls that contradict their total.
reading_memory after_failed_poll(reading_memory memory);

/// What a poll learned.
struct reading {
    bool consistent = false;
    std::map<std::string, task_reading> tasks;
    std::vector<std::string> gone;                 ///< known before, and proven not to be there any more
    std::vector<unexpected_value> unexpected;      ///< of the last pass, so that each counts once a poll
    std::optional<std::uint64_t> distrusted_total; ///< set in the poll in which trust in total_count ended
    std::optional<std::string> note;               ///< `ext_text`
    bool unchanged = false; ///< the same bytes as at the poll before: consistent, and `tasks` left empty
};

/// One poll as a sequence of passes over the pages: an inconsistent pass is repeated, a loss is confirmed by
/// a second look. Pure: asks for pages by offset, is fed pages.
class list_reading {
public:
    enum class step { read_on, done, too_many };

    using names = std::function<std::set<std::string>()>;

    /// `known`: the names that the instance had before, none without it; asked for only where needed.
    list_reading(reading_memory memory, names known, int limit);

    /// Where to read next; 0 again when a new pass begins.
    std::size_t offset() const;

    /// What that page was at the poll before, while all before it were the same: then it need not be decoded
    /// (page.same).
    std::shared_ptr<const std::string> known_body() const;

    step add(cloud::page page);

    /// After `done`, once: what was learned, and what to remember.
    reading take_reading();
    const reading_memory& memory() const { return memory_; }

private:
    bool may_be_unchanged() const { return first_pass_ && same_ < memory_.pages.size(); }
    pager::step take_in(cloud::page page);
    void catch_up();
    void keep_pages();
    step end_of_pass();
    step read_again();
    void learn_about_total();
    std::set<std::string> lost() const;

    reading_memory memory_;
    names known_;
    int limit_;
    pager pass_;
    bool first_pass_ = true;
    std::size_t same_ = 0;          ///< pages that are the same as before and not decoded yet
    std::vector<known_page> pages_; ///< of the first pass
    bool unchanged_ = false;
    int repeats_left_;
    std::optional<std::set<std::string>> lost_before_; ///< set once a loss is to be confirmed
    std::vector<std::string> gone_;
    bool consistent_ = false;
    std::optional<std::uint64_t> distrusted_total_;
};

} // namespace replmond::tracking
