#pragma once

#include "tests/simulator/access_control.hpp"
#include "tests/simulator/call.hpp"

#include <string>

namespace replmond::simulator {

/// `PUT /meta-data/latest/api/token` and `GET /openstack/latest/securitykey`, as on the link-local address
/// of a virtual machine. Whatever came through a proxy is refused, and grave: keys are no affair of a proxy.
testing::script answer_metadata(access_control& access, call& now);

/// What gives a proxy away in a request; empty where nothing does.
std::string proxy_trace(const testing::request& asked);

} // namespace replmond::simulator
