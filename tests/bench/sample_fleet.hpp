#pragma once

#include "daemon/core/model/instance.hpp"

#include <string>
#include <vector>

/// Fleets to measure with: plausible names, every field reported.
namespace replmond::bench {

/// What an instance's list API answers for `tasks` tasks, at most 100, as the documents show it. With another
/// `turn` every task's percentage differs.
std::string page_body(int tasks, int turn = 0);

/// What is known of an instance after a poll that read such a page.
instance_state read_instance(int number, int tasks);

std::vector<instance_state> read_fleet(int instances, int tasks);

/// As a poll leaves it that found another percentage for every task.
void make_progress(instance_state& state, int turn);

} // namespace replmond::bench
