#pragma once

#include "tests/simulator/cloud.hpp"
#include "tests/simulator/errors.hpp"

#include <boost/json/object.hpp>

#include <string_view>

// What control.cpp hands requests to. Each reads the body, which may throw, before it changes anything.
namespace replmond::simulator {

inline testing::script mistake(std::string_view text) {
    return json_answer(400, {{"error", text}});
}

inline testing::script done() {
    return json_answer(200, {{"status", "ok"}});
}

inline double seconds(virtual_time time) {
    return static_cast<double>(time.count()) / 1000;
}

/// A task as /_control/state has it.
boost::json::object shown(const listed_task& task);

/// A TaurusDB instance with the HTAP instances that it lists.
boost::json::object shown(const taurusdb_spec& owner, virtual_time now);

/// The quirks of an instance, where it has any.
boost::json::object shown(const instance_quirks& quirks);

testing::script post_tasks(cloud& all, const testing::request& asked, const instant& at);
testing::script post_instances(cloud& all, const testing::request& asked, const instant& at);
testing::script post_taurusdb(cloud& all, const testing::request& asked, const instant& at);
testing::script post_htap(cloud& all, const testing::request& asked, const instant& at);
testing::script post_inventory(cloud& all, const testing::request& asked, const instant& at);
testing::script post_tokens(cloud& all, const testing::request& asked, const instant& at);
testing::script post_keys(cloud& all, const testing::request& asked, const instant& at);
testing::script post_users(cloud& all, const testing::request& asked, const instant& at);
testing::script post_pod_identity(cloud& all, const testing::request& asked, const instant& at);
testing::script post_identity_providers(cloud& all, const testing::request& asked, const instant& at);
testing::script post_metadata(cloud& all, const testing::request& asked, const instant& at);
testing::script post_mysql(cloud& all, const testing::request& asked, const instant& at);
testing::script delete_mysql(cloud& all, const testing::request& asked, const instant& at);
testing::script post_rate(cloud& all, const testing::request& asked, const instant& at);

} // namespace replmond::simulator
