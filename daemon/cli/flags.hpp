#pragma once

#include "daemon/cli/arguments.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What the flags of several commands have in common. Everything that is passed by reference must stay valid
/// while the command line is parsed. A check returns what is wrong and what is allowed; empty: nothing.
namespace replmond::cli {

/// The heading in a command's help of what every command takes; it comes last.
inline constexpr auto common_group = "Options of every command";

/// An empty value is most likely an unset variable of the shell.
std::string refuse_empty(const std::string& value);

/// "a, b or c"
std::string in_words(const std::vector<std::string>& choices);

/// The mistake that `value` is none of `choices`, with the one that was probably meant.
std::string no_such_choice(const std::string& value, const std::vector<std::string>& choices);

/// `; did you mean orders?` if a word of `known` is near to `word`, else empty. Made for terminals.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& known);

/// The words that a value may be, in the order in which help lists them.
template<class T>
using choices_of = std::vector<std::pair<std::string, T>>;

template<class T>
std::vector<std::string> names_of(const choices_of<T>& choices) {
    std::vector<std::string> names;
    for (const auto& [name, value] : choices)
        names.push_back(name);
    return names;
}

template<class T>
const T* find_choice(const choices_of<T>& choices, std::string_view word) {
    for (const auto& [name, value] : choices) {
        if (name == word)
            return &value;
    }
    return nullptr;
}

/// A flag whose value is one of a few words; the default is the word of what `into` holds.
template<class T>
CLI::Option& add_choice(CLI::App& to, const char* flag, const char* value_name, T& into,
                        const choices_of<T>& choices, const char* description) {
    const auto is_default = [&into](const auto& choice) { return choice.second == into; };
    const auto usual = std::find_if(choices.begin(), choices.end(), is_default);
    return *to.add_option_function<std::string>(
                  flag, [&into, &choices](const std::string& name) { into = *find_choice(choices, name); },
                  fmt::format("{}: {} (default {})", description, in_words(names_of(choices)), usual->first))
                ->type_name(value_name)
                ->check([&choices](const std::string& name) {
                    return find_choice(choices, name) != nullptr ? ""
                                                                 : no_such_choice(name, names_of(choices));
                });
}

/// A flag whose value is a list of words with commas between them; it can also be given again.
CLI::Option& add_list(CLI::App& to, const char* flag, const char* value_name, std::vector<std::string>& into,
                      std::string description);

/// A flag whose value is a duration from 1s to `longest`.
void add_duration(CLI::App& to, const char* flag, milliseconds& into, milliseconds longest,
                  const std::string& description);

/// False for a flag that is only there or not.
bool takes_value(const CLI::Option& option);

/// --config.file, --log.level and --log.format.
void add_common(CLI::App& to, common_arguments& into);

/// The words of --log.level, and of --level of `events`.
const choices_of<severity>& level_words();
/// The words of --log.format, and of --output of `events`.
const choices_of<web::log_format>& format_words();

} // namespace replmond::cli
