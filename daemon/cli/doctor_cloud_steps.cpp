// What the steps of `replmond doctor` at the cloud's API say: what was seen, what to do, and what strangers
// may know of it.

#include "daemon/cli/doctor_cloud_steps.hpp"

#include "daemon/core/cloud/config_review.hpp"
#include "daemon/core/config/values.hpp"
#include "daemon/core/terminal/text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <cstdint>
#include <variant>

namespace replmond::cli {

using doctor::step;
using doctor::step_result;
using doctor::verdict;

namespace {

struct kind_namer {
    doctor::public_word operator()(const config::aksk_auth&) const { return "aksk"; }
    doctor::public_word operator()(const config::password_auth&) const { return "password"; }
    doctor::public_word operator()(const config::token_auth&) const { return "token"; }
    doctor::public_word operator()(const config::metadata_auth&) const { return "metadata"; }
    doctor::public_word operator()(const config::pod_identity_auth&) const { return "pod_identity"; }
    doctor::public_word operator()(const config::oidc_auth&) const { return "oidc"; }
    doctor::public_word operator()(const config::default_auth&) const { return "default"; }
};

std::string plural_of(std::size_t number, const std::string& what) {
    return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
}

std::string words_of(const doctor::counts& words) {
    std::string text;
    for (const auto& [word, times] : words)
        text += fmt::format("{}{} {}", text.empty() ? "" : ", ", times, word);
    return text;
}

std::string advice_for_list(const failure& why) {
    if (why.error_code.starts_with("IAM."))
        return "correct the credential first: this answer is IAM's";
    if (why.http_status == 403)
        return "grant the credential gaussdbformysql:htapInstance:getReplication, or correct the id: the "
               "cloud says the same of both";
    if (why.http_status == 404 || why.http_status == 400)
        return "is the id that of a StarRocks instance of this project?";
    if (why.result == poll_result::throttled)
        return "lower rate_limit, or let others ask less";
    return why.result == poll_result::protocol ? "is the endpoint right?" : "";
}

void name_the_credential(step_result& ended, const config::auth_settings& auth) {
    ended.facts.push_back({"kind", std::visit(kind_namer{}, auth)});
}

// As the configuration has it.
std::string configured(const config::auth_settings& auth) {
    return fmt::format("(auth.type {}: {})", std::visit(kind_namer{}, auth).text(),
                       cloud::credential_words(auth));
}

} // namespace

step_result accepted_credential(const cloud::credential_proof& proof, const config::auth_settings& auth,
                                timestamp now) {
    step_result ended{.what = step::credential};
    ended.seen = fmt::format("{} is accepted {}; ", proof.source, configured(auth));
    name_the_credential(ended, auth);
    if (proof.expires_at) {
        const auto left = std::chrono::duration_cast<std::chrono::seconds>(*proof.expires_at - now);
        ended.seen += fmt::format("it expires at {}", to_rfc3339(*proof.expires_at));
        ended.facts.push_back({"expires_in_seconds", std::int64_t{left.count()}});
    } else {
        ended.seen += "no end of it is known";
    }
    return ended;
}

step_result failed_credential(const failure& why, const config::auth_settings& auth) {
    step_result ended = doctor::failed_step(step::credential, why);
    ended.seen += ' ' + configured(auth);
    name_the_credential(ended, auth);
    ended.advice = why.result == poll_result::auth
                       ? "correct the credential; docs/credentials.md says what each refusal means"
                       : "try again: the cloud did not say whether it accepts it";
    return ended;
}

step_result project_id_step(const std::string& id, bool is_configured) {
    step_result ended{.what = step::project_id};
    ended.seen = fmt::format("{}, {}", id, is_configured ? "of the configuration" : "as the cloud says");
    ended.facts.push_back(
        {"from", is_configured ? doctor::public_word("configuration") : doctor::public_word("cloud")});
    return ended;
}

step_result failed_project_id(const failure& why) {
    step_result ended = doctor::failed_step(step::project_id, why);
    ended.advice = "configure project_id";
    return ended;
}

step_result instances_step(const cloud::instances_page& page) {
    step_result ended{.what = step::instances, .seen = plural_of(page.records, "TaurusDB instance")};
    if (page.total_count)
        ended.seen += fmt::format(" of {}", *page.total_count);
    ended.facts.push_back({"instances", static_cast<std::int64_t>(page.records)});
    return ended;
}

step_result htap_step(std::size_t found, std::size_t asked, std::size_t all) {
    step_result ended{.what = step::htap};
    ended.seen = fmt::format("{} on {} of {} that {} asked", plural_of(found, "StarRocks instance"), asked,
                             plural_of(all, "TaurusDB instance"), asked == 1 ? "was" : "were");
    ended.facts.push_back({"starrocks_instances", static_cast<std::int64_t>(found)});
    return ended;
}

step_result failed_listing(step what, const failure& why, bool discovers) {
    step_result ended = doctor::failed_step(what, why);
    if (!discovers)
        ended.ended = verdict::warn;
    ended.advice = fmt::format("{}, {}",
                               why.http_status == 403 ? "grant the credential gaussdb:instance:list and "
                                                        "gaussdb:htapInstance:list"
                                                      : "see the cloud's text",
                               discovers ? "which discover needs" : "if you want to discover instances");
    return ended;
}

step_result list_step(const doctor::list_form& form) {
    step_result ended{.what = step::list, .seen = plural_of(form.tasks, "task")};
    if (!form.stages.empty())
        ended.seen += fmt::format(": {}; status {}", words_of(form.stages), words_of(form.statuses));
    ended.facts.push_back({"tasks", static_cast<std::int64_t>(form.tasks)});
    if (const auto page_size = doctor::page_size_needed(form)) {
        ended.ended = verdict::warn;
        ended.seen += fmt::format("; the first page had only {} of them, and its total_count says that these "
                                  "are all",
                                  form.passes.front().pages.front().records);
        ended.advice =
            fmt::format("set poll.page_size: {}; with more the daemon sees the first page only", *page_size);
    }
    if (form.stages.contains("other") || form.statuses.contains("other")) {
        ended.ended = verdict::warn;
        ended.advice += fmt::format("{}show the report: the list has words that replmond does not know",
                                    ended.advice.empty() ? "" : "; ");
    }
    return ended;
}

step_result failed_list(const failure& why) {
    step_result ended = doctor::failed_step(step::list, why);
    ended.advice = advice_for_list(why);
    return ended;
}

step_result configuration_step(const std::optional<std::string>& error_text, bool is_abnormal) {
    step_result ended{.what = step::configuration};
    ended.seen = error_text ? "error text: " + *error_text : "no error text";
    ended.facts.push_back({"has_error_text", error_text.has_value()});
    ended.facts.push_back({"task_is_abnormal", is_abnormal});
    return ended;
}

step_result failed_configuration(const failure& why) {
    step_result ended = doctor::failed_step(step::configuration, why);
    ended.ended = verdict::warn;
    ended.advice =
        "grant the credential gaussdbformysql:htapInstance:getReplication; without this call events "
        "lack the reason of a fault";
    return ended;
}

step_result rate_limit_step(const doctor::header_form& headers, const config::rate_limit& limit,
                            std::size_t requests) {
    step_result ended{.what = step::rate_limit};
    ended.seen = fmt::format("{} of {} in {} that rate_limit allows; {}", plural_of(requests, "request"),
                             limit.requests, config::format_duration(limit.window),
                             headers.rates.empty() ? "no answer has a header about rates" : "seen:");
    for (const auto& [name, values] : headers.rates)
        ended.seen += fmt::format(" {} {}", name, fmt::join(values, " "));
    ended.facts.push_back({"requests", static_cast<std::int64_t>(requests)});
    ended.facts.push_back({"limit", std::int64_t{limit.requests}});
    ended.facts.push_back({"window_seconds", std::chrono::duration<double>(limit.window).count()});
    if (headers.throttled == 0) {
        ended.seen += "; no answer was 429";
        return ended;
    }
    ended.ended = verdict::warn;
    ended.seen += fmt::format("; {} of {} answers 429 had Retry-After", headers.throttled_with_retry_after,
                              headers.throttled);
    ended.advice = "lower rate_limit below what the cloud allows, or let others ask less";
    return ended;
}

} // namespace replmond::cli
