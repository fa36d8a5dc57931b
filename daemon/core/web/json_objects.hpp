#pragma once

#include "daemon/core/metrics/instance_families.hpp"
#include "daemon/core/model/condition.hpp"
#include "daemon/core/model/instance.hpp"
#include "daemon/core/model/time.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace replmond::web {

/// Appends one JSON object to `json`, member by member, in the order of the calls. The destructor closes the
/// object. If a value is empty (not known), its key is left out.
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

    /// `value`: the text of a JSON number.
    json_object& number(std::string_view name, std::string_view value);

    /// Appends only the key: the caller must append the value to the same text.
    void key(std::string_view name);

private:
    std::string& json_;
    bool open_ = false;
};

// The objects of the JSON API and of `replmond task list --output=json` (the contract, HTTP). A key whose
// value is not known is left out. Times are RFC 3339 in UTC with milliseconds. docs/api.md describes the
// keys.

/// Appends the object of one task of the instance `of`. A time of change that is not set (the epoch) is not
/// known, as in a command, which reads the list only once.
void append_task_object(std::string& json, const instance_state& of, const task_state& task,
                        const metrics::render_context& context);

/// The lag of a task as of the last read; nothing if it is not measured, not known or stale.
std::optional<milliseconds> lag_of(const instance_state& of, const std::string& task,
                                   const metrics::render_context& context);

/// Totals over the tasks of an instance.
struct task_totals {
    std::array<std::size_t, stage_count> stages{}; ///< number of tasks by stage
    std::size_t abnormal = 0;                      ///< tasks with status `No`
    std::size_t needs_repair = 0;
    std::size_t behind = 0;
    std::size_t no_progress = 0;
    std::size_t status_unknown = 0;
    std::size_t stale = 0;       ///< outdated: see condition
    std::size_t lag_unknown = 0; ///< their lag cannot be read any more
    std::size_t gone = 0;        ///< main tasks that are not listed any more: see is_gone()
    std::size_t wrong = 0;       ///< tasks with any condition, and those that are gone

    task_totals& operator+=(const task_totals& other);
};
/// Computes the totals of an instance.
task_totals add_up(const instance_state& of, const look_time& at);

/// Appends the object of an instance. `totals`: those of its tasks.
void append_instance_object(std::string& json, const instance_state& of, const task_totals& totals);

/// Appends the members `stages` (with all six stages), `abnormal`, `needs_repair`, `behind`, `no_progress`,
/// `status_unknown`, `stale`, `lag_unknown`, `gone` and `wrong`.
void append_totals(std::string& json, json_object& object, const task_totals& totals);

} // namespace replmond::web
