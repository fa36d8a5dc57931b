// Which open questions about the cloud's answers are settled by what was seen. The words are made of forms,
// which hold nothing secret, so that everybody may see them.

#include "daemon/core/doctor/questions.hpp"

#include "daemon/core/doctor/known_names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace replmond::doctor {

namespace {

// What one project tells.
struct evidence {
    std::map<call, call_form> calls;
    std::vector<error_form> errors;
    const header_form& headers;
    const std::vector<list_form>& lists;
    const std::vector<step_result>& steps;

    explicit evidence(const project_findings& of)
        : calls(of.answers.calls()), errors(of.answers.errors()), headers(of.answers.headers()),
          lists(of.lists), steps(of.steps) {}

    const field_form* field(call of, part in, const std::string& path) const {
        const auto found = calls.find(of);
        if (found == calls.end())
            return nullptr;
        const field_forms& forms = in == part::body ? found->second.body : found->second.record;
        const auto form = forms.find(path);
        return form == forms.end() ? nullptr : &form->second;
    }

    std::size_t records(call of) const {
        const auto found = calls.find(of);
        return found == calls.end() ? 0 : found->second.records;
    }

    const error_form* error(call of, int status = 0) const {
        const auto found = std::find_if(errors.begin(), errors.end(), [&](const error_form& each) {
            return each.of == of && (status == 0 || each.status == status);
        });
        return found == errors.end() ? nullptr : &*found;
    }
};

std::string joined(const counts& words, std::string_view between = " or ") {
    std::string text;
    for (const auto& [word, times] : words)
        text += (text.empty() ? "" : std::string(between)) + word;
    return text;
}

std::string types_of(const field_form* form) {
    return form == nullptr ? "absent" : joined(form->types);
}

std::string name_and_types(const evidence& seen, call of, part in, const std::string& path) {
    return fmt::format("{} {}", path, types_of(seen.field(of, in, path)));
}

using settled_words = std::optional<std::string>;

settled_words wire_types(const evidence& seen) {
    if (seen.records(call::list) == 0)
        return std::nullopt;
    std::string words = name_and_types(seen, call::list, part::body, "total_count");
    for (const char* field : {"percentage", "is_need_repair", "is_main_task"})
        words += ", " + name_and_types(seen, call::list, part::record, field);
    return words;
}

settled_words stage_case(const evidence& seen) {
    const field_form* stage = seen.field(call::list, part::record, "stage");
    if (stage == nullptr || stage->words.empty())
        return std::nullopt;
    const field_form* status = seen.field(call::list, part::record, "status");
    std::string words = "stages " + joined(stage->words, ", ");
    if (status != nullptr && !status->words.empty())
        words += "; statuses " + joined(status->words, ", ");
    return words;
}

settled_words total_count(const evidence& seen) {
    for (const list_form& list : seen.lists) {
        const std::string_view what = total_counts(list);
        if (what == "all")
            return "it counts the records of all pages";
        if (what == "page")
            return "it counts the records of its page";
        if (what == "other")
            return "it is the number neither of all records nor of those of its page";
        if (what != "unknown" && list.tasks > 0)
            return fmt::format("it is {}", what);
    }
    return std::nullopt;
}

settled_words short_pages(const evidence& seen) {
    constexpr std::size_t full_page = 100;
    for (const list_form& list : seen.lists) {
        const auto is_short = has_short_pages(list);
        if (is_short == true)
            return "pages came shorter than asked for";
        const bool was_full = std::any_of(list.passes.begin(), list.passes.end(), [](const list_pass& pass) {
            return std::any_of(pass.pages.begin(), pass.pages.end(),
                               [](const list_page& page) { return page.records >= full_page; });
        });
        if (is_short == false && was_full)
            return "pages of 100 records came full";
    }
    return std::nullopt;
}

settled_words catchup(const evidence& seen) {
    const field_form* stage = seen.field(call::list, part::record, "catchup_stage");
    const field_form* percentage = seen.field(call::list, part::record, "catchup_percentage");
    const bool came =
        (stage != nullptr && stage->came() > 0) || (percentage != nullptr && percentage->came() > 0);
    if (!came)
        return std::nullopt;
    return fmt::format("they are sent: catchup_stage {}, catchup_percentage {}", types_of(stage),
                       types_of(percentage));
}

settled_words retry_after(const evidence& seen) {
    const header_form& headers = seen.headers;
    if (headers.throttled == 0)
        return std::nullopt;
    return fmt::format("{} of {} answers 429 had Retry-After", headers.throttled_with_retry_after,
                       headers.throttled);
}

settled_words inventory(const evidence& seen) {
    if (seen.records(call::htap) == 0)
        return std::nullopt;
    return fmt::format("{}; engine_name {}; {}",
                       name_and_types(seen, call::instances, part::body, "total_count"),
                       types_of(seen.field(call::htap, part::record, "engine_name")),
                       name_and_types(seen, call::htap, part::body, "total"));
}

settled_words htap_permission(const evidence& seen) {
    const error_form* refused = seen.error(call::htap, 403);
    if (refused == nullptr)
        return std::nullopt;
    return fmt::format("without it the answer is 403 {}; see the cloud's text of the step HTAP list",
                       refused->code.empty() ? "without a code" : refused->code);
}

settled_words error_text(const evidence& seen) {
    const field_form* text = seen.field(call::configuration, part::body, "error_msg");
    if (text == nullptr)
        return std::nullopt;
    if (text->came() > 0)
        return fmt::format("it is there: {}", types_of(text));
    const bool was_abnormal = std::any_of(seen.steps.begin(), seen.steps.end(), [](const step_result& each) {
        return each.what == step::configuration && each.ended == verdict::ok &&
               std::any_of(each.facts.begin(), each.facts.end(), [](const fact& one) {
                   const bool* yes = std::get_if<bool>(&one.value);
                   return one.name.text() == "task_is_abnormal" && yes != nullptr && *yes;
               });
    });
    return was_abnormal ? settled_words("an abnormal task had none") : std::nullopt;
}

settled_words no_such_instance(const evidence& seen) {
    const error_form* refused = seen.error(call::no_such_instance);
    if (refused == nullptr || refused->status == 401 || refused->status == 429 || refused->status >= 500)
        return std::nullopt;
    return fmt::format("{} {}", refused->status, refused->code.empty() ? "without a code" : refused->code);
}

settled_words mysql_protocol(const evidence& seen) {
    for (const step_result& each : seen.steps) {
        if (each.what != step::lag_login || each.ended != verdict::ok)
            continue;
        std::string database;
        std::string tls;
        for (const fact& one : each.facts) {
            if (const auto* word = std::get_if<public_word>(&one.value))
                (one.name.text() == "database" ? database : tls) = word->text();
        }
        if (database == "starrocks")
            return fmt::format("logged in, with tls {}", tls);
    }
    return std::nullopt;
}

struct open_question {
    std::string_view name;
    std::string_view title;
    settled_words (*settle)(const evidence&);
    std::string_view needs;
};

constexpr auto open_questions = std::to_array<open_question>({
    {"wire_types", "wire types of the list", wire_types, "a task"},
    {"stage_case", "case of stages", stage_case, "a task"},
    {"total_count", "what total_count counts", total_count, "an instance with two tasks"},
    {"short_pages", "pages shorter than asked for", short_pages,
     "an instance with more tasks than its page_size of 100"},
    {"catchup", "catchup_stage and catchup_percentage", catchup, "a task that catches up"},
    {"retry_after", "Retry-After", retry_after, "an answer 429"},
    {"inventory", "lists of discovery", inventory, "an HTAP instance, and the permissions to list it"},
    {"htap_permission", "permission of the HTAP list", htap_permission,
     "a credential that may not list HTAP instances"},
    {"error_msg", "error_msg of the configuration", error_text, "an abnormal task"},
    {"no_such_instance", "code of an unknown instance", no_such_instance, "a credential that may list tasks"},
    {"mysql_protocol", "StarRocks by MySQL's protocol", mysql_protocol,
     "lag with a login to StarRocks that works"},
});

} // namespace

std::vector<question> answer_questions(const std::vector<project_findings>& projects) {
    std::vector<evidence> all;
    for (const project_findings& project : projects)
        all.emplace_back(project);
    std::vector<question> questions;
    for (const open_question& open : open_questions) {
        std::vector<std::string> answers;
        for (const evidence& seen : all) {
            auto words = open.settle(seen);
            if (words && std::find(answers.begin(), answers.end(), *words) == answers.end())
                answers.push_back(std::move(*words));
        }
        question one;
        one.name = open.name;
        one.title = open.title;
        one.settled = !answers.empty();
        one.words = one.settled ? fmt::format("settled: {}", fmt::join(answers, "; elsewhere: "))
                                : fmt::format("not seen yet: needs {}", open.needs);
        questions.push_back(std::move(one));
    }
    return questions;
}

} // namespace replmond::doctor
