#pragma once

#include "tests/simulator/access_control.hpp"
#include "tests/simulator/call.hpp"

namespace replmond::simulator {

/// `POST /v1/credentials`, as a pod's environment names it: temporary keys for the token of the pod.
testing::script answer_pod_identity(access_control& access, call& now);

} // namespace replmond::simulator
