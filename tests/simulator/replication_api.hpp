#pragma once

#include "tests/simulator/call.hpp"
#include "tests/simulator/cloud.hpp"

namespace replmond::simulator {

/// The calls about tasks, for a caller who may make them, to an instance of ours.
testing::script list_replications(cloud& all, const instance_spec& instance, const call& now);
testing::script create_replication(cloud& all, const instance_spec& instance, const call& now);

/// pause, resume and delete, as `now.target` says. A delete that names no task is refused and marked as
/// grave: what the real cloud makes of it is not known.
testing::script change_replication(cloud& all, const instance_spec& instance, call& now);

/// By task name, or by target database where the path has one.
testing::script show_configuration(const cloud& all, const instance_spec& instance, const call& now);

} // namespace replmond::simulator
