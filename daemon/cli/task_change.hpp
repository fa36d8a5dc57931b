#pragma once

#include "daemon/cli/arguments.hpp"
#include "daemon/core/cloud/task_change.hpp"
#include "daemon/core/model/time.hpp"

#include <optional>
#include <string>
#include <variant>

/// Checks a change before it is sent, words its outcome, and decides what is sent again. Pure.
namespace replmond::cli {

/// The command's word: create, pause, resume or delete.
const char* word_of(task_change change);

/// What a change sends: create an order, the others a task's name.
using change_subject = std::variant<cloud::create_request, cloud::task_name>;

/// A change to send, or what is wrong with it. If there are mistakes, nothing may be sent.
struct checked_change {
    std::optional<change_subject> subject;
    std::vector<std::string> mistakes; ///< for example "--task-name: expected …, got …"
};

/// Checks the names of a change (the contract, "Programs"). If there is a mistake, nothing may be sent.
checked_change check_change(const task_change_arguments& arguments);

/// One line: why a change was not made, and what can be done. `instance`: its name.
std::string refusal_words(task_change change, const std::string& instance, const std::string& task,
                          const cloud::change_outcome& outcome);

/// When to send the change again, counted from now; nothing: never. These are sent again: a change that a
/// busy instance refused; a request that never left this host, at most twice; a 429 with Retry-After. A
/// change that may have been made is never sent again. `attempts`: requests sent so far; `jitter`: 0..1.
std::optional<milliseconds> again_after(const cloud::change_outcome& outcome, int attempts, double jitter);

} // namespace replmond::cli
