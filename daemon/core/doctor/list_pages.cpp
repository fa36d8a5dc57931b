// How doctor reads an instance's list, and what its pages tell about paging.

#include "daemon/core/doctor/list_pages.hpp"

#include "daemon/core/cloud/json.hpp"
#include "daemon/core/doctor/known_names.hpp"
#include "daemon/core/model/text.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace replmond::doctor {

namespace json = boost::json;

namespace {

constexpr std::size_t most_pages = 200;
constexpr std::size_t most_records = 10'000;

std::string word_in(const json::object& record, std::string_view field) {
    const json::value* value = record.if_contains(field);
    if (value == nullptr || value->is_null())
        return "absent";
    if (!value->is_string())
        return "other";
    const auto word = trimmed(value->get_string(), blanks_around_words);
    return is_known_word(call::list, part::record, field, word) ? std::string(word) : "other";
}

bool has_total(const list_page& page) {
    return page.total_count.has_value();
}

} // namespace

std::size_t list_pass::records() const {
    std::size_t sum = 0;
    for (const list_page& page : pages)
        sum += page.records;
    return sum;
}

std::size_t list_pass::names() const {
    std::size_t sum = 0;
    for (const list_page& page : pages)
        sum += page.fresh;
    return sum;
}

bool pass_reader::take(const cloud::page& page) {
    list_page seen;
    seen.offset = offset_;
    seen.records = page.records;
    seen.total_count = page.total_count;
    seen.has_unreadable_total =
        std::any_of(page.unexpected.begin(), page.unexpected.end(),
                    [](const unexpected_value& each) { return each.field == "total_count"; });
    for (const task_reading& task : page.tasks)
        seen.fresh += names_.insert(task.name).second ? 1U : 0U;
    offset_ += page.records;
    pass_.pages.push_back(seen);
    return seen.records > 0 && seen.fresh > 0 && offset_ <= most_records && pass_.pages.size() < most_pages;
}

void count_words(std::string_view body, list_form& into) {
    json::error_code error;
    const json::value document = cloud::parse_exactly(body, error);
    if (error || !document.is_object())
        return;
    const json::value* records = document.get_object().if_contains(records_of(call::list));
    if (records == nullptr || !records->is_array())
        return;
    for (const json::value& record : records->get_array()) {
        if (!record.is_object())
            continue;
        ++into.stages[word_in(record.get_object(), "stage")];
        ++into.statuses[word_in(record.get_object(), "status")];
    }
}

std::optional<int> limit_of_second_pass(const list_pass& first) {
    if (first.failed || first.pages.empty())
        return std::nullopt;
    // Names, not records: beyond the end some servers send the last records once more.
    const std::size_t names = first.names();
    const bool is_on_one_page = first.pages.front().fresh == names;
    if (!is_on_one_page || names < 2)
        return std::nullopt;
    return static_cast<int>(std::min<std::size_t>(names / 2, 100));
}

std::string_view total_counts(const list_form& list) {
    bool is_seen = false;
    bool may_be_all = true;
    bool may_be_page = true;
    bool is_told_apart = false;
    for (const list_pass& pass : list.passes) {
        const std::size_t names = pass.names();
        for (const list_page& page : pass.pages) {
            if (page.has_unreadable_total)
                return "unreadable";
            if (!has_total(page))
                continue;
            is_seen = true;
            may_be_all = may_be_all && (pass.failed || *page.total_count == names);
            may_be_page = may_be_page && *page.total_count == page.records;
            is_told_apart = is_told_apart || (!pass.failed && page.records > 0 && page.records != names);
        }
    }
    if (list.passes.empty() || list.passes.front().pages.empty())
        return "unknown";
    if (!is_seen)
        return "absent";
    if (!is_told_apart)
        return may_be_all || may_be_page ? "unknown" : "other";
    return may_be_all ? "all" : may_be_page ? "page" : "other";
}

std::optional<bool> has_short_pages(const list_form& list) {
    std::optional<bool> is_short;
    for (const list_pass& pass : list.passes) {
        for (std::size_t i = 0; i + 1 < pass.pages.size(); ++i) {
            if (pass.pages[i + 1].fresh > 0)
                is_short =
                    is_short.value_or(false) || pass.pages[i].records < static_cast<std::size_t>(pass.limit);
        }
    }
    return is_short;
}

std::optional<std::size_t> page_size_needed(const list_form& list) {
    if (list.passes.empty() || total_counts(list) != "page")
        return std::nullopt;
    const list_pass& first = list.passes.front();
    const auto asked = static_cast<std::size_t>(first.limit);
    if (first.pages.front().records >= asked)
        return std::nullopt; // after a full page one more is read, which shows what total_count counts
    std::size_t least = asked;
    for (std::size_t i = 0; i + 1 < first.pages.size(); ++i) {
        if (first.pages[i + 1].fresh > 0)
            least = std::min(least, first.pages[i].records);
    }
    return least < asked && least > 0 ? std::optional(least) : std::nullopt;
}

std::string_view beyond_the_end(const list_form& list) {
    for (auto pass = list.passes.rbegin(); pass != list.passes.rend(); ++pass) {
        if (pass->pages.empty())
            continue;
        if (pass->failed)
            return "error";
        const list_page& last = pass->pages.back();
        if (pass->pages.size() > 1 && last.fresh == 0)
            return last.records == 0 ? "empty" : "repeats";
    }
    return {};
}

} // namespace replmond::doctor
