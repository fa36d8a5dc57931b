#pragma once

#include <CLI/CLI.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What is wrong with a command line, in two lines (the contract, Programs).
namespace replmond::cli {

/// `replmond: ` and what is wrong, then where help is. `what` may have anything in it: it is made safe for a
/// terminal. `words`: the command, such as "replmond task list".
std::string two_lines(std::string_view what, std::string_view words);

/// The same for a mistake that the parser found; `command` is the innermost one that was given.
std::string two_lines(const CLI::ParseError& mistake, const CLI::App& app, const CLI::App& command);

/// A flag that would take the flag behind it for its value, or has nothing behind its `=`; nothing where all
/// have one. CLI11 would take the next word: `--task-name= --yes` must not be about a task called --yes.
std::optional<std::string> missing_value(const std::vector<std::string_view>& words, const CLI::App& command);

/// What is wrong with a word that is neither a flag nor expected there: the command that was probably meant.
std::string unexpected_word(const std::string& word, const CLI::App& command);

} // namespace replmond::cli
