#pragma once

#include "daemon/core/cloud/inventory.hpp"
#include "daemon/core/model/time.hpp"
#include "daemon/core/tracking/reading.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace replmond::tracking {

/// How many TaurusDB instances are asked for at once: the cloud's maximum (API.md, section 3).
inline constexpr int instances_page_size = 100;

/// What one complete listing found in a project.
struct listing {
    std::map<std::string, std::string> found; ///< StarRocks instances: the cloud's name (may be empty) by id
    std::map<std::string, cloud::sql_address> addresses; ///< of those that were found, by id
    bool proves_absence = true; ///< an instance that is not in `found` does not exist; false if a
                                ///< record could not be used or a count differs
    std::vector<unexpected_value> unexpected;
    std::size_t calls = 0; ///< the number of pages and HTAP lists that were read
};

/// What one listing remembers for the next one of the same project.
struct listing_memory {
    reading_memory pages;       ///< of the pages of TaurusDB instances: whether `total_count` can be trusted
    std::size_t last_calls = 0; ///< `calls` of the last complete listing; 0: there was none
};

/// How long to wait between two calls of a listing, so that as many calls as the last listing needed are
/// spread over the interval. 0 for the first listing: the instances should be found soon after the start.
milliseconds gap_between_calls(milliseconds interval, std::size_t last_calls);

/// The state of one listing. First all pages of TaurusDB instances are read, with the same checks of
/// completeness as task lists (list_reading); then the HTAP instances of each TaurusDB instance are read
/// (API.md, section 3). No I/O: it says which call is next, and the caller passes it the answers. If any call
/// fails, the caller discards the whole listing.
class listing_progress {
public:
    enum class step {
        read_page,    ///< read the page of TaurusDB instances that begins at offset()
        ask_htap,     ///< read the HTAP instances of taurusdb_id()
        done,         ///< the listing is complete
        inconsistent, ///< the pages contradict each other or their count, even when read again
        too_many      ///< more than max_records instances of either kind
    };

    /// The first step is read_page.
    explicit listing_progress(listing_memory memory);

    std::size_t offset() const { return pages_.offset(); }
    const std::string& taurusdb_id() const { return to_ask_.at(next_to_ask_); }

    /// Take in the answer to the last step, and return the next step.
    step add(cloud::instances_page page);
    step add(cloud::htap_list list);

    /// How many calls are left. While pages are read that is not known yet: then estimated from the number of
    /// calls of the last listing, at least 1.
    std::size_t calls_left() const;

    /// To be called once, after `done`.
    listing take_listing();
    /// After `done` or `inconsistent`: what the next listing needs.
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

/// What the next listing needs after a listing of which a call failed.
listing_memory after_failed_listing(listing_memory memory);

} // namespace replmond::tracking
