// The form of the list as a report describes it. Which record had which form is not in a report, so the forms
// of a field take turns; and what came as null or not at all is taken for what goes without saying.
#include "tests/simulator/likeness.hpp"

#include <boost/json/object.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <tuple>

namespace json = boost::json;

namespace replmond::simulator {
namespace {

enum class field_kind { name, word, percentage, flag };

field_kind kind_of(std::string_view name) {
    if (name == "status" || name == "stage" || name == "catchup_stage")
        return field_kind::word;
    if (name == "percentage" || name == "catchup_percentage")
        return field_kind::percentage;
    return name.starts_with("is_") ? field_kind::flag : field_kind::name;
}

// Words that stand for nothing in the fields of catch-up.
bool says_nothing(std::string_view word) {
    constexpr std::array<std::string_view, 7> known{"None", "none", "NONE", "null", "NULL", "Null", "-"};
    return std::find(known.begin(), known.end(), word) != known.end();
}

letters letters_of(const std::string& word, const report_node& place) {
    const auto is_small = [](char c) { return c >= 'a' && c <= 'z'; };
    const auto is_large = [](char c) { return c >= 'A' && c <= 'Z'; };
    const bool any_small = std::any_of(word.begin(), word.end(), is_small);
    const bool any_large = std::any_of(word.begin(), word.end(), is_large);
    if (!any_large)
        return letters::lower;
    if (!any_small)
        return letters::upper;
    if (!is_large(word.front()) || std::any_of(word.begin() + 1, word.end(), is_large))
        place.refuse(fmt::format("'{}' must be in lower case, in upper case or capitalised", word));
    return letters::capitalised;
}

// The letters in which the words of a field came, each once; as_is where none did.
std::set<letters> letters_of_words(const described_field& field, const report_node& place) {
    std::set<letters> found;
    for (const auto& [word, count] : field.words) {
        if (!says_nothing(word) && !word.empty())
            found.insert(letters_of(word, place));
    }
    if (found.empty())
        found.insert(letters::as_is);
    return found;
}

std::size_t texts_that_say_nothing(const described_field& field) {
    std::size_t count = field.of_shape("empty") + field.of_shape("blank");
    for (const auto& [word, times] : field.words)
        count += says_nothing(word) ? times : 0;
    return count;
}

void require_types(const described_field& field, std::initializer_list<std::string_view> allowed,
                   const report_node& place) {
    for (const auto& [type, count] : field.types) {
        if (type != "null" && type != "absent" &&
            std::find(allowed.begin(), allowed.end(), type) == allowed.end())
            place.refuse(fmt::format(
                "'types' has '{}', which cannot be played back here; it can have {}, null, absent", type,
                fmt::join(allowed, ", ")));
    }
}

// The types in which values came.
std::vector<value_type> types_of(const described_field& field, field_kind kind) {
    std::vector<value_type> found;
    const std::size_t signs = field.of_shape("integer%") + field.of_shape("decimal%");
    if (field.of_type("string") > texts_that_say_nothing(field) + signs)
        found.push_back(value_type::text);
    if (kind == field_kind::percentage && signs > 0)
        found.push_back(value_type::percent_text);
    if (field.of_type("number") > 0)
        found.push_back(value_type::number);
    if (field.of_type("boolean") > 0)
        found.push_back(value_type::boolean);
    return found;
}

std::vector<field_form> forms_of_values(const described_field& field, field_kind kind,
                                        const report_node& place) {
    const bool has_letters = kind == field_kind::word || kind == field_kind::flag;
    const auto found = has_letters ? letters_of_words(field, place) : std::set{letters::as_is};
    std::vector<field_form> forms;
    for (const value_type type : types_of(field, kind)) {
        for (const letters word : type == value_type::text ? found : std::set{letters::as_is}) {
            field_form form;
            form.type = type;
            form.word = word;
            if (type != value_type::text || field.padded < field.of_type("string"))
                forms.push_back(form);
            form.padded = true;
            if (type == value_type::text && field.padded > 0)
                forms.push_back(form);
        }
    }
    return forms;
}

// How what goes without saying came, at least one way: `presence` and what replaces it.
std::vector<std::pair<presence, std::string>> usual_ways(std::string_view name,
                                                         const described_field& field) {
    std::vector<std::pair<presence, std::string>> ways;
    if (field.of_type("null") > 0)
        ways.emplace_back(presence::null, "");
    if (field.of_type("absent") > 0)
        ways.emplace_back(presence::absent, "");
    if (field.of_shape("empty") > 0)
        ways.emplace_back(presence::replaced, "");
    for (const auto& [word, count] : field.words) {
        if (says_nothing(word))
            ways.emplace_back(presence::replaced, word);
    }
    const std::string usual_word = name == "is_need_repair" ? "false" : "true";
    const bool said = std::any_of(field.words.begin(), field.words.end(), [&](const auto& entry) {
        std::string word = entry.first;
        std::transform(word.begin(), word.end(), word.begin(),
                       [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
        return word == usual_word;
    });
    if (ways.empty() || (kind_of(name) == field_kind::flag && said))
        ways.emplace_back(presence::sent, "");
    return ways;
}

std::vector<field_form> forms_of(const std::string& name, const described_field& field,
                                 const report_node& place) {
    const field_kind kind = kind_of(name);
    if (kind == field_kind::percentage)
        require_types(field, {"string", "number"}, place);
    else if (kind == field_kind::flag)
        require_types(field, {"string", "number", "boolean"}, place);
    else
        require_types(field, {"string"}, place);

    auto values = forms_of_values(field, kind, place);
    const auto ways = usual_ways(name, field);
    if (values.empty()) { // nothing worth saying ever came
        values.emplace_back();
        values.back().value = field.of_type("null") > 0 ? presence::null : presence::absent;
    }
    std::vector<field_form> forms;
    for (std::size_t i = 0; i < std::max(values.size(), ways.size()); ++i) {
        forms.push_back(values[i % values.size()]);
        std::tie(forms.back().usual_value, forms.back().replacement) = ways[i % ways.size()];
        if (kind == field_kind::name || name == "status" || name == "stage")
            forms.back().usual_value = presence::sent; // it never goes without saying
    }
    return forms;
}

bool is_record_field(std::string_view name) {
    const auto& known = record_fields();
    return std::find(known.begin(), known.end(), name) != known.end();
}

// The fields that the documents do not know, by turns: as many as the field with the most types has.
std::vector<std::vector<unknown_field>> unknown_fields(const described_fields& fields,
                                                       bool (*is_known)(std::string_view)) {
    std::vector<std::vector<unknown_field>> turns;
    for (const auto& [path, field] : fields) {
        const bool is_inside = path.find_first_of(".[") != std::string::npos;
        if (!is_inside && !is_known(path) && field.types.size() > turns.size())
            turns.resize(field.types.size());
    }
    for (std::size_t turn = 0; turn < turns.size(); ++turn) {
        for (const auto& [path, field] : fields) {
            if (path.find_first_of(".[") != std::string::npos || is_known(path) || field.types.empty())
                continue;
            const auto type =
                std::next(field.types.begin(), static_cast<std::ptrdiff_t>(turn % field.types.size()))->first;
            turns[turn].push_back({path, placeholder(fields, path, type),
                                   type == "absent" ? presence::absent : presence::sent});
        }
    }
    return turns;
}

count_form total_form(const described_fields& body, const report_node& place) {
    count_form form;
    const auto* total = find_field(body, "total_count");
    if (!total)
        place.refuse("body needs 'total_count'");
    require_types(*total, {"string", "number"}, place.at("body").at("total_count"));
    if (total->of_type("number") > total->of_type("string"))
        form.type = value_type::number;
    if (total->of_type("number") + total->of_type("string") == 0)
        form.value = total->of_type("null") > 0 ? presence::null : presence::absent;
    return form;
}

} // namespace

std::shared_ptr<const wire_form> described_wire(const described_fields& body, const described_fields& record,
                                                const report_node& place) {
    auto form = std::make_shared<wire_form>();
    for (const auto& name : record_fields()) {
        const auto* field = find_field(record, name);
        if (!field)
            place.refuse(fmt::format("record needs '{}'", name));
        form->fields[name] = forms_of(name, *field, place.at("record").at(name));
    }
    if (form->fields["task_name"].front().value != presence::sent)
        place.at("record")
            .at("task_name")
            .refuse("'types' must have 'string': records without names are no tasks");
    form->more = unknown_fields(record, is_record_field);
    const auto in_list = unknown_fields(
        body, [](std::string_view name) { return name == "total_count" || name == "replications"; });
    if (!in_list.empty())
        form->more_in_list = in_list.front();
    form->total = total_form(body, place);
    if (const auto* list = find_field(body, "replications")) {
        if (list->of_type("null") > 0)
            form->empty_list = presence::null;
        else if (list->of_type("absent") > 0)
            form->empty_list = presence::absent;
    }
    return form;
}

} // namespace replmond::simulator
