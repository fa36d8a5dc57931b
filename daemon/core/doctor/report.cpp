// The findings as JSON. For strangers every name becomes a placeholder, and texts are left out; everything
// else is made of forms and facts, which hold nothing secret.

#include "daemon/core/doctor/report.hpp"

#include "daemon/core/doctor/known_names.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <map>
#include <utility>

namespace replmond::doctor {

namespace json = boost::json;

namespace {

constexpr const char* format_name = "replmond-doctor/1";

// The same name has the same placeholder within a report.
class report_names {
public:
    explicit report_names(audience reader) : reader_(reader) {}

    std::string of(std::string_view kind, const std::string& name) {
        if (reader_ == audience::owner)
            return name;
        auto& known = placeholders_[std::string(kind)];
        const auto added = known.emplace(name, known.size() + 1).first;
        return fmt::format("{}-{}", kind, added->second);
    }

private:
    audience reader_;
    std::map<std::string, std::map<std::string, std::size_t>> placeholders_;
};

json::array kept(audience reader) {
    if (reader == audience::owner)
        return {
            "names and texts: this form is for the owner of the account; --report makes one for strangers"};
    return {
        "placeholders for the names of projects, instances, tasks and unknown fields",
        "names of regions, fields and headers, words, and codes of errors that the cloud's documents have",
        "types and shapes of all other values",
        "counts, percentages, durations, HTTP statuses, and limits in rate headers"};
}

json::object to_object(const counts& from) {
    json::object object;
    for (const auto& [name, times] : from)
        object[name] = times;
    return object;
}

json::value to_number(double value) {
    const auto whole = static_cast<std::int64_t>(value);
    return static_cast<double>(whole) == value ? json::value(whole) : json::value(value);
}

json::object to_object(const field_form& form) {
    json::object object;
    object["known"] = form.known;
    object["of"] = form.of;
    object["types"] = to_object(form.types);
    if (!form.shapes.empty())
        object["shapes"] = to_object(form.shapes);
    if (!form.words.empty())
        object["words"] = to_object(form.words);
    if (form.padded > 0)
        object["padded"] = form.padded;
    if (form.range)
        object["range"] = json::array{to_number(form.range->first), to_number(form.range->second)};
    return object;
}

json::object to_object(const field_forms& forms) {
    json::object object;
    for (const auto& [path, form] : forms)
        object[path] = to_object(form);
    return object;
}

json::object to_object(const std::vector<fact>& facts) {
    struct to_value {
        json::value operator()(bool value) const { return value; }
        json::value operator()(std::int64_t value) const { return value; }
        json::value operator()(double value) const { return to_number(value); }
        json::value operator()(const public_word& word) const { return json::string(word.text()); }
        json::value operator()(const public_code& code) const { return json::string(code.text()); }
    };
    json::object object;
    for (const fact& each : facts)
        object[each.name.text()] = std::visit(to_value{}, each.value);
    return object;
}

json::array steps_of(const project_findings& project, audience reader, report_names& names) {
    json::array all;
    for (const step_result& each : project.steps) {
        json::object object;
        object["step"] = to_string(each.what);
        object["verdict"] = to_string(each.ended);
        if (!each.instance.empty())
            object["instance"] = names.of("instance", each.instance);
        if (!each.task.empty())
            object["task"] = names.of("task", each.task);
        if (reader == audience::owner && !each.seen.empty())
            object["seen"] = each.seen;
        if (reader == audience::owner && !each.advice.empty())
            object["to_do"] = each.advice;
        if (!each.facts.empty())
            object["facts"] = to_object(each.facts);
        all.push_back(std::move(object));
    }
    return all;
}

json::object calls_of(const project_findings& project) {
    json::object all;
    for (const auto& [of, form] : project.answers.calls()) {
        json::object object;
        object["answers"] = to_object(form.answers);
        if (!form.body.empty())
            object["body"] = to_object(form.body);
        if (!form.record.empty())
            object["record"] = to_object(form.record);
        all[to_string(of)] = std::move(object);
    }
    return all;
}

json::object to_object(const list_pass& pass) {
    json::array pages;
    for (const list_page& page : pass.pages) {
        json::object object;
        object["offset"] = page.offset;
        object["records"] = page.records;
        object["new"] = page.fresh;
        if (page.total_count && static_cast<double>(*page.total_count) <= greatest_count)
            object["total_count"] = *page.total_count;
        pages.push_back(std::move(object));
    }
    return {{"limit", pass.limit}, {"pages", std::move(pages)}};
}

json::array lists_of(const project_findings& project, report_names& names) {
    json::array all;
    for (const list_form& list : project.lists) {
        json::object object;
        object["instance"] = names.of("instance", list.instance);
        object["tasks"] = list.tasks;
        object["stages"] = to_object(list.stages);
        object["statuses"] = to_object(list.statuses);
        json::array readings;
        for (const list_pass& pass : list.passes)
            readings.push_back(to_object(pass));
        object["readings"] = std::move(readings);
        object["total_counts"] = total_counts(list);
        if (const auto is_short = has_short_pages(list))
            object["short_pages"] = *is_short;
        if (const auto what = beyond_the_end(list); !what.empty())
            object["beyond_the_end"] = what;
        all.push_back(std::move(object));
    }
    return all;
}

json::array errors_of(const project_findings& project) {
    json::array all;
    for (const error_form& each : project.answers.errors()) {
        json::object object;
        object["call"] = to_string(each.of);
        object["times"] = each.times;
        object["status"] = each.status;
        object["content"] = each.content;
        if (!each.code.empty())
            object["code"] = each.code;
        if (!each.body.empty())
            object["body"] = to_object(each.body);
        object["headers"] = json::array(each.headers.begin(), each.headers.end());
        if (each.retry_after_seconds)
            object["retry_after_seconds"] = *each.retry_after_seconds;
        all.push_back(std::move(object));
    }
    return all;
}

json::object headers_of(const project_findings& project) {
    const header_form& form = project.answers.headers();
    json::object object;
    object["answers"] = form.answers;
    object["seen"] = to_object(form.seen);
    object["others"] = form.others;
    json::object rates;
    for (const auto& [name, values] : form.rates)
        rates[name] = json::array(values.begin(), values.end());
    if (!rates.empty())
        object["rates"] = std::move(rates);
    return object;
}

json::object to_object(const project_findings& project, audience reader, report_names& names) {
    json::object object;
    object["project"] = names.of("project", project.project);
    object["region"] = reader == audience::owner ? project.region : public_region(project.region);
    object["verdict"] = to_string(worst_of(project.steps));
    object["steps"] = steps_of(project, reader, names);
    object["calls"] = calls_of(project);
    object["lists"] = lists_of(project, names);
    object["errors"] = errors_of(project);
    object["headers"] = headers_of(project);
    if (reader == audience::owner && !project.answers.field_names().empty()) {
        json::object fields;
        for (const auto& [placeholder, name] : project.answers.field_names())
            fields[placeholder] = name;
        object["field_names"] = std::move(fields);
    }
    return object;
}

json::array to_array(const std::vector<question>& questions) {
    json::array all;
    for (const question& each : questions)
        all.push_back({{"question", each.name},
                       {"verdict", each.settled ? "settled" : "not seen yet"},
                       {"words", each.words}});
    return all;
}

// What is short is one line, everything else a line a member: people read it, and compare two of them.
void write(const json::value& value, const std::string& indent, std::string& to) {
    constexpr std::size_t longest_line = 150;
    const std::string whole = json::serialize(value);
    const bool is_object = value.is_object() && !value.get_object().empty();
    const bool is_array = value.is_array() && !value.get_array().empty();
    if ((!is_object && !is_array) || (whole.size() <= longest_line && !indent.empty())) {
        to += whole;
        return;
    }
    const std::string inner = indent + "  ";
    bool first = true;
    const auto begin = [&] {
        to += first ? "\n" : ",\n";
        to += inner;
        first = false;
    };
    to += is_object ? '{' : '[';
    if (is_object) {
        for (const auto& member : value.get_object()) {
            begin();
            to += json::serialize(json::value(member.key())) + ": ";
            write(member.value(), inner, to);
        }
    } else {
        for (const json::value& item : value.get_array()) {
            begin();
            write(item, inner, to);
        }
    }
    to += '\n' + indent + (is_object ? '}' : ']');
}

} // namespace

verdict worst_of(const findings& all) {
    std::vector<step_result> steps;
    for (const project_findings& project : all.projects)
        steps.insert(steps.end(), project.steps.begin(), project.steps.end());
    return worst_of(steps);
}

std::string to_json(const findings& all, audience reader) {
    report_names names(reader);
    json::array projects;
    for (const project_findings& project : all.projects)
        projects.push_back(to_object(project, reader, names));
    json::object object;
    object["format"] = format_name;
    object["keeps"] = kept(reader);
    object["version"] = all.version;
    object["verdict"] = to_string(worst_of(all));
    object["took_seconds"] = to_number(std::chrono::duration<double>(all.took).count());
    object["projects"] = std::move(projects);
    object["questions"] = to_array(answer_questions(all.projects));
    std::string text;
    write(object, "", text);
    return text + '\n';
}

} // namespace replmond::doctor
