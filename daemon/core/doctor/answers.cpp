// Collects what the answers of a project's service are like: their fields, the forms of errors, the headers.

#include "daemon/core/doctor/answers.hpp"

#include "daemon/core/cloud/errors.hpp"
#include "daemon/core/cloud/json.hpp"
#include "daemon/core/model/text.hpp"

#include <boost/json.hpp>

#include <chrono>

namespace replmond::doctor {

namespace json = boost::json;

namespace {

constexpr std::size_t most_error_forms = 50;
constexpr std::size_t most_rate_values = 5;
constexpr int throttled = 429;

std::optional<json::object> object_in(const std::string& body) {
    json::error_code error;
    json::value document = cloud::parse_exactly(body, error);
    if (error || !document.is_object())
        return std::nullopt;
    return std::move(document.get_object());
}

std::string content_of(const http::http_response& answer, bool is_object) {
    if (is_object)
        return "json";
    if (answer.body.empty())
        return "empty";
    const std::string type = to_lower_ascii(http::find_header(answer.headers, "Content-Type"));
    if (type.starts_with("text/html"))
        return "html";
    return type.starts_with("text/plain") ? "text" : "other";
}

} // namespace

answer_survey::surveyed_call& answer_survey::survey_of(call of) {
    return calls_
        .try_emplace(of, surveyed_call{{}, field_survey(of, part::body), field_survey(of, part::record)})
        .first->second;
}

void answer_survey::take(call of, const http::http_response& answer) {
    ++survey_of(of).answers[std::to_string(answer.status)];
    take_headers(answer);
    if (answer.status == 200)
        take_success(of, answer);
    else
        take_error(of, answer);
}

void answer_survey::take_unanswered(call of) {
    ++survey_of(of).answers["none"];
}

void answer_survey::take_success(call of, const http::http_response& answer) {
    if (of == call::projects)
        return; // IAM's own list: nobody asks what it is like
    const auto object = object_in(answer.body);
    if (!object)
        return;
    surveyed_call& into = survey_of(of);
    const std::string_view records = records_of(of);
    into.body.take(*object, unknown_, records);
    const json::value* list = records.empty() ? nullptr : object->if_contains(records);
    if (list == nullptr || !list->is_array())
        return;
    for (const json::value& record : list->get_array()) {
        if (record.is_object())
            into.record.take(record.get_object(), unknown_);
    }
}

void answer_survey::take_error(call of, const http::http_response& answer) {
    const auto object = object_in(answer.body);
    const std::string content = content_of(answer, object.has_value());
    const std::string code = object ? public_error_code(cloud::decode_error_body(answer.body).code) : "";
    const auto key = std::make_tuple(of, answer.status, content, code);
    if (!errors_.contains(key) && errors_.size() >= most_error_forms)
        return;
    surveyed_error& into =
        errors_.try_emplace(key, surveyed_error{{}, field_survey(of, part::error)}).first->second;
    into.form.of = of;
    into.form.status = answer.status;
    into.form.content = content;
    into.form.code = code;
    ++into.form.times;
    for (const auto& [name, value] : answer.headers) {
        if (const auto known = known_header(name); !known.empty())
            into.form.headers.emplace(known);
    }
    const auto wait =
        cloud::parse_retry_after(http::find_header(answer.headers, "Retry-After"), std::nullopt);
    if (wait)
        into.form.retry_after_seconds = std::chrono::duration_cast<std::chrono::seconds>(*wait).count();
    if (object)
        into.body.take(*object, unknown_);
}

void answer_survey::take_headers(const http::http_response& answer) {
    ++headers_.answers;
    std::set<std::string> seen;
    for (const auto& [name, value] : answer.headers) {
        const std::string_view known = known_header(name);
        if (known.empty()) {
            ++headers_.others;
            continue;
        }
        seen.emplace(known);
        if (!is_rate_header(known))
            continue;
        auto& values = headers_.rates[std::string(known)];
        if (values.size() < most_rate_values)
            values.insert(is_rate_value(value) ? value : "other");
    }
    for (const std::string& name : seen)
        ++headers_.seen[name];
    if (answer.status != throttled)
        return;
    ++headers_.throttled;
    headers_.throttled_with_retry_after += seen.contains("Retry-After") ? 1U : 0U;
}

std::map<call, call_form> answer_survey::calls() const {
    std::map<call, call_form> all;
    for (const auto& [of, survey] : calls_)
        all[of] = {survey.answers, survey.body.forms(), survey.record.forms(), survey.record.objects()};
    return all;
}

std::vector<error_form> answer_survey::errors() const {
    std::vector<error_form> all;
    for (const auto& [key, survey] : errors_) {
        all.push_back(survey.form);
        all.back().body = survey.body.forms();
    }
    return all;
}

} // namespace replmond::doctor
