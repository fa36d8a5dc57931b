// One event of each kind, as a fleet with one instance and one task would log it.

#include "tests/core/web/event_examples.hpp"

#include "daemon/core/cloud/credential.hpp"
#include "daemon/core/cloud/request_observer.hpp"
#include "daemon/core/lag/lag_tracker.hpp"
#include "daemon/core/tracking/failure_reporter.hpp"
#include "daemon/core/tracking/reasons.hpp"
#include "daemon/core/tracking/task_events.hpp"
#include "tests/support/instants.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

namespace replmond::web {

namespace {

using std::chrono_literals::operator""s;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""h;

const timestamp example_time = parse_rfc3339("2026-11-22T01:24:35.120Z").value();
const instant example_instant = test::by_both_clocks(example_time);
const instant a_minute_later = test::by_both_clocks(example_time + 1min);
const instance_identity orders{"prod",   "0123456789abcdef0123456789abcdef",     "ap-southeast-3",
                               "orders", "0123456789abcdef0123456789abcdefin17", {}};

task_reading reading_of(stage in, double percentage) {
    task_reading reading;
    reading.name = "orders_all";
    reading.source_database = "orders";
    reading.target_database = "orders_sr";
    reading.stage = in;
    reading.percentage = percentage;
    reading.status = status::yes;
    reading.main_task = true;
    return reading;
}

task_state state_of(task_reading reading) {
    task_state state;
    state.reading = std::move(reading);
    state.appeared = example_time - 24h;
    state.stage_changed = example_time - 90min;
    state.abnormal_since = example_time;
    return state;
}

task_state known_reason() {
    task_state state = state_of(reading_of(stage::incremental, 100));
    state.reason.text = "Table orders.items: unsupported column type";
    return state;
}

failure refusal() {
    return {poll_result::auth, 401, "APIGW.0301", "Incorrect IAM authentication information", "7b1c09f2"};
}

failure trouble() {
    return make_failure(poll_result::network, "cannot connect to gaussdb.ap-southeast-3.myhuaweicloud.com: "
                                              "Connection refused; is the port right, and does anything "
                                              "listen there?");
}

void add_tasks(std::vector<event>& to) {
    const task_reading incremental = reading_of(stage::incremental, 100);
    task_reading catching_up = incremental;
    catching_up.catchup_stage = stage::full;
    catching_up.catchup_percentage = 12;
    task_reading rebuilt = incremental;
    rebuilt.target_database = "orders_new";
    const task_state state = known_reason();
    to.push_back(
        tracking::stage_transition(orders, state_of(reading_of(stage::full, 99)), incremental, example_time));
    to.push_back(tracking::catchup_stage_transition(orders, incremental, catching_up, example_time));
    to.push_back(tracking::replication_abnormal(orders, state, incremental, example_time));
    to.push_back(tracking::replication_reason(orders, state, example_time));
    to.push_back(tracking::replication_recovered(orders, "orders_all", example_time - 10min, example_time));
    to.push_back(tracking::repair_needed(orders, state, example_time));
    to.push_back(tracking::repair_done(orders, state, example_time));
    to.push_back(tracking::task_discovered(orders, incremental, example_time));
    to.push_back(tracking::task_gone(orders, incremental, example_time));
    to.push_back(tracking::task_replaced(orders, state, rebuilt, example_time));
}

void add_lag(std::vector<event>& to) {
    config::lag_settings settings;
    settings.alert_above = 5min;
    instance_state of;
    of.identity = orders;
    of.tasks["orders_all"] = state_of(reading_of(stage::incremental, 100));
    lag::lag_tracker tracker;
    timestamp now = example_time;
    const auto read = [&](lag::table_answer answer) {
        lag::lag_reading reading;
        answer.read_at = now;
        reading.starrocks.answers = {std::move(answer)};
        for (event& each : tracker.take_in(of, settings, lag::plan_read(settings, of), reading, 1h,
                                           test::by_both_clocks(now)))
            to.push_back(std::move(each));
        now += 1min;
    };
    const auto heartbeat = [&](std::chrono::seconds ago) {
        return lag::table_answer{to_rfc3339(now - ago).replace(10, 1, " ").substr(0, 23), std::nullopt, {}};
    };
    read(heartbeat(412s));
    read(heartbeat(2s));
    read({std::nullopt,
          lag::lag_failure{lag_result::query, "1146 (42S02): Table 'orders_sr.heartbeat' doesn't exist"},
          {}});
    read(heartbeat(2s));
}

void add_polls(std::vector<event>& to) {
    tracking::poll_reporter polls(1h);
    to.push_back(polls.failed(orders, trouble(), 3, 1min, example_instant).value());
    to.push_back(polls.succeeded(orders, a_minute_later).value());
    to.push_back(tracking::unexpected_value_seen(orders, {"orders_all", "stage", "mystery"}, example_time));
    to.push_back(tracking::instance_note(orders, "The instance is being upgraded.", example_time));
    tracking::reason_reporter reasons("prod", 1h);
    to.push_back(reasons.failed(orders, "orders_all", refusal(), 1min, example_instant).value());
    to.push_back(reasons.succeeded(orders, a_minute_later).value());
    to.push_back(cloud::request_event(
        "prod", {"list", "200", std::chrono::milliseconds(84), orders.name, orders.id, 1, "7b1c09f2", {}},
        example_time));
    to.push_back(
        make_event("internal_error", severity::error, example_time,
                   "an error in replmond itself ended the requests for error texts; the next poll asks again",
                   orders.project, orders.name)
            .with("error_msg", "std::bad_alloc"));
}

void add_instances(std::vector<event>& to) {
    to.push_back(tracking::instance_discovered(orders, example_time));
    to.push_back(tracking::instance_gone(orders, example_time));
    to.push_back(tracking::instance_renamed(orders, "orders-old", example_time));
    tracking::discovery_reporter discovery("prod", 1h);
    to.push_back(discovery.failed(trouble(), 10min, example_instant).value());
    to.push_back(discovery.succeeded(a_minute_later).value());
}

void add_projects(std::vector<event>& to) {
    const std::string key = "access key ...CESS of the configuration";
    to.push_back(cloud::credential_refused("prod", key, refusal(), example_time));
    to.push_back(cloud::credential_accepted("prod", key, example_time));
    to.push_back(cloud::credential_expired("prod", "token of the IAM user replmond", example_time - 5min,
                                           example_time));
    schedule::stretch_change change;
    change.instances = 60;
    change.window = 5min;
    change.plan = {300, 200, 1.875};
    change.begins = change.is_news = true;
    to.push_back(tracking::stretch_event("prod", change, example_time).value());
    to.push_back(
        make_event(
            "same_project", severity::warn, example_time,
            "two entries under projects are the same project of the cloud; replmond polls an instance of "
            "both once, by the entry that configures it; remove one of the entries",
            "prod")
            .with("other_project", "prod-again")
            .with("project_id", orders.project_id));
}

event about_daemon(event_name name, severity level, std::string message) {
    return make_event(name, level, example_time, std::move(message));
}

event identified(event e) {
    return e.with("version", "0.2.0").with("addresses", "[::]:10930").with("instances", 2);
}

void add_daemon(std::vector<event>& to) {
    const char* file = "/etc/replmond/replmond.yaml";
    to.push_back(identified(about_daemon("started", severity::info, "replmond is running")));
    to.push_back(
        identified(about_daemon("stopping", severity::info, "replmond stops")).with("signal", "SIGTERM"));
    to.push_back(about_daemon("config_loaded", severity::info, "replmond loaded the configuration")
                     .with("file", file)
                     .with("projects", 1)
                     .with("instances", 2)
                     .with("added", 1)
                     .with("changed", 0)
                     .with("removed", 0)
                     .with("reconnected", 0));
    to.push_back(about_daemon("config_reload_failed", severity::error,
                              "replmond refuses the new configuration; the old one stays in force")
                     .with("file", file)
                     .with("error",
                           "/etc/replmond/replmond.yaml:3:13: poll.interval: expected a duration from 1s to "
                           "1h such as 30s, got \"60\""));
    to.push_back(about_daemon("config_warning", severity::warn,
                              "state.path changed; replmond uses the new path after a restart"));
    to.push_back(about_daemon("http_failed", severity::error,
                              "an error in replmond itself ended a request to its web server")
                     .with("handler", "/")
                     .with("error_msg", "std::bad_alloc")
                     .with("failures", 1));
    to.push_back(about_daemon("watchdog_withheld", severity::error,
                              "a poll or a listener hangs; systemd will restart replmond")
                     .with("overdue", 1)
                     .with("listeners", 1)
                     .with("first", orders.name));
    to.push_back(about_daemon("watchdog_fed", severity::info,
                              "all polls make progress again, and all listeners accept connections")
                     .with("overdue", 0)
                     .with("listeners", 1));
}

void add_state(std::vector<event>& to) {
    const char* file = "/var/lib/replmond/state.db";
    to.push_back(about_daemon("state_write_failed", severity::error,
                              "replmond cannot write its state; it keeps the state in memory and tries again")
                     .with("error", "database or disk is full")
                     .with("failures", 1));
    to.push_back(about_daemon("state_write_recovered", severity::info, "replmond writes its state again")
                     .with("after", decimal{"60"})
                     .with("failures", 12));
    to.push_back(about_daemon("state_set_aside", severity::error,
                              "the state file is damaged; replmond set it aside and began a new one")
                     .with("path", file)
                     .with("set_aside_as", "/var/lib/replmond/state.db.corrupt-20261122T012435Z")
                     .with("error", "database disk image is malformed"));
    to.push_back(about_daemon("lines_dropped", severity::error,
                              "replmond dropped lines, because nothing reads its stdout")
                     .with("lines", 40)
                     .with("events", 0));
}

event of_command(event_name name, std::string message, std::string why) {
    return make_event(name, severity::warn, example_time, std::move(message), orders.project, orders.name,
                      "orders_all")
        .with("operation", "pause")
        .with("error", why);
}

void add_commands(std::vector<event>& to) {
    to.push_back(of_command("change_deferred", "the cloud did nothing yet; replmond tries again in 5 s",
                            "http 409 DBS.05000084: another operation is in progress"));
    to.push_back(of_command("change_unanswered",
                            "replmond does not know whether it was done; the list will show it",
                            "timeout: no answer within 10000 ms: reading the answer was not done"));
    to.push_back(make_event("reading_failed", severity::warn, example_time,
                            "the list could not be read; the next reading tries again", orders.project,
                            orders.name, "orders_all")
                     .with("error", "http 503"));
}

} // namespace

std::vector<event> event_examples() {
    std::vector<event> all;
    for (const auto add :
         {add_tasks, add_lag, add_polls, add_instances, add_projects, add_daemon, add_state, add_commands})
        add(all);
    std::uint64_t id = 40;
    for (event& each : all) {
        const auto kind = std::find_if(event_kinds.begin(), event_kinds.end(),
                                       [&](const event_kind& k) { return k.name == each.name; });
        if (kind != event_kinds.end() && kind->is_stored)
            each.id = ++id;
    }
    return all;
}

} // namespace replmond::web
