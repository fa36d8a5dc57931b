#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace replmond {

/// Which of events that may come in any number get a line in the log: the first of its kind, then one an
/// interval. Each line says how many it stands for. Pure.
class line_limit {
public:
    using time = std::chrono::steady_clock::time_point;

    explicit line_limit(std::chrono::steady_clock::duration interval) : interval_(interval) {}

    /// How many have come since the line before, this one included; none: no line now. `kind`: one of a few,
    /// since each is kept.
    std::optional<std::uint64_t> admit(std::string_view kind, time now);

private:
    struct entry {
        time next; ///< before it, no line
        std::uint64_t unsaid = 0;
    };

    std::chrono::steady_clock::duration interval_;
    std::map<std::string, entry, std::less<>> kinds_;
};

} // namespace replmond
