#pragma once

#include "tests/simulator/access_control.hpp"
#include "tests/simulator/call.hpp"

namespace replmond::simulator {

/// `PUT /meta-data/latest/api/token` and `GET /openstack/latest/securitykey`, as on the link-local address
/// of a virtual machine. Whatever came through a proxy is refused, and grave: keys are no affair of a proxy.
testing::script answer_metadata(access_control& access, call& now);

} // namespace replmond::simulator
