// Writes errors as the cloud of a report does.
#include "tests/simulator/error_form.hpp"

#include "tests/simulator/json_text.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace json = boost::json;
using replmond::testing::script;

namespace replmond::simulator {
namespace {

// What an error says, as errors.hpp writes it.
struct refusal_text {
    std::string code;
    std::string text;
    std::string request_id;
};

std::optional<refusal_text> read_refusal(const std::string& body) {
    boost::system::error_code ec;
    const json::value document = json::parse(body, ec);
    const auto* object = ec ? nullptr : document.if_object();
    if (!object || !object->contains("error_code") || !object->contains("error_msg"))
        return std::nullopt;
    refusal_text said{std::string(object->at("error_code").as_string()),
                      std::string(object->at("error_msg").as_string()), ""};
    if (const auto* id = object->if_contains("request_id"))
        said.request_id = std::string(id->as_string());
    return said;
}

bool has(std::string_view name, std::string_view part) {
    return name.find(part) != std::string_view::npos;
}

// The value of a field of this name: one of the three, or one that means nothing.
json::value value_for(std::string_view name, const described_field& field, const refusal_text& said,
                      json::value otherwise) {
    if (field.of_type("string") == 0)
        return otherwise;
    if (has(name, "request"))
        return json::value(said.request_id);
    if (has(name, "code") || has(name, "Code"))
        return json::value(said.code);
    if (has(name, "msg") || has(name, "Msg") || has(name, "message"))
        return json::value(said.text);
    return otherwise;
}

bool comes(const described_field& field) {
    return field.of_type("absent") == 0;
}

// The fields between the path of an object and its end.
json::object body_inside(const described_fields& fields, const std::string& prefix,
                         const refusal_text& said) {
    json::object body;
    for (const auto& [path, field] : fields) {
        if (!path.starts_with(prefix) || !comes(field))
            continue;
        const std::string name = path.substr(prefix.size());
        if (name.find_first_of(".[") != std::string::npos)
            continue;
        if (field.of_type("object") > 0)
            body[name] = body_inside(fields, path + ".", said);
        else
            body[name] = value_for(name, field, said, placeholder(fields, path, field.types.begin()->first));
    }
    return body;
}

void set_body(script& answer, const error_form& form, const refusal_text& said) {
    const char* type = "application/json;charset=UTF-8";
    if (form.content == "json") {
        answer.body = json_text(body_inside(form.fields, "", said));
    } else if (form.content == "html") {
        type = "text/html";
        answer.body = "<html><body><h1>" + said.text + "</h1></body></html>";
    } else {
        type = form.content == "text" ? "text/plain" : "application/octet-stream";
        answer.body = form.content == "empty" ? "" : said.text;
    }
    std::erase_if(answer.headers, [](const auto& header) { return header.first == "Content-Type"; });
    answer.headers.emplace_back("Content-Type", type);
}

} // namespace

error_forms read_error_forms(const report_node& errors) {
    error_forms forms;
    for (const auto& error : errors.items()) {
        error.allow({"call", "times", "status", "content", "code", "body", "headers", "retry_after_seconds"});
        error_form form;
        form.status = static_cast<int>(error.at("status").count());
        if (form.status < 100 || form.status > 599 || form.status == 200)
            error.at("status").refuse("must be an HTTP status other than 200");
        form.content = error.at("content").one_of({"json", "html", "text", "empty", "other"});
        if (const auto body = error.find("body"))
            form.fields = read_fields(*body);
        if (form.content == "json" && form.fields.empty())
            error.refuse("needs 'body' where 'content' is json");
        if (const auto seconds = error.find("retry_after_seconds"))
            form.retry_after_seconds = seconds->count();
        const bool known = std::any_of(forms.begin(), forms.end(),
                                       [&](const error_form& other) { return other.status == form.status; });
        if (!known)
            forms.push_back(std::move(form));
    }
    return forms;
}

script in_form(script answer, const error_forms& forms) {
    const auto form = std::find_if(forms.begin(), forms.end(),
                                   [&](const error_form& known) { return known.status == answer.status; });
    if (form == forms.end())
        return answer;
    const auto said = read_refusal(answer.body);
    if (!said)
        return answer;
    set_body(answer, *form, *said);
    if (form->retry_after_seconds)
        answer.headers.emplace_back("Retry-After", std::to_string(*form->retry_after_seconds));
    return answer;
}

} // namespace replmond::simulator
