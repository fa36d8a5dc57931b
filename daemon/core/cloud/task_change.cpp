// The requests that change a task, whose values are checked before they are sent, and the meaning of their
// answers.

#include "daemon/core/cloud/task_change.hpp"

#include "daemon/core/cloud/errors.hpp"
#include "daemon/core/cloud/json.hpp"
#include "daemon/core/model/instance.hpp"
#include "daemon/core/model/text.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace replmond::cloud {

namespace {

namespace json = boost::json;

// The contract, Programs; API.md, section 2.
constexpr std::size_t shortest_name = 3;
constexpr std::size_t longest_name = 128;
constexpr std::size_t longest_source_name = 1024;

// ASCII only, whatever the locale.
bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

class order_check {
public:
    void name(const char* field, const std::string& text, std::size_t longest) {
        const bool good = text.size() >= shortest_name && text.size() <= longest &&
                          std::all_of(text.begin(), text.end(), is_name_character);
        if (!good)
            mistakes_.push_back({field,
                                 fmt::format("expected {} to {} letters (A-Z, a-z), digits or underscores",
                                             shortest_name, longest),
                                 text});
    }

    void id(const char* field, const std::string& text) {
        if (!is_instance_id(text))
            mistakes_.push_back({field, "expected an id of 36 letters and digits", text});
    }

    std::vector<field_mistake> take() { return std::move(mistakes_); }

private:
    std::vector<field_mistake> mistakes_;
};

bool is_blank_or_control(char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == '\x7f';
}

} // namespace

std::optional<task_name> task_name::from(std::string text) {
    if (!is_valid_utf8(text) || std::all_of(text.begin(), text.end(), is_blank_or_control))
        return std::nullopt;
    return task_name(std::move(text));
}

std::variant<create_request, std::vector<field_mistake>> create_request::from(fields texts) {
    order_check check;
    check.id("source_instance_id", texts.source_instance_id);
    check.name("source_database", texts.source_database, longest_source_name);
    check.name("target_database", texts.target_database, longest_name);
    check.name("task_name", texts.task_name, longest_name);
    if (texts.source_node_id)
        check.id("source_node_id", *texts.source_node_id);
    auto mistakes = check.take();
    if (!mistakes.empty())
        return mistakes;
    return create_request(std::move(texts));
}

std::string create_request::body() const {
    json::object body{{"source_instance_id", fields_.source_instance_id},
                      {"source_database", fields_.source_database},
                      {"target_database", fields_.target_database},
                      {"task_name", fields_.task_name}};
    if (fields_.source_node_id)
        body["source_node_id"] = *fields_.source_node_id;
    return json::serialize(body);
}

std::string named_body(const task_name& name) {
    return json::serialize(json::object{{"task_name", name.text()}});
}

namespace {

constexpr int conflict = 409;

// API.md, section 4: codes of a 409 after which the Terraform provider retries.
constexpr std::array<std::string_view, 6> busy_codes = {"DBS.200019", "DBS.201014",   "DBS.201015",
                                                        "DBS.200047", "DBS.05000084", "DBS.212033"};

// The job's id; nothing if the answer has none or cannot be parsed. The status alone decides whether the
// request was accepted.
std::optional<std::string> job_of(std::string_view body) {
    json::error_code error;
    const json::value document = parse_exactly(body, error);
    if (error || !document.is_object())
        return std::nullopt;
    const json::value* id = document.get_object().if_contains("job_id");
    if (id == nullptr || !id->is_string() || id->get_string().empty())
        return std::nullopt;
    return std::string(id->get_string());
}

} // namespace

bool change_outcome::busy() const {
    return how == kind::refused && why.http_status == conflict &&
           std::find(busy_codes.begin(), busy_codes.end(), why.error_code) != busy_codes.end();
}

bool change_outcome::no_such_task() const {
    return how == kind::refused && (why.error_code == "DBS.270022" || why.error_code == "DBS.05000091");
}

bool change_outcome::wrong_state() const {
    return how == kind::refused && why.error_code == "DBS.200086";
}

change_outcome outcome_of(const http::http_response& answer, std::optional<timestamp> now) {
    change_outcome outcome;
    if (answer.status >= 200 && answer.status < 300) {
        outcome.how = change_outcome::kind::accepted;
        outcome.job_id = job_of(answer.body);
        return outcome;
    }
    outcome.how = answer.status >= 500 ? change_outcome::kind::unknown : change_outcome::kind::refused;
    outcome.why = failure_of(answer, now).value_or(failure());
    return outcome;
}

change_outcome outcome_without_answer(failure why, bool sent) {
    change_outcome outcome;
    outcome.how = sent ? change_outcome::kind::unknown : change_outcome::kind::not_sent;
    outcome.why = std::move(why);
    return outcome;
}

} // namespace replmond::cloud
