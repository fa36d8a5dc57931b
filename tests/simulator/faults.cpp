#include "tests/simulator/faults.hpp"

#include "tests/simulator/fault_bodies.hpp"
#include "tests/simulator/json_fields.hpp"

#include <algorithm>

namespace json = boost::json;

namespace replmond::simulator {
namespace {

// Reads a word that stands for a breaking point; false where it is none.
bool read_point(json_fields& fields, const char* key, std::optional<breaking_point>& point) {
    std::optional<std::string> word;
    fields.read(key, word);
    if (!word)
        return true;
    if (*word == "answer")
        point = breaking_point::answer;
    else if (*word == "header")
        point = breaking_point::header;
    else if (*word == "body")
        point = breaking_point::body;
    return point.has_value();
}

// Says what is wrong with the words in a rule, for which a type is not enough.
std::string wrong_words(const fault_rule& rule, const std::optional<std::string>& operation_name) {
    if (operation_name && !rule.only)
        return "'operation' is none of the cloud's: " + *operation_name;
    if (rule.answer && !is_fault_body(*rule.answer))
        return "'answer' must be " + fault_body_names();
    if (rule.chunked && *rule.chunked != "good" && *rule.chunked != "garbage")
        return "'chunked' must be good or garbage";
    return {};
}

} // namespace

std::optional<fault_rule> read_fault(const json::object& given, std::string& mistake) {
    fault_rule rule;
    rule.given = given;
    json_fields fields(given);
    std::optional<std::string> operation_name;
    std::optional<std::int64_t> status;
    std::optional<std::int64_t> bytes;
    bool reset = false;
    bool garbage = false;
    fields.read("instance", rule.instance);
    fields.read("operation", operation_name);
    fields.read("count", rule.count, 1, 1'000'000);
    fields.read("status", status, 200, 599);
    fields.read("answer", rule.answer);
    fields.read("body", rule.body);
    fields.read("error_code", rule.error_code);
    fields.read("error_msg", rule.error_msg);
    fields.read("location", rule.location);
    fields.read("retry_after", rule.retry_after);
    fields.read("retry_after_date", rule.retry_after_date, -86'400, 86'400);
    fields.read("echo", rule.echo);
    fields.read("bytes", bytes, 0, 1'000'000'000);
    fields.read("content_length_add", rule.content_length_add, -1'000'000'000, 1'000'000'000);
    fields.read("chunked", rule.chunked);
    fields.read("gzip", rule.gzip);
    fields.read("delay_ms", rule.delay_ms, 0, 3'600'000);
    fields.read("trickle_ms", rule.trickle_ms, 0, 3'600'000);
    fields.read("cut", rule.cut, 0, 100'000'000);
    fields.read("hang", rule.hang);
    fields.read("reset", reset);
    fields.read("garbage", garbage);
    const bool cut_known = read_point(fields, "cut_at", rule.cut_at);
    const bool reset_known = read_point(fields, "reset_at", rule.reset_at);

    if (status)
        rule.status = static_cast<int>(*status);
    if (bytes)
        rule.bytes = *bytes;
    if (operation_name)
        rule.only = operation_named(*operation_name);
    if (reset)
        rule.reset_at = breaking_point::answer;
    if (garbage)
        rule.answer = "garbage";
    mistake = fields.mistake();
    if (mistake.empty() && !(cut_known && reset_known))
        mistake = "'cut_at' and 'reset_at' must be answer, header or body";
    if (mistake.empty())
        mistake = wrong_words(rule, operation_name);
    if (mistake.empty())
        return rule;
    return std::nullopt;
}

std::optional<fault_rule> fault_list::take(const route& target) {
    const auto fits = [&](const fault_rule& rule) {
        return (rule.instance == "*" || rule.instance == target.instance) &&
               (!rule.only || *rule.only == target.wanted);
    };
    const auto found = std::find_if(rules_.begin(), rules_.end(), fits);
    if (found == rules_.end())
        return std::nullopt;
    fault_rule taken = *found;
    if (found->count && --*found->count == 0)
        rules_.erase(found);
    return taken;
}

json::array fault_list::to_json() const {
    json::array list;
    for (const auto& rule : rules_) {
        json::object shown = rule.given;
        shown["instance"] = rule.instance;
        if (rule.count)
            shown["count"] = *rule.count;
        list.push_back(std::move(shown));
    }
    return list;
}

bool stops_request(const fault_rule& rule) {
    return rule.status || rule.answer || rule.hang || rule.reset_at == breaking_point::answer;
}

} // namespace replmond::simulator
