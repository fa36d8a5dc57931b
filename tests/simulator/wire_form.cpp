// The built-in forms of the list.
#include "tests/simulator/wire_form.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <cstddef>

namespace json = boost::json;

namespace replmond::simulator {
namespace {

using record_form = std::map<std::string, field_form, std::less<>>;

record_form record_of_names() {
    record_form form;
    for (const char* name : {"source_database", "target_database", "task_name"})
        form[name] = {};
    return form;
}

void set_words(record_form& form, letters word) {
    for (const char* name : {"stage", "catchup_stage"})
        form[name].word = word;
}

// How what goes without saying is sent, in the fields that can go without.
void set_usual(record_form& form, presence usual) {
    for (const char* name : {"catchup_stage", "catchup_percentage", "is_need_repair", "is_main_task"})
        form[name].usual_value = usual;
}

record_form record_of_strings() {
    record_form form = record_of_names();
    form["status"] = {};
    set_words(form, letters::capitalised);
    form["percentage"] = {};
    for (const char* name : {"catchup_stage", "catchup_percentage"})
        form[name].usual_value = presence::null;
    for (const char* name : {"is_need_repair", "is_main_task"})
        form[name].word = letters::lower;
    return form;
}

record_form record_of_numbers() {
    record_form form = record_of_names();
    form["status"] = {};
    set_words(form, letters::lower);
    form["catchup_stage"].usual_value = presence::null;
    for (const char* name :
         {"percentage", "catchup_percentage"}) // the latter is 0 if there is nothing to catch up
        form[name].type = value_type::number;
    for (const char* name : {"is_need_repair", "is_main_task"})
        form[name].type = value_type::boolean;
    return form;
}

record_form record_with_percent_sign() {
    record_form form = record_of_strings();
    form["percentage"].type = value_type::percent_text;
    return form;
}

record_form record_with_nulls() {
    record_form form = record_of_strings();
    set_usual(form, presence::null);
    form["percentage"].usual_value = presence::null;
    return form;
}

record_form record_with_absent_fields() {
    record_form form = record_of_numbers();
    set_usual(form, presence::absent);
    return form;
}

record_form record_in_upper_case() {
    record_form form = record_of_numbers();
    form["stage"].word = letters::upper;
    form["status"].word = letters::upper;
    return form;
}

// These records in turn.
wire_form made_of(const std::vector<record_form>& records) {
    wire_form form;
    for (const record_form& record : records) {
        for (const auto& [name, field] : record)
            form.fields[name].push_back(field);
    }
    return form;
}

wire_form form_of_strings() {
    return made_of({record_of_strings()});
}

wire_form form_of_numbers() {
    wire_form form = made_of({record_of_numbers()});
    form.total.type = value_type::number;
    return form;
}

wire_form mixed_form() {
    wire_form form = made_of({record_of_strings(), record_of_numbers(), record_with_percent_sign(),
                              record_with_nulls(), record_with_absent_fields(), record_in_upper_case()});
    form.total.type = value_type::number;
    form.more.resize(6);
    form.more.back() = {{"task_id", 5},
                        {"future_field", json::object{{"nested", json::array{1, nullptr, "x"}}}}};
    form.more_in_list = {{"ext_text", nullptr}};
    return form;
}

} // namespace

const std::vector<std::string>& record_fields() {
    static const std::vector<std::string> all{
        "source_database", "target_database", "task_name",          "status",         "stage",
        "percentage",      "catchup_stage",   "catchup_percentage", "is_need_repair", "is_main_task"};
    return all;
}

std::shared_ptr<const wire_form> wire_form_named(std::string_view name) {
    static const std::map<std::string_view, std::shared_ptr<const wire_form>> known{
        {"strings", std::make_shared<const wire_form>(form_of_strings())},
        {"numbers", std::make_shared<const wire_form>(form_of_numbers())},
        {"mixed", std::make_shared<const wire_form>(mixed_form())}};
    const auto found = known.find(name);
    return found == known.end() ? nullptr : found->second;
}

} // namespace replmond::simulator
