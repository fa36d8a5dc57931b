#pragma once

#include "tests/simulator/call.hpp"
#include "tests/simulator/cloud.hpp"

namespace replmond::simulator {

/// What there is: TaurusDB instances, the HTAP instances beside one, and what a StarRocks instance has.
testing::script list_instances(cloud& all, const call& now);
testing::script list_htap(const cloud& all, const taurusdb_spec& owner, const call& now);
testing::script list_databases(const cloud& all, const instance_spec& instance, const call& now);
testing::script list_nodes(const instance_spec& instance);

/// `GET /jobs?id=`
testing::script show_job(const cloud& all, const call& now);

} // namespace replmond::simulator
