#include "daemon/store/instance_rows.hpp"

#include "daemon/model/text.hpp"
#include "daemon/store/event_fields.hpp"

#include <algorithm>
#include <charconv>

namespace replmond::store {
namespace {

using transition_counts = decltype(instance_record::transitions);

std::string name_of(stage from, stage to) {
    return std::string(to_string(from)) + '>' + std::string(to_string(to));
}

// {"wait>full":3}: by words, so that a new stage does not renumber the old ones.
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

std::int64_t to_number(timestamp time) {
    return time.time_since_epoch().count();
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
    record.failing.last_said = to_time(row.integer(8).value_or(0));
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
           is_possible_time(failing.last_said) && failing.failures >= 0;
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
        .bind(9, to_number(record.failing.last_said))
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
            return store_error{trouble::corrupt, "a row of instances holds what nobody has written"};
        into[{query->text(0).value_or(""), query->text(1).value_or("")}].self = std::move(record);
    }
}

} // namespace replmond::store
