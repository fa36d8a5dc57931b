#pragma once

#include "daemon/core/doctor/questions.hpp"
#include "daemon/core/model/time.hpp"

#include <string>
#include <vector>

namespace replmond::doctor {

/// All that one run found out.
struct findings {
    std::string version; ///< of replmond
    milliseconds took{};
    std::vector<project_findings> projects;
};

/// `ok`, `warn` or `fail` over all projects.
verdict worst_of(const findings& all);

/// Who reads it.
enum class audience {
    owner,    ///< of the account: with names and texts
    strangers ///< only what docs/doctor.md allows, whatever the cloud has sent
};

/// The findings as one JSON object (docs/doctor.md, The report), in lines, with a line break at its end. For
/// the owner the steps also have `seen` and `to_do`, names are the real ones, and each project has
/// `field_names`.
std::string to_json(const findings& all, audience reader);

} // namespace replmond::doctor
