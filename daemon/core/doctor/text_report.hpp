#pragma once

#include "daemon/core/doctor/report.hpp"

#include <cstddef>
#include <optional>
#include <string>

namespace replmond::doctor {

/// A step as a line for its owner, safe for a terminal: verdict, title, what was seen and what to do. With
/// `columns` it is wrapped at that width; without it is one line. Ends with a line break.
std::string line_of(const step_result& step, std::optional<std::size_t> columns);

/// What the lists are like: fields that nobody knows, fields that never came, and a line for each question.
std::string describe_questions(const findings& all, std::optional<std::size_t> columns);

} // namespace replmond::doctor
