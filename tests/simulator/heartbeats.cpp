#include "tests/simulator/heartbeats.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace chrono = std::chrono;

namespace replmond::simulator {
namespace {

constexpr std::size_t most_writes =
    10'000; // of a table: hours of them, so that even a long lag finds its row

// The real moment of `when`, which lies between two moments that are known on both clocks.
wall_time between(virtual_time when, virtual_time from, wall_time real_from, const instant& to) {
    const double share =
        static_cast<double>((when - from).count()) / static_cast<double>((to.now - from).count());
    const double span = static_cast<double>((to.real - real_from).count());
    return real_from + chrono::microseconds(static_cast<std::int64_t>(span * share));
}

} // namespace

void heartbeat_book::write(const std::string& taurusdb, const table_name& table, wall_time when) {
    auto& rows = writes_[{taurusdb, table}];
    if (rows.size() == most_writes)
        rows.pop_front();
    rows.push_back(when);
}

bool heartbeat_book::written(const std::string& taurusdb, const table_name& table) const {
    return writes_.contains({taurusdb, table});
}

std::optional<wall_time> heartbeat_book::newest(const std::string& taurusdb, const table_name& table,
                                                wall_time limit) const {
    const auto found = writes_.find({taurusdb, table});
    if (found == writes_.end())
        return limit;
    const auto& rows = found->second;
    const auto later = std::upper_bound(rows.begin(), rows.end(), limit);
    if (later == rows.begin())
        return std::nullopt;
    return *std::prev(later);
}

std::optional<wall_time> heartbeat_book::follow(const std::string& instance, const std::string& task,
                                                const following& how, const instant& at) {
    const auto [entry, is_new] = progress_.try_emplace({instance, task});
    auto& seen = entry->second;
    if (how.active)
        seen.until = at.real;
    else if (how.until && is_new)
        seen.until = at.real - (at.now - *how.until); // as though the speed were 1
    else if (how.until && *how.until > seen.now)
        seen.until = between(*how.until, seen.now, seen.real, at);
    seen.now = at.now;
    seen.real = at.real;
    return seen.until;
}

std::string heartbeat_text(wall_time heartbeat, heartbeat_form form) {
    const auto since = heartbeat.time_since_epoch();
    if (form == heartbeat_form::seconds)
        return fmt::format("{}", chrono::floor<chrono::seconds>(since).count());
    if (form == heartbeat_form::milliseconds)
        return fmt::format("{}", chrono::floor<chrono::milliseconds>(since).count());
    if (form == heartbeat_form::microseconds)
        return fmt::format("{}", since.count());

    std::string text = iso_time(heartbeat);
    text.pop_back(); // Z
    if (form == heartbeat_form::text)
        std::replace(text.begin(), text.end(), 'T', ' ');
    return text;
}

} // namespace replmond::simulator
