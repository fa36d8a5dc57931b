#pragma once

#include <string_view>

/// What was built, from what, with what.
namespace replmond {

extern const std::string_view version;  ///< of the project, such as 0.1.0
extern const std::string_view revision; ///< git commit, "unknown" outside a checkout
extern const std::string_view compiler; ///< such as GNU 12.2.0

} // namespace replmond
