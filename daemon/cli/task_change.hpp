#pragma once

#include "daemon/cli/arguments.hpp"
#include "daemon/core/cloud/task_change.hpp"
#include "daemon/core/model/time.hpp"

#include <optional>
#include <string>
#include <variant>

/// What is checked before a change is sent, what is said of its end, and what is tried again. Pure.
namespace replmond::cli {

/// The word on the command line: create, pause, resume, delete.
const char* word_of(task_change change);

/// What a change sends: create its order, the others a name.
using change_subject = std::variant<cloud::create_order, cloud::task_name>;

struct checked_change {
    std::optional<change_subject> subject;
    std::vector<std::string> mistakes; ///< "--task-name: expected …, got …"
};

/// Nothing is sent where there is a mistake.
checked_change check_change(const task_change_arguments& arguments);

/// Why a change did not come about, and what can be done, in one line. `instance`: its name.
std::string refusal_words(task_change change, const std::string& instance, const std::string& task,
                          const cloud::change_outcome& outcome);

/// When to send it again, counted from now; nothing: not at all. A busy instance and a request that never
/// left are tried again, the latter twice; so is a 429 that says when. What may have been done is not.
/// `attempts`: sent so far; `jitter`: 0..1.
std::optional<milliseconds> again_after(const cloud::change_outcome& outcome, int attempts, double jitter);

} // namespace replmond::cli
