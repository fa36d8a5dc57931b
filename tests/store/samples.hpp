#pragma once

#include "daemon/store/record.hpp"

#include <string>

namespace replmond::store {

inline constexpr timestamp noon{milliseconds(1'800'014'400'007)}; // 2027-01-15T12:00:00.007Z
inline const instance_key orders{"0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abin17"};

/// Every field set to something that no other field has.
task_record full_task(const std::string& name);

instance_record full_instance();

/// An event with a field of every kind. `id` 0: none.
kept_event sample_event(std::uint64_t id, timestamp time = noon);

/// A line that is not kept.
event plain_event(const std::string& name);

/// task_state has no operator==: compares every field.
void expect_equal(const task_record& a, const task_record& b);
void expect_equal(const instance_record& a, const instance_record& b);

} // namespace replmond::store
