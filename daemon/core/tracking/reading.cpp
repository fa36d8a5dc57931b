// One poll as a sequence of passes over the pages. An inconsistent pass is repeated, and a loss is confirmed
// by a second pass (the contract, What a poll does).

#include "daemon/core/tracking/reading.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace replmond::tracking {

namespace {

constexpr int repeats_of_inconsistent = 2;
constexpr int contradictions_to_distrust = 3;
// More than 10,000 records take. A list that is larger is not kept, and is decoded at every poll.
constexpr std::size_t most_bytes_kept = 4 * 1024 * 1024;

void end_row(reading_memory& memory) {
    memory.contradictions = 0;
    memory.contradicting_names.clear();
}

} // namespace

reading_memory after_failed_poll(reading_memory memory) {
    memory.last_inconsistent = false;
    memory.pages.clear();
    end_row(memory);
    return memory;
}

list_reading::list_reading(reading_memory memory, names known, int limit)
    : memory_(std::move(memory)), known_(std::move(known)), limit_(limit),
      pass_(limit, memory_.total_ignored),
      // After an inconsistent poll there is only one pass: it is enough to see whether the list is consistent
      // again, and saves requests.
      repeats_left_(memory_.last_inconsistent ? 0 : repeats_of_inconsistent) {
    if (memory_.pages_limit != limit)
        memory_.pages.clear();
}

std::size_t list_reading::offset() const {
    return may_be_unchanged() ? memory_.pages[same_].offset : pass_.offset();
}

std::shared_ptr<const std::string> list_reading::known_body() const {
    return may_be_unchanged() ? memory_.pages[same_].body : nullptr;
}

// If all pages of the last poll come again with the same bytes, the list ends where it ended then, and the
// reading is consistent like the last one.
list_reading::step list_reading::add(cloud::page page) {
    if (page.same) {
        unchanged_ = ++same_ == memory_.pages.size();
        consistent_ = unchanged_;
        return unchanged_ ? step::done : step::read_on;
    }
    if (first_pass_) {
        decode_skipped_pages();
        pages_.push_back({pass_.offset(), page.body});
    }
    switch (pass_.add(std::move(page))) {
    case pager::step::read_on:
        return step::read_on;
    case pager::step::too_many:
        return step::too_many;
    case pager::step::done:
        break;
    }
    return end_of_pass();
}

// A page differs from the last poll: the pages before it, which were skipped because they were the same, are
// decoded and added now.
void list_reading::decode_skipped_pages() {
    for (std::size_t i = 0; i < same_; ++i) {
        known_page& before = memory_.pages[i];
        pass_.add(*cloud::decode_page(*before.body));
        pages_.push_back(std::move(before));
    }
    same_ = 0;
    memory_.pages.clear();
}

// Decides at the end of a pass whether to read once more: an inconsistent pass is repeated while repeats are
// left; a consistent pass that lacks known tasks is followed by a second one, and only tasks that both lack
// are gone.
list_reading::step list_reading::end_of_pass() {
    consistent_ = pass_.consistent();
    if (!consistent_ && pass_.proves_total_of_page())
        distrust_total();
    if (!consistent_) {
        if (repeats_left_ > 0) {
            --repeats_left_;
            return read_again();
        }
        learn_about_total();
    } else {
        end_row(memory_);
    }

    if (consistent_) {
        const std::set<std::string> missing = lost();
        if (!missing.empty() && !lost_before_) {
            lost_before_ = missing;
            return read_again();
        }
        if (lost_before_)
            std::set_intersection(missing.begin(), missing.end(), lost_before_->begin(), lost_before_->end(),
                                  std::back_inserter(gone_));
    }
    memory_.last_inconsistent = !consistent_;
    keep_pages();
    return step::done;
}

void list_reading::keep_pages() {
    const bool tells_all = consistent_ && first_pass_ && pass_.unexpected().empty() && !distrusted_total_;
    std::size_t bytes = 0;
    for (const known_page& page : pages_)
        bytes += page.body ? page.body->size() : most_bytes_kept;
    memory_.pages.clear();
    if (tells_all && bytes < most_bytes_kept)
        memory_.pages = std::move(pages_);
    memory_.pages_limit = limit_;
}

list_reading::step list_reading::read_again() {
    pass_ = pager(limit_, memory_.total_ignored);
    first_pass_ = false;
    return step::read_on;
}

void list_reading::distrust_total() {
    memory_.total_ignored = true;
    end_row(memory_);
    distrusted_total_ = pass_.last_total();
    consistent_ = pass_.ended_by_itself();
}

// Three polls in a row that saw the same names, each with a total_count that differs from their number: from
// now on total_count is ignored for this instance (the contract, What a poll does).
void list_reading::learn_about_total() {
    if (!pass_.contradicts_its_total()) {
        end_row(memory_);
        return;
    }
    std::set<std::string> seen = pass_.names();
    const bool same = seen == memory_.contradicting_names;
    memory_.contradictions = same ? memory_.contradictions + 1 : 1;
    memory_.contradicting_names = std::move(seen);
    if (memory_.contradictions == contradictions_to_distrust)
        distrust_total();
}

// The known tasks that this pass lacks. If the pass has a record with an unusable name, that record may be
// one of them, so none counts as lost.
std::set<std::string> list_reading::lost() const {
    std::set<std::string> missing;
    if (pass_.saw_unusable_names() || !known_)
        return missing;
    for (const std::string& name : known_()) {
        if (!pass_.tasks().contains(name))
            missing.insert(name);
    }
    return missing;
}

reading list_reading::take_reading() {
    reading learned;
    learned.consistent = consistent_;
    learned.unchanged = unchanged_;
    learned.unexpected = pass_.unexpected();
    learned.note = pass_.note();
    learned.tasks = pass_.take_tasks();
    learned.gone = std::move(gone_);
    learned.distrusted_total = distrusted_total_;
    return learned;
}

} // namespace replmond::tracking
