#pragma once

#include "daemon/core/metrics/instance_families.hpp"
#include "daemon/core/model/instance.hpp"
#include "daemon/core/model/time.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace replmond::web {

/// Appends one JSON object to `json`, member by member, in the order of the calls; the destructor closes it.
/// A value that is not known leaves its key out.
class json_object {
public:
    explicit json_object(std::string& json) : json_(json) { json_ += '{'; }
    ~json_object() { json_ += '}'; }
    json_object(const json_object&) = delete;
    json_object& operator=(const json_object&) = delete;

    json_object& text(std::string_view name, std::optional<std::string_view> value);
    json_object& flag(std::string_view name, std::optional<bool> value);
    json_object& count(std::string_view name, std::uint64_t value);
    json_object& percentage(std::string_view name, std::optional<double> value);
    json_object& time(std::string_view name, std::optional<timestamp> value); ///< RFC 3339, ms, UTC

    /// `value`: a JSON number's text already.
    json_object& number(std::string_view name, std::string_view value);

    /// The key alone: the caller appends the value to the same text.
    void key(std::string_view name);

private:
    std::string& json_;
    bool open_ = false;
};

// The objects of the JSON API, and of `replmond task list --output=json`. A key whose value is not known is
// left out. Times are RFC 3339 in UTC with milliseconds. docs/api.md says what each key means.

/// Appends the object of one task of `of`. Times of change that are not set (the epoch) are not known: a
/// single reading has none.
void append_task_object(std::string& json, const instance_state& of, const task_state& task,
                        const metrics::render_context& context);

/// What an instance's tasks add up to.
struct task_totals {
    std::array<std::size_t, stage_count> stages{}; ///< by stage
    std::size_t abnormal = 0;                      ///< status No
    std::size_t needs_repair = 0;
    std::size_t stale = 0;
};
task_totals add_up(const instance_state& of, const metrics::render_context& context);

/// Appends the object of an instance whose tasks add up to `totals`.
void append_instance_object(std::string& json, const instance_state& of, const task_totals& totals);

/// Appends the members that give totals: `stages`, all six, and the counts beside them.
void append_totals(std::string& json, json_object& object, const task_totals& totals);

} // namespace replmond::web
