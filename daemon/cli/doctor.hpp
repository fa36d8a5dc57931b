#pragma once

#include "daemon/cli/arguments.hpp"

namespace replmond::cli {

/// `replmond doctor`: proves each project of the configuration step by step, prints a line a step, then what
/// the lists are like, and writes the report for strangers where one is wanted. Reads only. Returns the exit
/// code: 0 if no step failed, 1 else, or 128 plus the number of the signal that ended it.
int diagnose(const doctor_arguments& arguments);

} // namespace replmond::cli
