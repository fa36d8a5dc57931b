// The steps of `replmond doctor` for one project, in the order of the contract. Every request goes through
// the project's client, so that credentials, budget and masking are the daemon's.

#include "daemon/cli/doctor_project.hpp"

#include "daemon/cli/doctor_cloud_steps.hpp"
#include "daemon/cli/doctor_connection.hpp"
#include "daemon/cli/doctor_lag.hpp"
#include "daemon/cli/read_lag.hpp"
#include "daemon/core/cloud/clock_skew.hpp"
#include "daemon/core/terminal/text.hpp"
#include "daemon/net/clocks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace replmond::cli {

namespace asio = boost::asio;

using doctor::step;
using doctor::step_result;
using doctor::verdict;

namespace {

// No instance has this id: what the cloud answers is one of the open questions.
constexpr const char* id_of_nobody = "00000000000000000000000000000000in17";

} // namespace

project_check::project_check(cloud_session& session, const config::project_settings& project,
                             std::string instance, spinner& at_work,
                             std::function<void(const step_result&)> told)
    : session_(session), project_(project), instance_(std::move(instance)), spinner_(at_work),
      told_(std::move(told)) {
    findings_.project = project.name;
    findings_.region = project.region;
    session_.observe([this](const std::string&, const cloud::sent_request& sent) { observe(sent); });
}

void project_check::observe(const cloud::sent_request& sent) {
    ++requests_;
    auto of = doctor::call_of(sent.operation);
    if (!of)
        return;
    if (is_asking_for_nobody_)
        of = doctor::call::no_such_instance;
    if (sent.answer == nullptr) {
        findings_.answers.take_unanswered(*of);
        return;
    }
    findings_.answers.take(*of, *sent.answer);
    if (!clock_ahead_)
        clock_ahead_ = cloud::clock_difference(*sent.answer, net::wall_clock());
}

void project_check::add(step_result ended) {
    told_(ended);
    findings_.steps.push_back(std::move(ended));
}

void project_check::skip(const std::vector<step>& steps, const std::string& why) {
    for (const step each : steps)
        add(doctor::skipped_step(each, why));
}

void project_check::skip_cloud(const std::string& why) {
    skip({step::instances, step::htap, step::list, step::configuration}, why);
    const auto& all = session_.settings().instances; // of this project only
    if (std::any_of(all.begin(), all.end(), [](const auto& each) { return each.lag.has_value(); }))
        skip({step::lag_login, step::lag_table}, why);
}

asio::awaitable<void> project_check::run() {
    const bool is_connected = co_await connect();
    if (!is_connected) {
        const std::string why = "there is no connection";
        skip({step::clock, step::credential, step::project_id}, why);
        skip_cloud(why);
        skip({step::rate_limit}, why);
        co_return;
    }
    const bool is_accepted = co_await prove();
    if (!is_accepted) {
        skip_cloud(session_.api(project_.name).known_project_id() ? "the credential is not accepted"
                                                                  : "the project's id is not known");
        add_rate_limit();
        co_return;
    }
    co_await check_inventory(not_allowed_);
    co_await check_instances();
    if (has_read_a_list_)
        co_await ask_for_nobody();
    add_rate_limit();
}

asio::awaitable<bool> project_check::connect() {
    spinner_.doing(fmt::format("project {}: connecting", project_.name));
    std::optional<cloud::service_route> route;
    std::string unusable;
    try {
        route = session_.route(project_.name);
        session_.api(project_.name);
    } catch (const std::exception& e) {
        unusable = e.what();
    }
    if (!unusable.empty()) {
        add({.what = step::names, .ended = verdict::fail, .seen = unusable});
        skip({step::connection, step::tls}, "the configuration cannot be used");
        co_return false;
    }
    const auto seen =
        co_await client::probe_connection(route->to, route->client, session_.settings().poll.timeout);
    for (step_result& each : connection_steps(*route, seen, net::wall_clock()))
        add(std::move(each));
    co_return !seen.why.has_value();
}

asio::awaitable<bool> project_check::prove() {
    spinner_.doing(fmt::format("project {}: proving the credential", project_.name));
    const auto proof = co_await session_.api(project_.name).prove(session_.settings().poll.timeout);
    add(clock_step(clock_ahead_, project_.auth));
    const bool may_go_on = take_proof(proof);
    co_return may_go_on;
}

