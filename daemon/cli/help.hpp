#pragma once

#include <CLI/CLI.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace replmond::cli {

/// The words of a command: "replmond task list".
std::string words_of(const CLI::App& command);

/// A command's help: what it does, its usage, commands, flags by groups (those of every command last) and
/// examples, in lines of at most `columns` columns where words allow that. The app's footer comes before the
/// examples.
std::string help_of(const CLI::App& command, std::size_t columns);

/// Command lines that help_of() shows for `words`, such as "replmond task list". Empty for a command that has
/// none.
std::vector<std::string> examples_of(const std::string& words);

} // namespace replmond::cli
