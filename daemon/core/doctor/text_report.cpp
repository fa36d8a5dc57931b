// The findings as lines for the owner of the account.

#include "daemon/core/doctor/text_report.hpp"

#include "daemon/core/terminal/text.hpp"
#include "daemon/core/terminal/wrap.hpp"

#include <fmt/format.h>

#include <string_view>

namespace replmond::doctor {

namespace {

// No text is as long: what is not wrapped.
constexpr std::size_t unlimited = 1'000'000;
constexpr std::size_t title_columns = 18;
constexpr std::size_t widest_question = 38;

std::string entry(const std::string& term, const std::string& text, std::size_t indent,
                  std::optional<std::size_t> columns) {
    return terminal::wrapped_entry(term, text, indent, columns.value_or(unlimited));
}

// `project demo: ` where there are several.
std::string whose(const findings& all, const project_findings& project) {
    return all.projects.size() < 2 ? "" : fmt::format("project {}: ", terminal::shown(project.project));
}

void describe_unknown(const project_findings& project, const std::string& prefix, std::string& to,
                      std::optional<std::size_t> columns) {
    const auto& names = project.answers.field_names();
    for (const auto& [of, form] : project.answers.calls()) {
        const auto describe = [&](const field_forms& forms) {
            for (const auto& [path, field] : forms) {
                if (field.known)
                    continue;
                const std::string last = path.substr(path.rfind('.') + 1);
                const auto name = names.find(last);
                std::string types;
                for (const auto& [type, times] : field.types)
                    types += fmt::format("{}{} {}", types.empty() ? "" : ", ", times, type);
                to += entry("  " + prefix + "nobody knows",
                            fmt::format("{} in {}: {} ({} in the report)",
                                        name == names.end() ? last : terminal::shown(name->second),
                                        to_string(of), types, path),
                            title_columns + 4, columns);
            }
        };
        describe(form.body);
        describe(form.record);
    }
}

void describe_missing(const project_findings& project, const std::string& prefix, std::string& to,
                      std::optional<std::size_t> columns) {
    for (const auto& [of, form] : project.answers.calls()) {
        std::string missing;
        for (const field_forms* forms : {&form.body, &form.record}) {
            for (const auto& [path, field] : *forms) {
                if (field.known && field.came() == 0)
                    missing += (missing.empty() ? "" : ", ") + path;
            }
        }
        if (!missing.empty())
            to += entry("  " + prefix + "never came", fmt::format("{} in {}", missing, to_string(of)),
                        title_columns + 4, columns);
    }
}

} // namespace

std::string line_of(const step_result& step, std::optional<std::size_t> columns) {
    std::string text;
    if (!step.instance.empty())
        text += terminal::shown(step.instance) + ": ";
    if (!step.task.empty())
        text += "task " + terminal::shown(step.task) + ": ";
    text += step.seen;
    if (!step.advice.empty())
        text += "; to do: " + step.advice;
    return entry(fmt::format("  {:<4}  {}", to_string(step.ended), title_of(step.what)),
                 terminal::shown(text), title_columns + 8, columns);
}

std::string describe_questions(const findings& all, std::optional<std::size_t> columns) {
    std::string text = "what the lists are like\n";
    for (const project_findings& project : all.projects) {
        const std::string prefix = whose(all, project);
        describe_unknown(project, prefix, text, columns);
        describe_missing(project, prefix, text, columns);
    }
    text += "questions that are open in README\n";
    for (const question& each : answer_questions(all.projects))
        text += entry(fmt::format("  {}", each.title), each.words, widest_question + 4, columns);
    return text;
}

} // namespace replmond::doctor
