#pragma once

#include "daemon/core/model/event_kinds.hpp"
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

/// The level of an event's log line.
enum class severity { debug, info, warn, error };

/// DEBUG, INFO, WARN, ERROR.
std::string_view to_string(severity value);

/// A number as text, so that it is printed with exactly these digits.
struct decimal {
    std::string text; ///< a JSON number (RFC 8259 6), such as 42 or 42.5
    bool operator==(const decimal&) const = default;
};

using field_value = std::variant<std::string, decimal, bool>;

/// An event: something that happened to a task, a poll, an instance or the daemon and is logged as one line
/// (the contract, Log events). Keys whose value is not known are left out, never printed empty.
struct event {
    std::string name; ///< the word after event=, such as stage_transition
    severity level = severity::info;
    timestamp time{};
    std::string message; ///< English, for people
    std::string project; ///< empty: the event is about the whole daemon
    std::string starrocks_instance;
    std::string task;
    std::vector<std::pair<std::string, field_value>> fields; ///< in the order in which they are printed
    std::optional<std::uint64_t> id;                         ///< event_id, for events that are stored

    // Append a field and return the event itself.
    event& with(std::string key, std::string_view value);
    event& with(std::string key, const char* value) { return with(std::move(key), std::string_view(value)); }
    event& with(std::string key, bool value);
    event& with(std::string key, decimal value);
    event& with(std::string key, std::int64_t value);
    event& with(std::string key, int value) { return with(std::move(key), static_cast<std::int64_t>(value)); }

    /// Adds the field only if there is a value.
    template<class T>
    event& with(std::string key, const std::optional<T>& value) {
        return value ? with(std::move(key), *value) : *this;
    }

    /// The field's value, or nullptr.
    const field_value* find(std::string_view key) const;

    bool operator==(const event&) const = default;
};

/// Every event is made by this function; its fields are added afterwards. An empty `project`, `instance` or
/// `task` is left out. If all three are empty, the event is about the whole daemon.
event make_event(event_name name, severity level, timestamp time, std::string message,
                 std::string project = {}, std::string instance = {}, std::string task = {});

// The largest sizes of texts, in bytes unless said otherwise.

/// The contract, What a poll does: the longest names that are accepted. They are longer than the cloud's
/// documents allow (API.md, section 2: 128 characters, source 1,024).
inline constexpr std::size_t longest_task_name = 512;
inline constexpr std::size_t longest_database_name = 512;
inline constexpr std::size_t longest_source_database_name = 4096; ///< the source may be a list of databases
inline constexpr std::size_t longest_instance_note = 256;         ///< characters (the contract, Log events)

/// Roughly how many bytes of memory an event takes: the event, its fields and all texts.
std::size_t bytes_of(const event& e);

/// Limits the log lines of events that may come at any rate: the first one of its kind is logged, then at
/// most one an interval. Each line says how many events it stands for. No I/O.
class line_limit {
public:
    using time = std::chrono::steady_clock::time_point;

    explicit line_limit(std::chrono::steady_clock::duration interval) : interval_(interval) {}

    /// Counts an event. Returns how many have come since the last line, including this one, if a line should
    /// be logged now; else nothing. `kind`: one of a small set of names, since each is kept in memory for
    /// good.
    std::optional<std::uint64_t> admit(std::string_view kind, time now);

private:
    struct entry {
        time next;                    ///< no line before this time
        std::uint64_t suppressed = 0; ///< events since the last line
    };

    std::chrono::steady_clock::duration interval_;
    std::map<std::string, entry, std::less<>> kinds_;
};

} // namespace replmond
