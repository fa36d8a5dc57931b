// The command line: flags, commands, their checks and their help. The values go to the commands of this
// folder and to service/run.

#include "daemon/cli/arguments.hpp"

#include "daemon/cli/events.hpp"
#include "daemon/cli/task_change.hpp"
#include "daemon/core/cloud/task_change.hpp"
#include "daemon/core/config/values.hpp"
#include "daemon/core/http/address.hpp"
#include "daemon/core/model/version.hpp"
#include "daemon/core/web/site_policy.hpp"
#include "daemon/service/process.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <map>
#include <utility>

namespace replmond::cli {
namespace {

// An empty value is most likely an unset variable of the shell.
std::string refuse_empty(const std::string& value) {
    return value.empty() ? "expected a value that is not empty" : "";
}

// A flag whose value is one of a few words. `into` and `choices` must stay valid while the command line is
// parsed.
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

const std::map<std::string, severity> levels = {{"debug", severity::debug},
                                                {"info", severity::info},
                                                {"warn", severity::warn},
                                                {"error", severity::error}};
const std::map<std::string, web::log_format> formats = {{"logfmt", web::log_format::logfmt},
                                                        {"json", web::log_format::json}};

void add_common(CLI::App& to, common_arguments& into) {
    to.add_option("--config.file", into.config_file, "Configuration file")->capture_default_str();
    add_choice(to, "--log.level", into.log_level, levels, "Least severity that is logged (default info)");
    add_choice(to, "--log.format", into.log_format, formats, "Form of log lines (default logfmt)");
}

const std::map<std::string, output_form> forms = {{"table", output_form::table}, {"json", output_form::json}};

constexpr milliseconds shortest = std::chrono::seconds(1);
constexpr milliseconds longest_timeout = std::chrono::hours(24 * 30);
constexpr milliseconds longest_interval = std::chrono::hours(1);

void add_duration(CLI::App& to, const char* flag, milliseconds& into, milliseconds longest,
                  const std::string& description) {
    to.add_option_function<std::string>(
          flag, [&into](const std::string& text) { into = *config::parse_duration(text); },
          description + " (default " + config::format_duration(into) + ")")
        ->check([longest](const std::string& text) {
            const auto value = config::parse_duration(text);
            if (value && *value >= shortest && *value <= longest)
                return std::string();
            return "expected a duration such as 30s or 5m, 1s to " + config::format_duration(longest) +
                   ", got \"" + text + '"';
        });
}

void add_output(CLI::App& to, output_form& into) {
    add_choice(to, "--output", into, forms, "Form of what is printed (default table)");
}

CLI::Option& add_instance(CLI::App& to, std::string& into, const char* description) {
    return *to.add_option("--instance", into, description)->check(refuse_empty);
}

void add_names(CLI::App& to, std::string& instance, std::string& task) {
    add_instance(to, instance, "StarRocks instance: name or id").required();
    to.add_option("--task-name", task, "The task's name")->required();
}

void add_following(CLI::App& to, task_change_arguments& into, const char* where_to) {
    to.add_flag("--follow", into.follow, std::string("Read the list until the task is ") + where_to);
    add_duration(to, "--timeout", into.timeout, longest_timeout,
                 "Longest time to follow it, and to wait for a busy instance");
    add_duration(to, "--poll-interval", into.poll_interval, longest_interval,
                 "Time between two readings while following");
    add_output(to, into.output);
}

CLI::App& add_command(CLI::App& task, const char* name, const char* description, common_arguments& common) {
    CLI::App& command = *task.add_subcommand(name, description);
    add_common(command, common);
    return command;
}

void add_create(CLI::App& to, task_change_arguments& into) {
    add_instance(to, into.instance, "StarRocks instance: name or id").required();
    to.add_option("--source-instance-id", into.order.source_instance_id, "Id of the TaurusDB instance")
        ->required();
    to.add_option("--source-database", into.order.source_database,
                  "Database to copy from: 3 to 1024 letters, digits or underscores")
        ->required();
    to.add_option("--target-database", into.order.target_database,
                  "StarRocks database to copy to: 3 to 128 letters, digits or underscores")
        ->required();
    to.add_option("--task-name", into.task_name, "The task's name: 3 to 128 letters, digits or underscores")
        ->required();
    to.add_option_function<std::string>(
        "--source-node-id", [&into](const std::string& id) { into.order.source_node_id = id; },
        "Id of the TaurusDB node to read from (default the primary node)");
    add_following(to, into, "incremental");
}

// The parser writes the arguments of `replmond task …` here.
struct task_commands_arguments {
    task_list_arguments list;
    task_show_arguments show;
    task_change_arguments create;
    task_change_arguments pause;
    task_change_arguments resume;
    task_change_arguments remove;
    // Null: none of these commands.
    std::optional<task_command> (*chosen)(const task_commands_arguments&) = nullptr;
};

template<auto Member>
std::optional<task_command> chosen_one(const task_commands_arguments& from) {
    return from.*Member;
}

template<auto Member>
void when_given(CLI::App& command, task_commands_arguments& into) {
    command.final_callback([&into] { into.chosen = &chosen_one<Member>; });
}

// Adds `task` and its commands. `common` receives the flags that every command takes.
void add_task_commands(CLI::App& app, task_commands_arguments& into, common_arguments& common) {
    using all = task_commands_arguments;
    CLI::App& task = *app.add_subcommand("task", "Show and steer synchronization tasks");
    add_common(task, common);
    task.require_subcommand(1);

    CLI::App& list = add_command(task, "list", "Poll once and print the tasks", common);
    add_instance(list, into.list.instance, "Only of this StarRocks instance: name or id");
    add_output(list, into.list.output);
    when_given<&all::list>(list, into);

    CLI::App& show = add_command(task, "show", "Print everything that is known of one task", common);
    add_names(show, into.show.instance, into.show.task_name);
    add_output(show, into.show.output);
    when_given<&all::show>(show, into);

    CLI::App& create = add_command(
        task, "create",
        "Start a task. The cloud's create API starts a task that has been defined before, in the console or "
        "with the API's database-config-check; it does not define one",
        common);
    into.create.change = task_change::create;
    add_create(create, into.create);
    when_given<&all::create>(create, into);

    CLI::App& pause = add_command(task, "pause", "Pause a task", common);
    into.pause.change = task_change::pause;
    add_names(pause, into.pause.instance, into.pause.task_name);
    add_following(pause, into.pause, "paused");
    when_given<&all::pause>(pause, into);

    CLI::App& resume = add_command(task, "resume", "Let a paused task go on", common);
    into.resume.change = task_change::resume;
    add_names(resume, into.resume.instance, into.resume.task_name);
    add_following(resume, into.resume, "incremental");
    when_given<&all::resume>(resume, into);

    CLI::App& remove = add_command(task, "delete", "Delete a task", common);
    into.remove.change = task_change::remove;
    add_names(remove, into.remove.instance, into.remove.task_name);
    remove.add_flag("--yes", into.remove.yes, "Yes, delete it; nothing is sent without");
    add_following(remove, into.remove, "gone");
    when_given<&all::remove>(remove, into);
}

// The command that was given; nothing if it was none of these.
std::optional<task_command> take_task_command(const task_commands_arguments& from,
                                              const common_arguments& common) {
    if (from.chosen == nullptr)
        return std::nullopt;
    auto command = from.chosen(from);
    std::visit([&common](auto& of) { of.common = common; }, *command);
    return command;
}

void add_web_config(CLI::App& to, std::string& into) {
    to.add_option("--web.config.file", into,
                  "TLS, passwords and headers of the web server, in the format of Prometheus' exporters")
        ->check(refuse_empty);
}

constexpr std::size_t most_events_shown = 1'000'000;

std::string check_telemetry_path(const std::string& path) {
    const bool taken = path == "/" || path.starts_with("/-/") || path.starts_with("/api/") ||
                       path.starts_with("/assets/") || path == "/config";
    if (!path.starts_with('/') || taken || path.find_first_of(" ?#\"<>") != std::string::npos)
        return "expected a path such as /metrics that is not taken by another page, got \"" + path + '"';
    return {};
}

std::string check_listen_address(const std::string& text) {
    try {
        http::parse_listen_address(text);
        return {};
    } catch (const std::invalid_argument& mistake) {
        return mistake.what();
    }
}

std::string check_external_url(const std::string& text) {
    if (web::parse_external_url(text))
        return {};
    return "expected a URL such as https://replmond.example.com/path, got \"" + text + '"';
}

std::string check_allowed_host(const std::string& text) {
    if (web::parse_allowed_host(text))
        return {};
    return "expected the name of a host such as replmond.example.com, without scheme, port or *, got \"" +
           text + '"';
}

// The flags for the names under which the daemon is reached.
void add_names(CLI::App& to, run_arguments& into, std::vector<std::string>& allowed_hosts) {
    to.add_option("--web.external-url", into.external_url,
                  "Where people reach it, such as https://replmond.example.com")
        ->check(check_external_url);
    to.add_option(
          "--web.allowed-hosts", allowed_hosts,
          "A name in Host that pages and API answer to, besides addresses, localhost, this host's own "
          "name and that of --web.external-url; repeatable (default: all names)")
        ->check(check_allowed_host)
        ->allow_extra_args(false);
}

void add_shard(CLI::App& to, run_arguments& into) {
    const auto parse = [](const std::string& text) {
        return schedule::parse_shard(text, service::host_name());
    };
    to.add_option_function<std::string>(
          "--shard", [&into, parse](const std::string& text) { into.shard = parse(text).found; },
          "i/n: watch only the i-th part of n (from 0) of the instances; hostname/n: i is the number at the "
          "end of the host's name")
        ->check([parse](const std::string& text) { return parse(text).mistake; });
}

// `addresses` and `allowed_hosts` belong to this command only: values before and after the word `run` are
// joined later.
void add_run(CLI::App& to, run_arguments& into, std::vector<std::string>& addresses,
             std::vector<std::string>& allowed_hosts) {
    to.set_version_flag("--version", fmt::format("replmond {} (revision {}, {}{}{})", version, revision,
                                                 compiler, linkage.empty() ? "" : ", ", linkage));
    add_common(to, into.common);
    to.add_option("--state.path", into.state_path, "State file; overrides state.path of the configuration");
    to.add_option("--web.listen-address", addresses,
                  "[HOST]:PORT to listen on; repeatable; port 0: any free one (default :10930)")
        ->check(check_listen_address)
        ->allow_extra_args(false);
    to.add_option("--web.telemetry-path", into.telemetry_path, "Where metrics are served")
        ->check(check_telemetry_path)
        ->capture_default_str();
    add_web_config(to, into.web_config_file);
    to.add_flag("--web.enable-lifecycle", into.enable_lifecycle, "Allow POST /-/reload");
    add_names(to, into, allowed_hosts);
    add_shard(to, into);
    to.add_flag("--config.enable-auto-reload", into.auto_reload,
                "Look every 30 s whether the configuration or a file that it names has changed, and reload");
}

// Flags that `run` has too mean the same before and after the word `events`.
void add_events(CLI::App& to, events_arguments& into, run_arguments& shared) {
    add_common(to, shared.common);
    to.add_option("--state.path", shared.state_path, "State file; overrides state.path of the configuration");
    to.add_option("--since", into.since,
                  "No events before: RFC 3339, Unix seconds, or a duration back such as 2h")
        ->check([](const std::string& text) {
            return parse_since(text, {}) ? std::string()
                                         : "expected a time such as 2026-11-22T01:24:35Z, Unix seconds or a "
                                           "duration such as 2h, got \"" +
                                               text + '"';
        });
    to.add_option("--instance", into.instance, "Only events of this StarRocks instance: name or id");
    to.add_option("--task", into.task, "Only events of this task");
    to.add_option("--limit", into.limit, "At most so many, the newest ones")
        ->check(CLI::Range(std::size_t{1}, most_events_shown))
        ->capture_default_str();
    add_choice(to, "--output", into.output, formats, "Form of the lines (default logfmt)");
}

void append(std::vector<std::string>& to, const std::vector<std::string>& more) {
    to.insert(to.end(), more.begin(), more.end());
}

// The command that was given, or its innermost subcommand.
const CLI::App& chosen(const CLI::App& app) {
    const auto below = app.get_subcommands();
    return below.empty() ? app : chosen(*below.front());
}

// For create "replmond task": the usage must show the whole command.
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

// The command as far as it can be found before parsing.
const CLI::App& chosen(const CLI::App& app, int argc, const char* const* argv) {
    const CLI::App* command = &app;
    for (int i = 1; i < argc; ++i) {
        const auto is_named = [&](const CLI::App* each) { return each->check_name(argv[i]); };
        if (const auto below = command->get_subcommands(is_named); !below.empty())
            command = below.front();
    }
    return *command;
}

command_line mistaken(const std::vector<std::string>& mistakes, const CLI::App& command) {
    std::string text;
    for (const std::string& mistake : mistakes)
        text += fmt::format("replmond: {}\n", mistake);
    return nothing_to_run{fmt::format("{}\n{}", text, help_of(command)), 1};
}

// Mistakes that can be found only from several flags together, or that only the API's own rules show.
std::vector<std::string> mistakes_in(const task_command& command) {
    if (const auto* change = std::get_if<task_change_arguments>(&command))
        return check_change(*change).mistakes;
    const auto* show = std::get_if<task_show_arguments>(&command);
    if (show != nullptr && !cloud::task_name::from(show->task_name))
        return {"--task-name: expected a name that is not empty, in UTF-8"};
    return {};
}

// CLI11 would use the next argument as the value of `--task-name=`.
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
    std::vector<std::string> addresses_behind_run;
    std::vector<std::string> hosts_behind_run;
    std::string check_file;

