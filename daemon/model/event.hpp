#pragma once

#include "daemon/model/time.hpp"

#include <cstdint>
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

} // namespace replmond
