#pragma once

#include "daemon/core/cloud/inventory.hpp"
#include "daemon/core/model/time.hpp"
#include "daemon/core/tracking/reading.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace replmond::tracking {

/// How many TaurusDB instances are asked for at once: as many as a page may hold.
inline constexpr int instances_page_size = 100;

/// What one complete listing found in a project.
struct listing {
    std::map<std::string, std::string> found; ///< StarRocks instances: the cloud's name, may be empty, by id
    bool proves_absence = true;               ///< false: a record could not be used, or a count differs
    std::vector<unexpected_value> unexpected;
    std::size_t calls = 0; ///< pages and HTAP lists read
};

/// What one listing remembers for the next one of the same project.
struct listing_memory {
    reading_memory pages;       ///< whether the pages can be trusted
    std::size_t last_calls = 0; ///< of the last complete listing; 0: there was none
};

/// How long to wait between two calls of a listing, so that as many as the last one needed are spread over
/// the interval. None for the first listing, which should tell soon what there is.
milliseconds gap_between_calls(milliseconds interval, std::size_t last_calls);

/// The bookkeeping of one listing: the pages of TaurusDB instances first, with the proof of completeness that
/// task lists need too (list_reading), then the HTAP instances of each. Pure: says what to ask, is fed the
/// answers. A listing of which any call fails is given up: it counts for nothing.
class listing_progress {
public:
    enum class step {
        read_page,    ///< instances from offset() on
        ask_htap,     ///< of taurusdb_id()
        done,         ///<
        inconsistent, ///< the pages contradict each other or their count, even when read again
        too_many      ///< more than max_records instances of either kind
    };

    /// Begins with read_page.
    explicit listing_progress(listing_memory memory);

    std::size_t offset() const { return pages_.offset(); }
    const std::string& taurusdb_id() const { return to_ask_.at(next_to_ask_); }

    step add(cloud::instances_page page);
    step add(cloud::htap_list list);

    /// Calls still to come, as far as can be known now: while pages are read, what the last listing needed.
    std::size_t calls_left() const;

    /// After `done`, once.
    listing take_listing();
    /// After `done` or `inconsistent`: what to remember.
    const listing_memory& memory() const { return memory_; }

private:
    step next() const;

    listing_memory memory_;
    list_reading pages_;
    bool pages_done_ = false;
    std::vector<std::string> to_ask_; ///< ids of TaurusDB instances
    std::size_t next_to_ask_ = 0;
    listing read_;
};

/// What to remember where a call failed.
listing_memory after_failed_listing(listing_memory memory);

} // namespace replmond::tracking
