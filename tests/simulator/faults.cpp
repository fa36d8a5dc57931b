#include "tests/simulator/faults.hpp"

#include "tests/simulator/errors.hpp"
#include "tests/simulator/json_fields.hpp"

#include <algorithm>

namespace json = boost::json;
using replmond::testing::fault;
using replmond::testing::script;

namespace replmond::simulator {

std::optional<fault_rule> read_fault(const json::object& given, std::string& mistake) {
    fault_rule rule;
    json_fields fields(given);
    fields.read("instance", rule.instance);
    fields.read("count", rule.count, 1, 1'000'000);
    std::optional<std::int64_t> status;
    fields.read("status", status, 200, 599);
    fields.read("body", rule.body);
    fields.read("retry_after", rule.retry_after);
    fields.read("delay_ms", rule.delay_ms, 0, 3'600'000);
    fields.read("trickle_ms", rule.trickle_ms, 0, 3'600'000);
    fields.read("cut", rule.cut, 0, 100'000'000);
    fields.read("hang", rule.hang);
    fields.read("reset", rule.reset);
    fields.read("garbage", rule.garbage);
    if (status)
        rule.status = static_cast<int>(*status);
    mistake = fields.mistake();
    if (mistake.empty())
        return rule;
    return std::nullopt;
}

std::optional<fault_rule> fault_list::take(const route& target) {
    const auto fits = [&](const fault_rule& r) { return r.instance == "*" || r.instance == target.instance; };
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
        json::object shown{{"instance", rule.instance}};
        const auto show = [&](const char* key, const auto& value) {
            if (value)
                shown[key] = *value;
        };
        show("count", rule.count);
        show("status", rule.status);
        show("body", rule.body);
        show("retry_after", rule.retry_after);
        show("delay_ms", rule.delay_ms);
        show("trickle_ms", rule.trickle_ms);
        show("cut", rule.cut);
        shown["hang"] = rule.hang;
        shown["reset"] = rule.reset;
        shown["garbage"] = rule.garbage;
        list.push_back(std::move(shown));
    }
    return list;
}

bool stops_request(const fault_rule& rule) {
    return rule.status || rule.hang || rule.reset || rule.garbage;
}

script apply(const fault_rule& rule, script answer, const call& now) {
    if (rule.status) {
        answer = usual_error(*rule.status, now.request_id);
    } else if (rule.garbage) {
        answer = script{};
        answer.headers.emplace_back("Content-Type", "text/html");
        answer.body = "<html><body>It works! \xFF\xFE</body></html>";
    }
    if (rule.body)
        answer.body = *rule.body;
    if (rule.retry_after)
        answer.headers.emplace_back("Retry-After", *rule.retry_after);
    answer.delay = std::chrono::milliseconds(rule.delay_ms.value_or(0));

    if (rule.hang) {
        answer.fault = fault::hang_before_answer;
    } else if (rule.reset) {
        answer.fault = fault::reset_before_answer;
    } else if (rule.cut) {
        answer.fault = fault::cut_after;
        answer.cut_at = static_cast<std::size_t>(*rule.cut);
    } else if (rule.trickle_ms) {
        answer.fault = fault::trickle;
        answer.interval = std::chrono::milliseconds(*rule.trickle_ms);
    }
    return answer;
}

} // namespace replmond::simulator
