// The text of --help.

#include "daemon/cli/help.hpp"

#include "daemon/cli/flags.hpp"
#include "daemon/core/terminal/text.hpp"
#include "daemon/core/terminal/wrap.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace replmond::cli {

namespace {

constexpr std::size_t widest_term = 28; // beside a description; longer ones have a line of their own

std::string term_of(const CLI::Option& option) {
    if (!option.nonpositional())
        return "  " + option.get_name(true);
    std::string text = "  ";
    for (const std::string& name : option.get_snames())
        text += '-' + name + ", ";
    text += "--" + option.get_lnames().front();
    if (takes_value(option))
        text += '=' + option.get_type_name();
    return text;
}

std::string description_of(const CLI::Option& option) {
    std::string text = option.get_description();
    if (!option.get_default_str().empty())
        text += fmt::format(" (default {})", option.get_default_str());
    if (option.get_required())
        text += " (required)";
    return text;
}

struct entry {
    std::string term;
    std::string description;
};

void append_section(std::string& to, std::string_view title, const std::vector<entry>& entries,
                    std::size_t columns) {
    std::size_t indent = 0;
    for (const entry& each : entries) {
        const std::size_t width = terminal::width_of(each.term);
        if (width <= widest_term)
            indent = std::max(indent, width + 2);
    }
    to += fmt::format("\n{}:\n", title);
    for (const entry& each : entries)
        to += terminal::wrapped_entry(each.term, each.description, std::max<std::size_t>(indent, 8), columns);
}

void append_commands(std::string& to, const CLI::App& command, std::size_t columns) {
    std::vector<entry> entries;
    for (const CLI::App* below : command.get_subcommands([](const CLI::App*) { return true; })) {
        const std::string& text = below->get_description();
        entries.push_back({"  " + below->get_name(), text.substr(0, text.find(". "))});
    }
    if (!entries.empty())
        append_section(to, "Commands", entries, columns);
}

void append_options(std::string& to, const CLI::App& command, std::size_t columns) {
    std::vector<std::string> groups;
    std::map<std::string, std::vector<entry>> entries;
    for (const CLI::Option* option : command.get_options()) {
        const std::string& group = option->get_group();
        if (!entries.contains(group) && group != common_group)
            groups.push_back(group);
        entries[group].push_back({term_of(*option), description_of(*option)});
    }
    groups.emplace_back(common_group);
    for (const std::string& group : groups) {
        if (entries.contains(group))
            append_section(to, group, entries[group], columns);
    }
}

std::string usage_of(const CLI::App& command) {
    std::string text = "Usage: " + words_of(command);
    const auto below = command.get_subcommands([](const CLI::App*) { return true; });
    if (!below.empty())
        text += command.get_require_subcommand_min() > 0 ? " COMMAND" : " [COMMAND]";
    for (const CLI::Option* option : command.get_options()) {
        if (option->get_required())
            text += ' ' + term_of(*option).substr(2);
    }
    text += " [flags]";
    for (const CLI::Option* option : command.get_options()) {
        if (!option->nonpositional())
            text += fmt::format(" [{}]", option->get_name(true));
    }
    return text;
}

void append_wrapped(std::string& to, std::string_view text, std::size_t columns) {
    for (const std::string& line : terminal::wrap(text, columns))
        to += line + '\n';
}

} // namespace

std::string words_of(const CLI::App& command) {
    const CLI::App* above = command.get_parent();
    return above == nullptr ? command.get_name() : words_of(*above) + ' ' + command.get_name();
}

std::string help_of(const CLI::App& command, std::size_t columns) {
    std::string text;
    append_wrapped(text, command.get_description() + '.', columns);
    text += '\n';
    append_wrapped(text, usage_of(command), columns);
    append_commands(text, command, columns);
    append_options(text, command, columns);
    if (!command.get_footer().empty()) {
        text += '\n';
        append_wrapped(text, command.get_footer(), columns);
    }
    if (const auto examples = examples_of(words_of(command)); !examples.empty()) {
        text += "\nExamples:\n";
        for (const std::string& example : examples)
            text += "  " + example + '\n';
    }
    return text;
}

std::vector<std::string> examples_of(const std::string& words) {
    static const std::map<std::string, std::vector<std::string>> examples = {
        {"replmond", {"replmond --config.file=/etc/replmond/replmond.yaml", "replmond help task list"}},
        {"replmond run",
         {"replmond run --config.file=replmond.yaml --web.listen-address=localhost:10930",
          "replmond run --shard=0/2 --log.format=json"}},
        {"replmond check-config",
         {"replmond check-config /etc/replmond/replmond.yaml",
          "replmond check-config --online --strict replmond.yaml"}},
        {"replmond doctor",
         {"replmond doctor --project=prod", "replmond doctor --report=report.json --output=json"}},
        {"replmond events",
         {"replmond events --since=2h --instance=orders --level=warn",
          "replmond events --follow --event=replication_abnormal,replication_recovered"}},
        {"replmond help", {"replmond help events", "replmond help task pause"}},
        {"replmond version", {"replmond version", "replmond --version"}},
        {"replmond task", {"replmond task list", "replmond help task show"}},
        {"replmond task list",
         {"replmond task list --status=abnormal,unknown",
          "replmond task list --instance=orders --stage=paused --output=json"}},
        {"replmond task show",
         {"replmond task show --instance=orders --task-name=orders_all",
          "replmond task show --instance=orders --task-name=orders_all --output=json"}},
        {"replmond task create",
         {"replmond task create --instance=orders --task-name=orders_all \\\n"
          "      --source-instance-id=0123456789abcdef0123456789abcdefin07 \\\n"
          "      --source-database=orders --target-database=orders_sr",
          "replmond task create --instance=orders --task-name=orders_all \\\n"
          "      --source-instance-id=0123456789abcdef0123456789abcdefin07 \\\n"
          "      --source-database=orders --target-database=orders_sr --follow"}},
        {"replmond task pause",
         {"replmond task pause --instance=orders --task-name=orders_all",
          "replmond task pause --instance=orders --task-name=orders_all --follow"}},
        {"replmond task resume",
         {"replmond task resume --instance=orders --task-name=orders_all --follow",
          "replmond task resume --instance=orders --task-name=orders_all --output=json"}},
        {"replmond task delete",
         {"replmond task delete --instance=orders --task-name=orders_all --yes",
          "replmond task delete --instance=orders --task-name=orders_all --yes --follow"}},
    };
    const auto found = examples.find(words);
    return found == examples.end() ? std::vector<std::string>() : found->second;
}

} // namespace replmond::cli
