#pragma once

#include "daemon/core/model/time.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace replmond {

enum class severity { debug, info, warn, error };

/// DEBUG, INFO, WARN, ERROR.
std::string_view to_string(severity value);

/// A number that is printed with just the digits it has; whole numbers and decimals alike.
struct decimal {
    std::string text; ///< a JSON number, such as 42.5
    bool operator==(const decimal&) const = default;
};

using field_value = std::variant<std::string, decimal, bool>;

/// One thing worth a line: something that happened to a task, a poll, an instance or the daemon.
/// Keys that are not known are left out, never printed empty.
struct event {
    std::string name; ///< the word after event=, such as stage_transition
    severity level = severity::info;
    timestamp time{};
    std::string message; ///< English, for people
    std::string project; ///< empty: of the whole daemon
    std::string starrocks_instance;
    std::string task;
    std::vector<std::pair<std::string, field_value>> fields; ///< in the order in which they are printed
    std::optional<std::uint64_t> id;                         ///< event_id, for events that are kept

    event& with(std::string key, std::string_view value);
    event& with(std::string key, const char* value) { return with(std::move(key), std::string_view(value)); }
    event& with(std::string key, bool value);
    event& with(std::string key, decimal value);
    event& with(std::string key, std::int64_t value);
    event& with(std::string key, int value) { return with(std::move(key), static_cast<std::int64_t>(value)); }

    /// Adds the field only where there is a value.
    template<class T>
    event& with(std::string key, const std::optional<T>& value) {
        return value ? with(std::move(key), *value) : *this;
    }

    /// The field's value, or nullptr.
    const field_value* find(std::string_view key) const;

    bool operator==(const event&) const = default;
};

/// The one way to begin an event. What is empty of `project`, `instance` and `task` is not part of it:
/// without all three it is about the whole daemon.
event make_event(std::string name, severity level, timestamp time, std::string message,
                 std::string project = {}, std::string instance = {}, std::string task = {});

// How large things are and may be, in bytes where nothing else is said.

/// As long as the cloud's documents let names be, and some more: what is longer is no name.
inline constexpr std::size_t longest_task_name = 512;
inline constexpr std::size_t longest_database_name = 512;
inline constexpr std::size_t longest_source_database_name = 4096; ///< the source may be a list of databases
inline constexpr std::size_t longest_instance_note = 256; ///< in characters: CONTRACT.md, instance_note

/// What an event takes in memory, about: its texts and what holds them.
std::size_t bytes_of(const event& e);

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
