// Writes the list in a wire form.
#include "tests/simulator/wire.hpp"

#include "tests/simulator/json_text.hpp"

#include <boost/json/array.hpp>

#include <cmath>

namespace json = boost::json;

namespace replmond::simulator {
namespace {

char to_upper(char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

char to_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string in_letters(std::string word, letters wanted) {
    if (wanted == letters::as_is || word.empty())
        return word;
    // The words are in lower case. A test's own stay as they are behind their first letter.
    if (wanted == letters::capitalised) {
        word.front() = to_upper(word.front());
        return word;
    }
    for (char& c : word)
        c = wanted == letters::upper ? to_upper(c) : to_lower(c);
    return word;
}

json::value as_number(double value) {
    if (value == std::floor(value))
        return static_cast<std::int64_t>(value);
    return value;
}

json::value percentage_value(double value, const field_form& form) {
    if (form.type == value_type::number)
        return as_number(value);
    return json::value(decimal(value) + (form.type == value_type::percent_text ? "%" : ""));
}

json::value flag_value(bool value, const field_form& form) {
    if (form.type == value_type::boolean)
        return value;
    if (form.type == value_type::number)
        return value ? 1 : 0;
    return json::value(in_letters(value ? "true" : "false", form.word));
}

struct told {
    json::value value;
    bool usual = false; // goes without saying
};

// A temporary task must not pass for a main one because a form leaves out what goes without saying.
told tell(const listed_task& task, std::string_view field, const field_form& form) {
    const moment& now = task.now;
    const auto word = [&](const std::string& text) { return json::value(in_letters(text, form.word)); };
    if (field == "source_database")
        return {word(task.source_database)};
    if (field == "target_database")
        return {word(task.target_database)};
    if (field == "task_name")
        return {word(task.name)};
    if (field == "status")
        return {word(now.status)};
    if (field == "stage")
        return {word(now.stage)};
    if (field == "percentage")
        return {percentage_value(now.percentage, form), now.stage == "wait"};
    if (field == "catchup_stage")
        return {word(now.catchup_stage.value_or("")), !now.catchup_stage};
    if (field == "catchup_percentage")
        return {percentage_value(now.catchup_percentage, form), !now.catchup_stage};
    if (field == "is_need_repair")
        return {flag_value(now.need_repair, form), !now.need_repair};
    return {flag_value(task.main, form), task.main};
}

void put(json::object& into, std::string_view key, json::value value, presence how) {
    if (how == presence::sent)
        into[key] = std::move(value);
    else if (how == presence::null)
        into[key] = nullptr;
}

void put_field(json::object& into, std::string_view key, told what, const field_form& form) {
    const bool goes_without_saying = what.usual && form.value == presence::sent;
    const presence how = goes_without_saying ? form.usual_value : form.value;
    if (how == presence::replaced)
        return put(into, key, json::value(form.replacement), presence::sent);
    if (form.padded && what.value.is_string())
        what.value = " " + std::string(what.value.get_string()) + " ";
    put(into, key, std::move(what.value), how);
}

json::object to_record(const listed_task& task, const wire_form& form) {
    json::object record;
    for (const auto& name : record_fields()) {
        const auto& forms = form.fields.at(name);
        const field_form& field = forms[task.ordinal % forms.size()];
        put_field(record, name, tell(task, name, field), field);
    }
    if (!form.more.empty()) {
        for (const auto& field : form.more[task.ordinal % form.more.size()])
            put(record, field.key, field.value, field.sent);
    }
    for (const auto& [key, value] : task.raw)
        record[key] = value;
    return record;
}

} // namespace

json::object list_body(std::span<const listed_task> page, const std::optional<json::value>& total,
                       const wire_form& form) {
    json::object body;
    if (total)
        body["total_count"] = *total;
    json::array records;
    for (const auto& task : page)
        records.push_back(to_record(task, form));
    put(body, "replications", records, page.empty() ? form.empty_list : presence::sent);
    for (const auto& field : form.more_in_list)
        put(body, field.key, field.value, field.sent);
    return body;
}

std::optional<json::value> count_value(std::size_t count, const wire_form& form) {
    if (form.total.value == presence::absent)
        return std::nullopt;
    if (form.total.value == presence::null)
        return json::value(nullptr);
    if (form.total.type == value_type::number)
        return json::value(count);
    return json::value(std::to_string(count));
}

} // namespace replmond::simulator