// Whether requests with the credential make sense.
bool project_check::take_proof(const result<cloud::credential_proof>& proof) {
    if (proof) {
        add(accepted_credential(*proof, project_.auth, net::wall_clock()));
        add_project_id();
        not_allowed_ = proof->not_allowed;
        return true;
    }
    const bool is_refused = proof.error().result == poll_result::auth;
    if (!is_refused && !session_.api(project_.name).known_project_id()) {
        add({.what = step::credential, .ended = verdict::skip, .seen = "the project's id is not known"});
        add(failed_project_id(proof.error()));
        return false;
    }
    add(failed_credential(proof.error(), project_.auth));
    add_project_id();
    return !is_refused;
}

void project_check::add_project_id() {
    if (const auto known = session_.api(project_.name).known_project_id())
        add(project_id_step(*known, project_.project_id.has_value()));
    else
        add(doctor::skipped_step(step::project_id, "the credential is not accepted"));
}

asio::awaitable<void> project_check::check_inventory(std::optional<failure> refused) {
    spinner_.doing(fmt::format("project {}: listing instances", project_.name));
    cloud::instances_page page;
    if (!refused) {
        auto permits = session_.permits(project_.name);
        const cloud::instances_query query;
        auto read =
            co_await session_.api(project_.name).instances(query, permits, session_.settings().poll.timeout);
        if (read)
            page = std::move(*read);
        else
            refused = read.error();
    }
    if (refused) {
        add(failed_listing(step::instances, *refused, project_.discover.has_value()));
        add(doctor::skipped_step(step::htap, "no TaurusDB instance is known"));
        co_return;
    }
    add(instances_step(page));
    co_await check_htap(std::move(page.instances));
}

asio::awaitable<void> project_check::check_htap(std::vector<cloud::taurusdb_instance> above) {
    constexpr std::size_t most_asked = 3;
    if (above.empty()) {
        add(doctor::skipped_step(step::htap, "there is no TaurusDB instance"));
        co_return;
    }
    std::size_t asked = 0;
    std::size_t starrocks = 0;
    for (const cloud::taurusdb_instance& each : above) {
        if (asked == most_asked)
            break;
        auto permits = session_.permits(project_.name);
        const auto list =
            co_await session_.api(project_.name).htap(each.id, permits, session_.settings().poll.timeout);
        if (!list) {
            add(failed_listing(step::htap, list.error(), project_.discover.has_value()));
            co_return;
        }
        ++asked;
        starrocks += list->starrocks.size();
    }
    add(htap_step(starrocks, asked, above.size()));
}

asio::awaitable<void> project_check::check_instances() {
    spinner_.doing(fmt::format("project {}: looking for instances", project_.name));
    found_instances found;
    try {
        found = co_await find_instances(session_, instance_);
    } catch (const no_such_name& e) {
        no_such_instance_ = e.what();
    }
    for (const target_instance& one : found.instances)
        co_await check_instance(one);
    if (found.instances.empty())
        skip({step::list, step::configuration},
             no_such_instance_ ? "no instance of that name is here" : "there is no StarRocks instance");
}

asio::awaitable<std::optional<failure>> project_check::read_pass(const target_instance& of, int limit,
                                                                 instance_state& state,
                                                                 doctor::list_form& into) {
    doctor::pass_reader pass(limit);
    std::optional<failure> why;
    const bool is_first = into.passes.empty();
    for (bool more = true; more;) {
        cloud::list_query query;
        query.instance_id = of.identity.id;
        query.limit = limit;
        query.offset = pass.offset();
        auto permits = session_.permits(project_.name);
        permits.set_subject(of.identity.name, of.identity.id);
        auto page = co_await session_.api(project_.name).list(std::move(query), permits, of.request_timeout);
        if (!page) {
            why = page.error();
            pass.fail();
            break;
        }
        more = pass.take(*page);
        if (!is_first)
            continue;
        if (page->body && !pass.pass().pages.empty() && pass.pass().pages.back().fresh > 0)
            doctor::count_words(*page->body, into);
        for (task_reading& task : page->tasks) {
            const std::string name = task.name;
            state.tasks[name].reading = std::move(task);
        }
    }
    if (is_first)
        into.tasks = pass.names().size();
    into.passes.push_back(pass.pass());
    co_return why;
}