    app.require_subcommand(0, 1);
    add_run(app, run, run.listen_addresses, run.allowed_hosts);
    CLI::App* run_command = app.add_subcommand("run", "Run the daemon (the default command)");
    add_run(*run_command, run, addresses_behind_run, hosts_behind_run);
    CLI::App* check_command =
        app.add_subcommand("check-config", "Check a configuration and print every mistake in it");
    add_common(*check_command, run.common); // the same variable, so flags before the command count too
    add_web_config(*check_command, run.web_config_file);
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
        return mistaken({*flag + ": expected a value behind the ="}, chosen(app, argc, argv));
    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
        return nothing_to_run{help_of(chosen(app)), 0};
    } catch (const CLI::CallForVersion& call) {
        return nothing_to_run{std::string(call.what()) + '\n', 0};
    } catch (const CLI::ParseError& mistake) {
        return mistaken({mistake.what()}, chosen(app));
    }

    if (check_command->parsed()) {
        check_config_arguments check{run.common, online, run.web_config_file};
        if (!check_file.empty())
            check.common.config_file = check_file;
        return check;
    }
    if (events_command->parsed()) {
        events.common = run.common;
        events.state_path = run.state_path;
        return events;
    }
    if (auto task = take_task_command(tasks, run.common)) {
        if (const auto mistakes = mistakes_in(*task); !mistakes.empty())
            return mistaken(mistakes, chosen(app));
        return std::visit([](auto& command) -> command_line { return std::move(command); }, *task);
    }
    append(run.listen_addresses, addresses_behind_run);
    append(run.allowed_hosts, hosts_behind_run);
    if (run.listen_addresses.empty())
        run.listen_addresses.emplace_back(":10930");
    return run;
}

} // namespace replmond::cli
