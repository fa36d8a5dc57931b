#include "tests/simulator/wire.hpp"

#include "tests/simulator/json_text.hpp"

#include <boost/json/array.hpp>

#include <cmath>

namespace json = boost::json;

namespace replmond::simulator {
namespace {

char upper(char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

std::string capitalised(std::string word) {
    if (!word.empty())
        word.front() = upper(word.front());
    return word;
}

std::string shouted(std::string word) {
    for (char& c : word)
        c = upper(c);
    return word;
}

json::value as_number(double value) {
    if (value == std::floor(value))
        return static_cast<std::int64_t>(value);
    return value;
}

const char* as_text(bool value) {
    return value ? "true" : "false";
}

// What every form has alike.
json::object names(const listed_task& task) {
    return {{"source_database", task.source_database},
            {"target_database", task.target_database},
            {"task_name", task.name},
            {"status", task.now.status}};
}

json::object record_of_strings(const listed_task& task) {
    auto record = names(task);
    record["stage"] = capitalised(task.now.stage);
    record["percentage"] = decimal(task.now.percentage);
    record["catchup_stage"] = nullptr;
    record["catchup_percentage"] = nullptr;
    if (task.now.catchup_stage) {
        record["catchup_stage"] = capitalised(*task.now.catchup_stage);
        record["catchup_percentage"] = decimal(task.now.catchup_percentage);
    }
    record["is_need_repair"] = as_text(task.now.need_repair);
    record["is_main_task"] = as_text(task.main);
    return record;
}

json::object record_of_numbers(const listed_task& task) {
    auto record = names(task);
    record["stage"] = task.now.stage;
    record["percentage"] = as_number(task.now.percentage);
    record["catchup_stage"] = nullptr;
    if (task.now.catchup_stage)
        record["catchup_stage"] = *task.now.catchup_stage;
    record["catchup_percentage"] =
        as_number(task.now.catchup_percentage); // 0 when there is nothing to catch up
    record["is_need_repair"] = task.now.need_repair;
    record["is_main_task"] = task.main;
    return record;
}

// Fields that say only the usual thing are left to be understood. The others stay: a temporary task must not
// pass for a main one because of the form alone.
template<class Drop>
json::object without_usual(json::object record, const listed_task& task, Drop drop) {
    if (!task.now.catchup_stage) {
        drop(record, "catchup_stage");
        drop(record, "catchup_percentage");
    }
    if (!task.now.need_repair)
        drop(record, "is_need_repair");
    if (task.main)
        drop(record, "is_main_task");
    return record;
}

json::object mixed_record(const listed_task& task) {
    const auto set_null = [](json::object& record, const char* key) { record[key] = nullptr; };
    const auto leave_out = [](json::object& record, const char* key) { record.erase(key); };

    switch (task.ordinal % 6) {
    case 0:
        return record_of_strings(task);
    case 1:
        return record_of_numbers(task);
    case 2: {
        auto record = record_of_strings(task);
        record["percentage"] = decimal(task.now.percentage) + "%";
        return record;
    }
    case 3: {
        auto record = without_usual(record_of_strings(task), task, set_null);
        if (task.now.stage == "wait")
            record["percentage"] = nullptr;
        return record;
    }
    case 4:
        return without_usual(record_of_numbers(task), task, leave_out);
    default: {
        auto record = record_of_numbers(task);
        record["stage"] = shouted(task.now.stage);
        record["status"] = shouted(task.now.status);
        record["task_id"] = static_cast<std::int64_t>(task.ordinal);
        record["future_field"] = json::object{{"nested", json::array{1, nullptr, "x"}}};
        return record;
    }
    }
}

json::object to_record(const listed_task& task, wire_form form) {
    json::object record;
    if (form == wire_form::strings)
        record = record_of_strings(task);
    else if (form == wire_form::numbers)
        record = record_of_numbers(task);
    else
        record = mixed_record(task);
    for (const auto& [key, value] : task.raw)
        record[key] = value;
    return record;
}

} // namespace

json::object list_body(std::span<const listed_task> page, const std::optional<json::value>& total,
                       wire_form form) {
    json::object body;
    if (total)
        body["total_count"] = *total;
    json::array records;
    for (const auto& task : page)
        records.push_back(to_record(task, form));
    body["replications"] = std::move(records);
    if (form == wire_form::mixed)
        body["ext_text"] = nullptr;
    return body;
}

json::value count_value(std::size_t count, wire_form form) {
    if (form == wire_form::strings)
        return json::value(std::to_string(count));
    return json::value(count);
}

} // namespace replmond::simulator
