// Instances and tasks as rows. A poll writes only the tasks that it changed.

#include "daemon/store/instance_rows.hpp"

#include "daemon/core/model/event.hpp"
#include "daemon/core/model/text.hpp"
#include "daemon/store/event_rows.hpp"
#include "daemon/store/record.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <type_traits>

namespace replmond::store {

namespace {

// Writes a task's values to columns. Stages and statuses are stored as words, so that a new stage cannot
// change the meaning of stored numbers.
class binder {
public:
    binder(statement& to, int at) : to_(to), at_(at) {}

    template<class T>
    void operator()(const char*, const std::optional<T>& value) {
        if (value)
            put(*value);
        else
            to_.bind_null(at_++);
    }
    template<class T>
    void operator()(const char*, const T& value) {
        put(value);
    }

private:
    void put(const std::string& value) { to_.bind(at_++, value); }
    void put(double value) { to_.bind(at_++, value); }
    void put(stage value) { to_.bind(at_++, to_string(value)); }
    void put(status value) { to_.bind(at_++, to_string(value)); }
    void put(timestamp value) { put(std::int64_t{value.time_since_epoch().count()}); }
    void put(std::int64_t value) { to_.bind(at_++, value); }
    void put(int value) { put(std::int64_t{value}); }
    void put(bool value) { put(std::int64_t{value}); }

    statement& to_;
    int at_;
};

// Reads what binder writes.
class column_reader {
public:
    column_reader(const statement& from, int at) : from_(from), at_(at) {}

    template<class T>
    void operator()(const char* name, std::optional<T>& into) {
        take(into);
        ++at_;
        if (into && !is_possible(*into) && damaged_ == nullptr)
            damaged_ = name;
    }
    template<class T>
    void operator()(const char* name, T& into) {
        std::optional<T> value;
        (*this)(name, value);
        if (value)
            into = *value;
    }

    /// The first column with a value that replmond never writes; nullptr if there is none.
    const char* damaged() const { return damaged_; }

private:
    static bool is_possible(const std::string& text) { return is_valid_utf8(text); }
    static bool is_possible(double percentage) { return percentage >= 0 && percentage <= 100; }
    static bool is_possible(timestamp time) { return is_possible_time(time); }
    template<class T>
    static bool is_possible(const T&) {
        return true;
    }

    void take(std::optional<std::string>& into) const { into = from_.text(at_); }
    void take(std::optional<double>& into) const { into = from_.real(at_); }
    void take(std::optional<stage>& into) const {
        if (const auto word = from_.text(at_))
            into = parse_stage(*word);
    }
    void take(std::optional<status>& into) const {
        if (const auto word = from_.text(at_))
            into = parse_status(*word);
    }
    void take(std::optional<timestamp>& into) const {
        if (const auto number = from_.integer(at_))
            into = timestamp(milliseconds(*number));
    }
    template<class Integer>
    std::enable_if_t<std::is_integral_v<Integer>> take(std::optional<Integer>& into) const {
        if (const auto number = from_.integer(at_))
            into = static_cast<Integer>(*number);
    }

    const statement& from_;
    int at_;
    const char* damaged_ = nullptr;
};

// Computes fingerprint() over all columns.
class hasher {
public:
    template<class T>
    void operator()(const char*, const std::optional<T>& value) {
        mix(value ? 1 : 0);
        if (value)
            mix(hash(*value));
    }
    template<class T>
    void operator()(const char*, const T& value) {
        mix(hash(value));
    }
    std::uint64_t value() const { return value_; }

private:
    static std::size_t hash(timestamp value) { return hash(value.time_since_epoch().count()); }
    template<class T>
    static std::size_t hash(const T& value) {
        return std::hash<T>()(value);
    }
    // splitmix64. std::hash of a number is the number itself, so without mixing, columns could cancel each
    // other out.
    void mix(std::uint64_t part) {
        std::uint64_t z = value_ + part + 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        value_ = z ^ (z >> 31);
    }
    std::uint64_t value_ = 0;
};

struct column_list {
    std::string names; ///< each with a comma before it
    std::string marks; ///< a question mark for each column

