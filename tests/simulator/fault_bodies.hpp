#pragma once

#include "tests/simulator/faults.hpp"

#include <string>
#include <string_view>

namespace replmond::simulator {

/// The bodies that a fault can name: the forms in which errors come (README.md lists them), and forms that no
/// client should trust.
bool is_fault_body(std::string_view name);

/// `service, gateway, …`, for messages.
std::string fault_body_names();

/// The answer with that body. Its status is the rule's; without, what goes with the body.
testing::script fault_body(const fault_rule& rule, const call& now);

/// `text` as gzip, not made smaller.
std::string as_gzip(std::string_view text);

} // namespace replmond::simulator