asio::awaitable<void> project_check::check_instance(const target_instance& of) {
    spinner_.doing(fmt::format("{}: reading its list", of.identity.name));
    doctor::list_form form;
    form.instance = of.identity.name;
    instance_state state;
    state.identity = of.identity;
    const auto why = co_await read_pass(of, of.page_size, state, form);
    const bool is_failed = why && form.passes.front().pages.empty();
    if (!why) {
        if (const auto limit = doctor::limit_of_second_pass(form.passes.front()))
            co_await read_pass(of, *limit, state, form);
    }
    has_read_a_list_ = has_read_a_list_ || !why;
    step_result ended = why ? failed_list(*why) : list_step(form);
    ended.instance = of.identity.name;
    add(std::move(ended));
    findings_.lists.push_back(std::move(form));
    if (is_failed) {
        step_result skipped = doctor::skipped_step(step::configuration, "its list could not be read");
        skipped.instance = of.identity.name;
        add(std::move(skipped));
    } else {
        co_await check_configuration(of, state);
    }
    if (of.lag)
        co_await check_lag(of, state);
}

namespace {

// An abnormal task has the most to tell, then one that needs repair.
const task_reading* task_to_ask_for(const instance_state& state) {
    const task_reading* best = nullptr;
    const auto rank = [](const task_reading& task) {
        return task.status == status::no ? 2 : task.needs_repair.value_or(false) ? 1 : 0;
    };
    for (const auto& [name, task] : state.tasks) {
        if (best == nullptr || rank(task.reading) > rank(*best))
            best = &task.reading;
    }
    return best;
}

} // namespace

asio::awaitable<void> project_check::check_configuration(const target_instance& of,
                                                         const instance_state& state) {
    const task_reading* task = task_to_ask_for(state);
    if (task == nullptr) {
        step_result skipped = doctor::skipped_step(step::configuration, "it has no task");
        skipped.instance = of.identity.name;
        add(std::move(skipped));
        co_return;
    }
    spinner_.doing(fmt::format("{}: reading a configuration", of.identity.name));
    cloud::configuration_query query;
    query.instance_id = of.identity.id;
    query.task_name = task->name;
    auto permits = session_.permits(project_.name);
    permits.set_subject(of.identity.name, of.identity.id);
    const auto read =
        co_await session_.api(project_.name).configuration(std::move(query), permits, of.request_timeout);
    step_result ended = read ? configuration_step(read->error_text(), task->status == status::no)
                             : failed_configuration(read.error());
    ended.instance = of.identity.name;
    ended.task = task->name;
    add(std::move(ended));
}

asio::awaitable<void> project_check::check_lag(const target_instance& of, const instance_state& state) {
    spinner_.doing(fmt::format("{}: asking its databases", of.identity.name));
    if (of.lag->database.host.empty()) {
        step_result ended{.what = step::lag_login, .ended = verdict::fail, .instance = of.identity.name};
        ended.seen = "the cloud lists no address of it";
        ended.advice = "configure lag.host";
        add(std::move(ended));
        co_return;
    }
    const auto read = co_await read_heartbeats(session_, of, state);
    for (step_result& each : lag_steps(of, read))
        add(std::move(each));
}

asio::awaitable<void> project_check::ask_for_nobody() {
    spinner_.doing(fmt::format("project {}: asking for an instance that nobody has", project_.name));
    cloud::list_query query;
    query.instance_id = id_of_nobody;
    query.limit = 1;
    auto permits = session_.permits(project_.name);
    is_asking_for_nobody_ = true;
    // What it answers is seen by the observer.
    const auto ignored = co_await session_.api(project_.name)
                             .list(std::move(query), permits, session_.settings().poll.timeout);
    is_asking_for_nobody_ = false;
    (void)ignored;
}

void project_check::add_rate_limit() {
    add(rate_limit_step(findings_.answers.headers(), project_.limit, requests_));
}

} // namespace replmond::cli