    column_list() {
        const task_record any;
        each_column(any.state, any.gone_since, [this](const char* name, const auto&) {
            names += std::string(",") + name;
            marks += ",?";
        });
    }
};

constexpr int key_columns = 3;

store_error impossible(const char* table, const char* column) {
    return {trouble::corrupt, fmt::format("{}.{} holds a value that replmond never writes", table, column)};
}

statement& bind_key(statement& to, const task_key& key) {
    return to.bind(1, key.instance.project_id).bind(2, key.instance.instance_id).bind(3, key.task);
}

} // namespace

outcome<statement> task_upsert(connection& file) {
    const column_list columns;
    return file.prepare(
        fmt::format("INSERT OR REPLACE INTO tasks (project_id, instance_id, task{}) VALUES (?,?,?{})",
                    columns.names, columns.marks));
}

outcome<statement> task_removal(connection& file) {
    return file.prepare("DELETE FROM tasks WHERE project_id = ? AND instance_id = ? AND task = ?");
}

outcome<void> put(statement& upsert, const task_key& key, const task_record& record) {
    each_column(record.state, record.gone_since, binder(bind_key(upsert, key), key_columns + 1));
    return upsert.run();
}

outcome<void> remove(statement& removal, const task_key& key) {
    return bind_key(removal, key).run();
}

outcome<void> read_tasks(connection& file, memory& into) {
    auto query = file.prepare(fmt::format(
        "SELECT project_id, instance_id, task{} FROM tasks ORDER BY 1, 2, 3", column_list().names));
    if (!query)
        return query.error();
    for (;;) {
        const auto row = query->step();
        if (!row)
            return row.error();
        if (!*row)
            return {};
        task_record record;
        column_reader columns(*query, key_columns);
        each_column(record.state, record.gone_since, columns);
        record.state.reading.name = query->text(2).value_or("");
        if (columns.damaged() != nullptr)
            return impossible("tasks", columns.damaged());
        if (!is_valid_utf8(record.state.reading.name))
            return impossible("tasks", "task");
        if (record.state.reading.name.size() > longest_task_name)
            continue; // from an earlier version; such a name is never accepted from the list any more
        instance_memory& of = into[{query->text(0).value_or(""), query->text(1).value_or("")}];
        of.tasks.insert_or_assign(of.tasks.end(), record.state.reading.name, std::move(record));
    }
}

std::uint64_t fingerprint(const task_state& state, const std::optional<timestamp>& gone_since) {
    hasher columns;
    each_column(state, gone_since, columns);
    return columns.value();
}

namespace {

using transition_counts = decltype(instance_record::transitions);

std::string name_of(stage from, stage to) {
    return std::string(to_string(from)) + '>' + std::string(to_string(to));
}

// For example {"wait>full":3}. Words, so that a new stage cannot change the meaning of stored numbers.
std::string to_json(const transition_counts& counts) {
    event_fields named;
    for (const stage from : all_stages) {
        for (const stage to : all_stages) {
            const auto count = counts[static_cast<std::size_t>(from)][static_cast<std::size_t>(to)];
            if (count > 0)
                named.emplace_back(name_of(from, to), decimal{std::to_string(count)});
        }
    }
    return store::to_json(named);
}

transition_counts parse_transitions(std::string_view json) {
    transition_counts counts{};
    for (const auto& [name, value] : parse_fields(json).value_or(event_fields())) {
        const std::size_t arrow = name.find('>');
        const auto* number = std::get_if<decimal>(&value);
        if (arrow == std::string::npos || number == nullptr)
            continue;
        const std::string_view words = name;
        auto& count = counts[static_cast<std::size_t>(parse_stage(words.substr(0, arrow)))]
                            [static_cast<std::size_t>(parse_stage(words.substr(arrow + 1)))];
        const std::string& digits = number->text;
        std::from_chars(digits.data(), digits.data() + digits.size(), count);
    }
    return counts;
}

poll_result parse_result(std::string_view word) {
    const auto at = std::find_if(all_poll_results.begin(), all_poll_results.end(),
                                 [&](poll_result known) { return to_string(known) == word; });
    return at == all_poll_results.end() ? poll_result::success : *at;
}

timestamp to_time(std::int64_t number) {
    return timestamp(milliseconds(number));
}

instance_record record_of(const statement& row) {
    instance_record record;
    record.project = row.text(2).value_or("");
    record.starrocks_instance = row.text(3).value_or("");
    record.last_seen = to_time(row.integer(4).value_or(0));
    if (const auto time = row.integer(5))
        record.last_success = to_time(*time);
    record.failing.failures = row.integer(6).value_or(0);
    record.failing.first = to_time(row.integer(7).value_or(0));
    record.failing.last_logged = to_time(row.integer(8).value_or(0));
    record.failing.said = parse_result(row.text(9).value_or(""));
    record.transitions = parse_transitions(row.text(10).value_or(""));
    record.discovered = row.integer(11).value_or(0) != 0;
    record.note = row.text(12);
    return record;
}

bool is_possible(const instance_record& record) {
    const failing_run& failing = record.failing;
    return is_valid_utf8(record.project) && is_valid_utf8(record.starrocks_instance) &&
           is_valid_utf8(record.note.value_or("")) && is_possible_time(record.last_seen) &&
           is_possible_time(record.last_success.value_or(timestamp{})) && is_possible_time(failing.first) &&
           is_possible_time(failing.last_logged) && failing.failures >= 0;
}

} // namespace

outcome<statement> instance_upsert(connection& file) {
    return file.prepare(
        "INSERT OR REPLACE INTO instances (project_id, instance_id, project, starrocks_instance, last_seen, "
        "last_success, failures, failures_first, failures_said_at, failures_said, transitions, discovered, "
        "note) "
        "VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)");
}

outcome<void> put(statement& upsert, const instance_key& key, const instance_record& record) {
    upsert.bind(1, key.project_id)
        .bind(2, key.instance_id)
        .bind(3, record.project)
        .bind(4, record.starrocks_instance)
        .bind(5, to_number(record.last_seen));
    if (record.last_success)
        upsert.bind(6, to_number(*record.last_success));
    else
        upsert.bind_null(6);
    if (record.note)
        upsert.bind(13, *record.note);
    else
        upsert.bind_null(13);
    return upsert.bind(7, record.failing.failures)
        .bind(8, to_number(record.failing.first))
        .bind(9, to_number(record.failing.last_logged))
        .bind(10, to_string(record.failing.said))
        .bind(11, to_json(record.transitions))
        .bind(12, std::int64_t{record.discovered})
        .run();
}

outcome<void> read_instances(connection& file, memory& into) {
    auto query = file.prepare(
        "SELECT project_id, instance_id, project, starrocks_instance, last_seen, last_success, failures, "
        "failures_first, failures_said_at, failures_said, transitions, discovered, note FROM instances");
    if (!query)
        return query.error();
    for (;;) {
        const auto row = query->step();
        if (!row)
            return row.error();
        if (!*row)
            return {};
        auto record = record_of(*query);
        if (!is_possible(record))
            return store_error{trouble::corrupt,
                               "a row of instances holds a value that replmond never writes"};
        into[{query->text(0).value_or(""), query->text(1).value_or("")}].self = std::move(record);
    }
}

} // namespace replmond::store
