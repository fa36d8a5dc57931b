#pragma once

#include <string_view>

/// What replmond_build_info and --version show about this build.
namespace replmond {

extern const std::string_view version;  ///< of the project, such as 0.1.0
extern const std::string_view revision; ///< git commit, "unknown" outside a checkout
extern const std::string_view compiler; ///< such as GNU 12.2.0
extern const std::string_view linkage;  ///< "static", or empty: shared libraries of the system

} // namespace replmond
