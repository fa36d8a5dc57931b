#include "daemon/cloud/change_outcome.hpp"

#include "daemon/cloud/answer.hpp"
#include "daemon/cloud/exact_json.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace replmond::cloud {
namespace {

namespace json = boost::json;

constexpr int conflict = 409;

constexpr std::array<std::string_view, 6> busy_codes = {"DBS.200019", "DBS.201014",   "DBS.201015",
                                                        "DBS.200047", "DBS.05000084", "DBS.212033"};

// Accepted is what the status says: an answer that cannot be read takes nothing back.
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

change_outcome outcome_of(const net::http_response& answer, std::optional<timestamp> now) {
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
