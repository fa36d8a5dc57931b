#include "tests/support/small_fleet.hpp"

#include "daemon/core/web/fleet_view.hpp"

#include <algorithm>
#include <chrono>

namespace replmond::test {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

void polled(instance_state& state, milliseconds ago) {
    state.last_result = poll_result::success;
    state.last_poll = state.last_success = noon - ago;
    state.last_duration = 125ms;
    state.next_poll = noon - ago + state.interval;
    state.task_count = state.tasks.size();
}

event happened(const std::string& name, severity level, const std::string& message, milliseconds ago) {
    event e;
    e.name = name;
    e.level = level;
    e.message = message;
    e.time = noon - ago;
    e.project = "prod";
    return e;
}

void add_orders(small_fleet& fleet) {
    instance_state& orders = fleet.add("orders");
    task_state& fine = add_task(orders, "sync_orders", stage::incremental, status::yes, 100);
    fine.reading.source_database = "shop";
    fine.reading.target_database = "shop_sr";
    fine.reading.needs_repair = false;
    task_state& broken = add_task(orders, "sync_customers", stage::full, status::no, 42.5);
    broken.reading.source_database = "crm";
    broken.reading.target_database = "crm_sr";
    broken.reading.needs_repair = true;
    broken.reason.text = "Unknown column 'x' in <customers>";
    broken.abnormal_since = broken.status_changed = noon - 12min;
    task_state& catching_up = add_task(orders, "sync_orders_add_1", stage::full, status::yes, 7);
    catching_up.reading.main_task = false;
    catching_up.reading.catchup_stage = stage::full;
    catching_up.reading.catchup_percentage = 61;
    add_task(orders, "sync_paused", stage::paused, status::yes, 30);
    add_task(orders, "sync_waiting", stage::wait, status::yes);
    polled(orders, 5s);
}

void add_billing(small_fleet& fleet) {
    instance_state& billing = fleet.add("billing");
    add_task(billing, "sync_bills", stage::incremental, status::yes, 100).unseen_since = noon - 20min;
    add_task(billing, "sync_old", stage::cancelled, status::yes, 100).unseen_since = noon - 1min;
    polled(billing, 20min);
    billing.last_result = poll_result::http;
    billing.last_poll = noon - 65s;
    billing.next_poll = noon - 5s;
    billing.failing_since = noon - 20min;
    failure why;
    why.result = poll_result::http;
    why.http_status = 403;
    why.error_code = "DBS.200022";
    why.error_msg = "no permission for <this>";
    why.request_id = "9b1d";
    billing.last_failure = why;
}

} // namespace

instance_state& small_fleet::add(const std::string& name, const std::string& project) {
    instance_state& state = instances.emplace_back();
    state.identity.project = project;
    state.identity.project_id = "0123456789abcdef0123456789abcdef";
    state.identity.region = "ap-southeast-3";
    state.identity.name = name;
    state.identity.id = "0123456789abcdef0123456789abcdefin17";
    state.interval = 60s;
    return state;
}

web::fleet_view small_fleet::view() const {
    web::instance_list all;
    for (const instance_state& each : instances)
        all.push_back(&each);
    std::sort(all.begin(), all.end(), [](const auto* a, const auto* b) { return web::comes_before(*a, *b); });
    web::fleet_view fleet;
    fleet.list = std::make_shared<const web::instance_list>(std::move(all));
    fleet.context = {noon, 15min};
    fleet.now = noon;
    return fleet;
}

std::vector<const event*> small_fleet::latest() const {
    std::vector<const event*> found;
    for (const event& each : events)
        found.push_back(&each);
    return found;
}

task_state& add_task(instance_state& to, const std::string& name, stage is, std::optional<status> how,
                     std::optional<double> percentage) {
    task_state task;
    task.reading.name = name;
    task.reading.stage = is;
    task.reading.status = how;
    task.reading.percentage = percentage;
    task.reading.main_task = true;
    task.stage_changed = task.status_changed = task.progress_changed = noon - 3h;
    task_state& added = to.tasks.insert_or_assign(name, task).first->second;
    to.task_count = to.tasks.size();
    return added;
}

small_fleet one_of_each() {
    small_fleet fleet;
    add_orders(fleet);
    add_billing(fleet);
    fleet.add("archive", "test").discovered = true; // not polled yet
    polled(fleet.add("empty"), 1s);
    task_state& odd = add_task(fleet.add("odd"), "sync_odd", stage::unknown, std::nullopt);
    odd.reading.stage_raw = "Warping";
    polled(fleet.instances.back(), 2s);

    event abnormal =
        happened("replication_abnormal", severity::error, "the synchronization is abnormal", 12min);
    abnormal.starrocks_instance = "orders";
    abnormal.task = "sync_customers";
    abnormal.with("stage", "full").with("percentage", decimal{"42.5"}).with("repeat", 0);
    abnormal.id = 2;
    event found = happened("task_discovered", severity::info, "a task is new", 3h);
    found.starrocks_instance = "orders";
    found.task = "sync_orders";
    found.with("stage", "incremental").with("main_task", true);
    found.id = 1;
    fleet.events = {abnormal, found};
    return fleet;
}

small_fleet many(std::size_t count, std::size_t tasks) {
    small_fleet fleet;
    for (std::size_t i = 0; i < count; ++i) {
        instance_state& state = fleet.add("i" + std::to_string(1000 + i));
        for (std::size_t t = 0; t < tasks; ++t) {
            const std::size_t number = i * tasks + t;
            add_task(state, "t" + std::to_string(1'000'000 + number), stage::incremental,
                     number % 10 == 0 ? status::no : status::yes, static_cast<double>(number % 101));
        }
        polled(state, 5s);
    }
    return fleet;
}

small_fleet named(const std::string& text) {
    small_fleet fleet;
    instance_state& state = fleet.add(text, text);
    state.identity.id = state.identity.region = text;
    task_state& task = add_task(state, text, stage::unknown, status::no, 50);
    task.reading.source_database = task.reading.target_database = task.reading.stage_raw = text;
    task.reading.catchup_stage = stage::unknown;
    task.reading.catchup_stage_raw = text;
    task.reading.needs_repair = true;
    task.reason.text = text;
    polled(state, 5s);
    state.last_result = poll_result::protocol;
    failure why;
    why.result = poll_result::protocol;
    why.error_code = why.error_msg = why.request_id = text;
    state.last_failure = why;
    event e = happened("replication_abnormal", severity::error, text, 1s);
    e.project = e.starrocks_instance = e.task = text;
    e.with("reason", text);
    fleet.events = {e};
    return fleet;
}

} // namespace replmond::test
