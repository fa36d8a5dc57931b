#pragma once

#include <CLI/CLI.hpp>

#include <map>
#include <string>
#include <vector>

namespace replmond::cli {

/// A check of a flag's value: an empty one is most likely a variable that is not set.
inline std::string refuse_empty(const std::string& value) {
    return value.empty() ? "expected a value that is not empty" : "";
}

/// A flag whose value is one of a few words. `into` and `choices` must stay valid.
template<class T>
void add_choice(CLI::App& to, const char* flag, T& into, const std::map<std::string, T>& choices,
                const char* description) {
    std::vector<std::string> names;
    for (const auto& [name, value] : choices)
        names.push_back(name);
    to.add_option_function<std::string>(
          flag, [&into, &choices](const std::string& name) { into = choices.at(name); }, description)
        ->check(CLI::IsMember(names));
}

} // namespace replmond::cli
