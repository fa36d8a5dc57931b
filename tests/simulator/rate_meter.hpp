#pragma once

#include "tests/simulator/access_spec.hpp"
#include "tests/simulator/clock.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace replmond::simulator {

/// Counts each caller's requests in a sliding window of real time, whatever the virtual clock does: it is the
/// client's pace that is judged. Without a limit it only counts, in windows of 5 minutes.
class rate_meter {
public:
    explicit rate_meter(std::optional<rate_spec> limit) : limit_(limit) {}

    /// Counts one request; false where it is one too many. Requests that are one too many are not in the
    /// window.
    bool admit(std::string_view caller, wall_time real);

    void set_limit(std::optional<rate_spec> limit) { limit_ = limit; }

    /// `policy user over ratelimit,limit:200,time:5 minute`
    std::string text() const;

    boost::json::object to_json() const;

private:
    struct entry {
        std::deque<wall_time> window;
        std::size_t most = 0; // ever in one window
        std::uint64_t refused = 0;
    };

    std::optional<rate_spec> limit_;
    std::map<std::string, entry, std::less<>> entries_;
};

} // namespace replmond::simulator
