// One listing of a project's instances: which call is next, and whether all answers together prove that an
// instance that they do not contain is gone.

#include "daemon/core/tracking/listing.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace replmond::tracking {

namespace {

// Converts a page of instances to a page of tasks, the id as the task's name, so that list_reading can apply
// its rules of completeness.
cloud::page as_page(cloud::instances_page page) {
    cloud::page same;
    same.total_count = page.total_count;
    same.records = page.records;
    same.unusable = page.unusable;
    same.unexpected = std::move(page.unexpected);
    for (cloud::taurusdb_instance& one : page.instances) {
        task_reading named;
        named.name = std::move(one.id);
        same.tasks.push_back(std::move(named));
    }
    return same;
}

} // namespace

milliseconds gap_between_calls(milliseconds interval, std::size_t last_calls) {
    if (last_calls == 0)
        return milliseconds(0);
    return interval / static_cast<milliseconds::rep>(last_calls + 1);
}

listing_memory after_failed_listing(listing_memory memory) {
    memory.pages = after_failed_poll(std::move(memory.pages));
    return memory;
}

listing_progress::listing_progress(listing_memory memory)
    : memory_(std::move(memory)), pages_(memory_.pages, {}, instances_page_size) {}

listing_progress::step listing_progress::add(cloud::instances_page page) {
    ++read_.calls;
    if (page.unusable > 0)
        read_.proves_absence = false; // without an id its HTAP instances cannot be asked for
    switch (pages_.add(as_page(std::move(page)))) {
    case list_reading::step::read_on:
        return step::read_page;
    case list_reading::step::too_many:
        return step::too_many;
    case list_reading::step::done:
        break;
    }
    reading seen = pages_.take_reading();
    memory_.pages = pages_.memory();
    if (!seen.consistent)
        return step::inconsistent;

    pages_done_ = true;
    read_.unexpected = std::move(seen.unexpected);
    if (seen.distrusted_total)
        read_.unexpected.push_back({"", "total_count", std::to_string(*seen.distrusted_total)});
    for (const auto& [id, unused] : seen.tasks)
        to_ask_.push_back(id);
    return next();
}

listing_progress::step listing_progress::add(cloud::htap_list list) {
    ++read_.calls;
    ++next_to_ask_;
    if (!list.proves_absence())
        read_.proves_absence = false;
    std::move(list.unexpected.begin(), list.unexpected.end(), std::back_inserter(read_.unexpected));
    for (cloud::starrocks_instance& one : list.starrocks) {
        read_.addresses.insert_or_assign(one.id, std::move(one.address));
        read_.found.insert_or_assign(std::move(one.id), std::move(one.name));
    }
    return read_.found.size() > max_records ? step::too_many : next();
}

listing_progress::step listing_progress::next() const {
    return next_to_ask_ < to_ask_.size() ? step::ask_htap : step::done;
}

std::size_t listing_progress::calls_left() const {
    if (pages_done_)
        return to_ask_.size() - next_to_ask_;
    return memory_.last_calls > read_.calls ? memory_.last_calls - read_.calls : 1;
}

listing listing_progress::take_listing() {
    memory_.last_calls = read_.calls;
    return std::move(read_);
}

} // namespace replmond::tracking
