#include "tests/simulator/rate_meter.hpp"

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace json = boost::json;

namespace replmond::simulator {

bool rate_meter::admit(std::string_view caller, wall_time real) {
    auto& [window, most, refused] = entries_[std::string(caller)];
    const auto length = limit_.value_or(rate_spec{}).window;
    while (!window.empty() && window.front() <= real - length)
        window.pop_front();
    if (limit_ && static_cast<std::int64_t>(window.size()) >= limit_->requests) {
        ++refused;
        return false;
    }
    window.push_back(real);
    most = std::max(most, window.size());
    return true;
}

std::string rate_meter::text() const {
    const auto limit = limit_.value_or(rate_spec{});
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(limit.window).count();
    const bool whole = seconds % 60 == 0;
    return fmt::format("policy user over ratelimit,limit:{},time:{} {}", limit.requests,
                       whole ? seconds / 60 : seconds, whole ? "minute" : "second");
}

json::object rate_meter::to_json() const {
    json::array callers;
    for (const auto& [name, counts] : entries_)
        callers.push_back({{"caller", name},
                           {"in_window", counts.window.size()},
                           {"most_in_a_window", counts.most},
                           {"refused", counts.refused}});
    json::object shown{{"limit", nullptr}, {"callers", std::move(callers)}};
    if (limit_)
        shown["limit"] = {{"requests", limit_->requests}, {"window_ms", limit_->window.count()}};
    return shown;
}

} // namespace replmond::simulator
