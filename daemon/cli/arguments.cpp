#include "daemon/cli/arguments.hpp"

#include "daemon/cli/choice.hpp"
#include "daemon/model/version.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <map>

namespace replmond::cli {
namespace {

const std::map<std::string, exposition::log_format> formats = {{"logfmt", exposition::log_format::logfmt},
                                                               {"json", exposition::log_format::json}};

constexpr std::size_t most_events_shown = 1'000'000;

std::string check_telemetry_path(const std::string& path) {
    const bool taken = path == "/" || path.starts_with("/-/") || path.starts_with("/api/") ||
                       path.starts_with("/assets/") || path == "/config";
    if (!path.starts_with('/') || taken || path.find_first_of(" ?#\"<>") != std::string::npos)
        return "expected a path such as /metrics that is not taken by another page, got \"" + path + '"';
    return {};
}

void add_run(CLI::App& to, run_arguments& into) {
    to.set_version_flag("--version",
                        fmt::format("replmond {} (revision {}, {})", version, revision, compiler));
    add_common(to, into.common);
    to.add_option("--state.path", into.state_path, "State file; overrides state.path of the configuration");
    to.add_option("--web.listen-address", into.listen_addresses,
                  "[HOST]:PORT to listen on; repeatable; port 0: any free one (default :10930)")
        ->allow_extra_args(false);
    to.add_option("--web.telemetry-path", into.telemetry_path, "Where metrics are served")
        ->check(check_telemetry_path)
        ->capture_default_str();
    to.add_flag("--web.enable-lifecycle", into.enable_lifecycle, "Allow POST /-/reload");
    to.add_option_function<std::string>(
          "--shard", [&into](const std::string& text) { into.shard = schedule::parse_shard(text); },
          "i/n: watch only the i-th part of n (from 0) of the instances")
        ->check([](const std::string& text) {
            return schedule::parse_shard(text) ? std::string()
                                               : "expected i/n with 0 <= i < n <= 1024, got \"" + text + '"';
        });
}

// The flags that it has in common with `run` stand for the same, before the command and after it.
void add_events(CLI::App& to, events_arguments& into, run_arguments& shared) {
    add_common(to, shared.common);
    to.add_option("--state.path", shared.state_path, "State file; overrides state.path of the configuration");
    to.add_option("--since", into.since,
                  "No events before: RFC 3339, Unix seconds, or a duration back such as 2h");
    to.add_option("--instance", into.instance, "Only events of this StarRocks instance: name or id");
    to.add_option("--task", into.task, "Only events of this task");
    to.add_option("--limit", into.limit, "At most so many, the newest ones")
        ->check(CLI::Range(std::size_t{1}, most_events_shown))
        ->capture_default_str();
    add_choice(to, "--output", into.output, formats, "Form of the lines (default logfmt)");
}

// The command that was given, a command of a command among them.
const CLI::App& chosen(const CLI::App& app) {
    const auto below = app.get_subcommands();
    return below.empty() ? app : chosen(*below.front());
}

// "replmond task" of create: usage has to show the whole command.
std::string words_before(const CLI::App& command) {
    const CLI::App* above = command.get_parent();
    if (above == nullptr)
        return "";
    const std::string before = words_before(*above);
    return before + (before.empty() ? "" : " ") + above->get_name();
}

std::string help_of(const CLI::App& command) {
    return command.help(words_before(command), CLI::AppFormatMode::Normal);
}

// CLI11 would take the next argument for the value of `--task-name=`.
std::optional<std::string> flag_without_value(int argc, const char* const* argv) {
    for (int i = 1; i < argc; ++i) {
        const std::string_view word = argv[i];
        if (word.starts_with("--") && word.ends_with('=') && word.find('=') == word.size() - 1)
            return std::string(word.substr(0, word.size() - 1));
    }
    return std::nullopt;
}

} // namespace

command_line parse(int argc, const char* const* argv) {
    CLI::App app(
        "Watches data synchronization tasks from TaurusDB to StarRocks: metrics for Prometheus, events for "
        "the log.",
        "replmond");
    run_arguments run;
    std::string check_file;

    app.require_subcommand(0, 1);
    add_run(app, run);
    CLI::App* run_command = app.add_subcommand("run", "Run the daemon (the default command)");
    add_run(*run_command, run);
    CLI::App* check_command =
        app.add_subcommand("check-config", "Check a configuration and print every mistake in it");
    add_common(*check_command, run.common); // the same place: flags before the command count as well
    bool online = false;
    check_command->add_flag("--online", online, "Also prove each project's credential with one cheap call");
    check_command->add_option("FILE", check_file, "Configuration file; overrides --config.file");
    CLI::App* events_command =
        app.add_subcommand("events", "Print the stored events, also while the daemon runs");
    events_arguments events;
    add_events(*events_command, events, run);
    task_commands_arguments tasks;
    add_task_commands(app, tasks, run.common);

    if (const auto flag = flag_without_value(argc, argv))
        return nothing_to_run{
            fmt::format("replmond: {}: expected a value behind the =\n\n{}", *flag, app.help()), 1};
    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
        return nothing_to_run{help_of(chosen(app)), 0};
    } catch (const CLI::CallForVersion& call) {
        return nothing_to_run{std::string(call.what()) + '\n', 0};
    } catch (const CLI::ParseError& mistake) {
        return nothing_to_run{fmt::format("replmond: {}\n\n{}", mistake.what(), help_of(chosen(app))), 1};
    }

    if (check_command->parsed()) {
        check_config_arguments check{run.common, online};
        if (!check_file.empty())
            check.common.config_file = check_file;
        return check;
    }
    if (events_command->parsed()) {
        events.common = run.common;
        events.state_path = run.state_path;
        return events;
    }
    if (auto task = take_task_command(tasks, run.common))
        return std::visit([](auto& command) -> command_line { return std::move(command); }, *task);
    if (run.listen_addresses.empty())
        run.listen_addresses.emplace_back(":10930");
    return run;
}

} // namespace replmond::cli
