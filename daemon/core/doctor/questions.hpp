#pragma once

#include "daemon/core/doctor/answers.hpp"
#include "daemon/core/doctor/list_pages.hpp"
#include "daemon/core/doctor/steps.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace replmond::doctor {

/// What doctor found out about one project.
struct project_findings {
    std::string project;
    std::string region;
    std::vector<step_result> steps;
    answer_survey answers;
    std::vector<list_form> lists;
};

/// An open question about the cloud (README, Not verified against the live service), and what was seen.
struct question {
    std::string_view name;  ///< the word of the report
    std::string_view title; ///< what is open, for people
    bool settled = false;
    /// `settled: …` or `not seen yet: needs …`. Made of known names and placeholders only.
    std::string words;
};

/// All questions, in the order of README's table.
std::vector<question> answer_questions(const std::vector<project_findings>& projects);

} // namespace replmond::doctor
