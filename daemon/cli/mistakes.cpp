// Says what is wrong with a command line in our words, not in those of CLI11.

#include "daemon/cli/mistakes.hpp"

#include "daemon/cli/flags.hpp"
#include "daemon/cli/help.hpp"
#include "daemon/core/terminal/text.hpp"

#include <fmt/format.h>

#include <string>
#include <vector>

namespace replmond::cli {

namespace {

std::vector<std::string> commands_below(const CLI::App& command) {
    std::vector<std::string> names;
    for (const CLI::App* below : command.get_subcommands([](const CLI::App*) { return true; }))
        names.push_back(below->get_name());
    return names;
}

std::vector<std::string> flags_of(const CLI::App& command) {
    std::vector<std::string> flags;
    for (const CLI::Option* option : command.get_options()) {
        for (const std::string& name : option->get_lnames())
            flags.push_back("--" + name);
    }
    return flags;
}

std::string unknown_flag(const std::string& word, const CLI::App& command) {
    const std::string flag = word.substr(0, word.find('='));
    const std::string doubled = flag.starts_with("--") ? flag : '-' + flag;
    return fmt::format("unknown flag {}{}", flag, did_you_mean(doubled, flags_of(command)));
}

} // namespace

std::string unexpected_word(const std::string& word, const CLI::App& command) {
    const auto commands = commands_below(command);
    const auto parsed = command.get_subcommands();
    const bool is_about_help = parsed.size() == 1 && parsed.front()->get_name() == "help";
    if (commands.empty() || (!parsed.empty() && !is_about_help))
        return fmt::format("unexpected word \"{}\"", word);
    const std::string meant = did_you_mean(word, commands);
    return fmt::format("unknown command \"{}\"{}", word,
                       meant.empty() ? ": expected " + in_words(commands) : meant);
}

namespace {

// A flag of the command, or of one above it.
const CLI::Option* find_flag(const CLI::App* command, std::string_view word) {
    const std::string name(word.substr(0, word.find('=')));
    if (!name.starts_with("--"))
        return nullptr;
    for (; command != nullptr; command = command->get_parent()) {
        if (const CLI::Option* option = command->get_option_no_throw(name))
            return option;
    }
    return nullptr;
}

} // namespace

std::optional<std::string> missing_value(const std::vector<std::string_view>& words,
                                         const CLI::App& command) {
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string_view word = words[i];
        const auto equals = word.find('=');
        if (word.starts_with("--") && equals != std::string_view::npos && equals + 1 == word.size())
            return fmt::format("{}: expected a value behind the =", word.substr(0, equals));
        const CLI::Option* flag = find_flag(&command, word);
        if (flag == nullptr || !takes_value(*flag) || equals != std::string_view::npos)
            continue;
        ++i; // its value
        if (i < words.size() && find_flag(&command, words[i]) != nullptr)
            return fmt::format("{}: expected a value, got the flag {}", word, words[i]);
    }
    return std::nullopt;
}

namespace {

// What no flag, command or value was. It is told before what is missing, since a misspelt flag is both.
std::string describe_unexpected(const std::string& word, const CLI::App& command) {
    const bool is_flag = word.find_first_not_of('-') != std::string::npos && word.starts_with('-');
    return is_flag ? unknown_flag(word, command) : unexpected_word(word, command);
}

std::string describe_missing(const CLI::App& command, const std::string& said) {
    std::vector<std::string> missing;
    for (const CLI::Option* option : command.get_options()) {
        if (option->get_required() && option->count() == 0)
            missing.push_back(option->get_name());
    }
    if (!missing.empty()) {
        std::string flags;
        for (const std::string& flag : missing)
            flags += (flags.empty() ? "" : &flag == &missing.back() ? " and " : ", ") + flag;
        return fmt::format("{} {} required", flags, missing.size() == 1 ? "is" : "are");
    }
    const auto commands = commands_below(command);
    return commands.empty() ? said : "expected a command: " + in_words(commands);
}

// CLI11 begins these texts with the flag's name.
std::string flag_in(const std::string& said) {
    return said.substr(0, said.find_first_of(": "));
}

std::string describe(const CLI::ParseError& mistake, const CLI::App& command) {
    const std::string said = mistake.what();
    if (dynamic_cast<const CLI::RequiredError*>(&mistake) != nullptr)
        return describe_missing(command, said);
    if (dynamic_cast<const CLI::ArgumentMismatch*>(&mistake) != nullptr) {
        const bool too_many = said.find("At Most") != std::string::npos;
        return flag_in(said) + (too_many ? ": given more than once" : ": expected a value");
    }
    if (dynamic_cast<const CLI::ConversionError*>(&mistake) != nullptr) {
        // "Could not convert: --yes = maybe"
        const auto begin = said.find("--");
        const auto equals = said.find(" = ");
        if (begin != std::string::npos && equals != std::string::npos && begin < equals)
            return fmt::format("{}: expected true or false, or no value, got \"{}\"",
                               said.substr(begin, equals - begin), said.substr(equals + 3));
    }
    return said;
}

} // namespace

std::string two_lines(std::string_view what, std::string_view words) {
    return fmt::format("replmond: {}\nTry '{} --help'.\n", terminal::shown(what), words);
}

std::string two_lines(const CLI::ParseError& mistake, const CLI::App& app, const CLI::App& command) {
    const auto unexpected = app.remaining(true);
    const std::string what =
        unexpected.empty() ? describe(mistake, command) : describe_unexpected(unexpected.front(), command);
    return two_lines(what, words_of(command));
}

} // namespace replmond::cli
