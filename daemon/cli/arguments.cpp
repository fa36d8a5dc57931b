// The command line: flags, commands, their checks and their help. The values go to the commands of this
// folder and to service/run.

#include "daemon/cli/arguments.hpp"

#include "daemon/cli/events.hpp"
#include "daemon/cli/flags.hpp"
#include "daemon/cli/help.hpp"
#include "daemon/cli/mistakes.hpp"
#include "daemon/cli/task_arguments.hpp"
#include "daemon/core/http/address.hpp"
#include "daemon/core/model/version.hpp"
#include "daemon/core/web/site_policy.hpp"
#include "daemon/service/process.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace replmond::cli {
namespace {

void add_web_config(CLI::App& to, std::string& into) {
    to.add_option(
          "--web.config.file", into,
          "File with TLS, passwords and headers of the web server, in the format of Prometheus exporters")
        ->type_name("<file>")
        ->check(refuse_empty);
}

constexpr std::size_t most_events_shown = 1'000'000;

std::string check_telemetry_path(const std::string& path) {
    const bool taken = path == "/" || path.starts_with("/-/") || path.starts_with("/api/") ||
                       path.starts_with("/assets/") || path == "/config" || path == "/task";
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
                  "URL at which people reach replmond, such as https://replmond.example.com")
        ->type_name("<url>")
        ->check(check_external_url);
    to.add_option(
          "--web.grafana-url", into.grafana_url,
          "URL of the Grafana that has the boards, such as https://grafana.example.com; pages link to it")
        ->type_name("<url>")
        ->check(check_external_url);
    to.add_option("--web.allowed-hosts", allowed_hosts,
                  "A host name that pages and API answer to; repeatable (default: all names). Addresses, "
                  "localhost, this host's own name and that of --web.external-url are always answered")
        ->type_name("<name>")
        ->check(check_allowed_host)
        ->allow_extra_args(false);
}

void add_shard(CLI::App& to, run_arguments& into) {
    const auto parse = [](const std::string& text) {
        return schedule::parse_shard(text, service::host_name());
    };
    to.add_option_function<std::string>(
          "--shard", [&into, parse](const std::string& text) { into.shard = parse(text).found; },
          "i/n: watch only part i of n of the instances, counted from 0; hostname/n: i is the number at the "
          "end of the host's name")
        ->type_name("<i/n>")
        ->group("Sharing and reloading")
        ->check([parse](const std::string& text) { return parse(text).mistake; });
}

std::string version_text() {
    return fmt::format("replmond {} (revision {}, {}{}{})", version, revision, compiler,
                       linkage.empty() ? "" : ", ", linkage);
}

// `addresses` and `allowed_hosts` belong to this command only: values before and after the word `run` are
// joined later.
void add_run(CLI::App& to, run_arguments& into, std::vector<std::string>& addresses,
             std::vector<std::string>& allowed_hosts) {
    to.set_version_flag("--version", version_text())->description("Print the version")->group(common_group);
    add_common(to, into.common);
    to.get_option("--config.file")->group("Options");
    to.add_option("--state.path", into.state_path, "State file; overrides state.path of the configuration")
        ->type_name("<file>");
    to.add_option("--web.listen-address", addresses,
                  "[HOST]:PORT to listen on; repeatable; port 0: any free one (default :10930)")
        ->type_name("<address>")
        ->check(check_listen_address)
        ->allow_extra_args(false);
    to.add_option("--web.telemetry-path", into.telemetry_path, "Where metrics are served")
        ->type_name("<path>")
        ->check(check_telemetry_path)
        ->capture_default_str();
    add_web_config(to, into.web_config_file);
    to.add_flag("--web.enable-lifecycle", into.enable_lifecycle, "Allow POST /-/reload");
    add_names(to, into, allowed_hosts);
    for (const char* flag : {"--web.telemetry-path", "--web.config.file", "--web.enable-lifecycle",
                             "--web.external-url", "--web.allowed-hosts"})
        to.get_option(flag)->group("Web");
    add_shard(to, into);
    to.add_flag("--config.enable-auto-reload", into.auto_reload,
                "Look every 30 s for a change of the configuration or of a file that it names, and reload")
        ->group("Sharing and reloading");
}

std::string check_since(const std::string& text) {
    return parse_since(text, {}) ? std::string()
                                 : "expected a time such as 2026-11-22T01:24:35Z, Unix seconds or a "
                                   "duration such as 2h, got \"" +
                                       text + '"';
}

std::string check_limit(const std::string& text) {
    const bool is_number = !text.empty() && text.size() <= 9 &&
                           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (is_number && std::stoul(text) >= 1 && std::stoul(text) <= most_events_shown)
        return "";
    return fmt::format("expected a whole number from 1 to {}, got \"{}\"", most_events_shown, text);
}

// Events of other versions may have names that are not known here; only what looks like a slip is refused.
std::string check_event_name(const std::string& name) {
    if (name.empty())
        return refuse_empty(name);
    const auto& known = stored_event_names();
    if (std::find(known.begin(), known.end(), name) != known.end())
        return "";
    const std::string meant = did_you_mean(name, known);
    return meant.empty() ? "" : fmt::format("no event is called {}{}", name, meant);
}

// Flags that `run` has too mean the same before and after the word `events`.
void add_events(CLI::App& to, events_arguments& into, run_arguments& shared) {
    add_common(to, shared.common);
    to.add_option("--since", into.since,
                  "No events before: RFC 3339, Unix seconds, or a duration back such as 2h")
        ->type_name("<time>")
        ->check(check_since);
    to.add_option("--instance", into.instance, "Only events of this StarRocks instance: name or id")
        ->type_name("<name>");
    to.add_option("--task", into.task, "Only events of this task")->type_name("<name>");
    add_choice(to, "--level", "<level>", into.least, level_words(),
               "Only events of this level or a higher one");
    add_list(to, "--event", "<event>", into.names,
             "Only events of these names, such as replication_abnormal; several with commas")
        .check(check_event_name);
    to.add_option("--limit", into.limit, "Print at most this many stored events, the newest ones")
        ->type_name("<number>")
        ->check(check_limit)
        ->capture_default_str();
    to.add_flag("--follow", into.follow, "Also print new events as they are stored, until it is interrupted");
    add_choice(to, "--output", "<format>", into.output, format_words(), "Format of the lines");
    to.add_option("--state.path", shared.state_path, "State file; overrides state.path of the configuration")
        ->type_name("<file>");
}

void add_check(CLI::App& to, check_config_arguments& into, run_arguments& shared, std::string& file) {
    add_common(to, shared.common); // the same variable, so flags before the command count too
    to.add_flag("--online", into.online, "Also check each project's credential with one cheap request");
    to.add_flag("--strict", into.strict, "Exit with 1 for warnings too");
    add_web_config(to, shared.web_config_file);
    to.add_option("FILE", file, "The configuration; overrides --config.file");
}

const choices_of<doctor_output> doctor_forms = {{"text", doctor_output::text}, {"json", doctor_output::json}};

void add_doctor(CLI::App& to, doctor_arguments& into, common_arguments& shared) {
    add_common(to, shared);
    to.add_option("--project", into.project, "Only this project of the configuration")
        ->type_name("<name>")
        ->check(refuse_empty);
    to.add_option("--instance", into.instance, "Only this StarRocks instance: name or id")
        ->type_name("<name>")
        ->check(refuse_empty);
    add_choice(to, "--output", "<form>", into.output, doctor_forms, "Form of what is printed");
    to.add_option("--report", into.report,
                  "Also write what was found into this file, as JSON that can be shown to strangers: without "
                  "ids, names, addresses, texts and secrets")
        ->type_name("<file>")
        ->check(refuse_empty);
    to.footer("It reads only, and stays within rate_limit. Exit code: 1 if a step failed, else 0.");
}

void append(std::vector<std::string>& to, const std::vector<std::string>& more) {
    to.insert(to.end(), more.begin(), more.end());
}

// The command that was given, or its innermost subcommand.
const CLI::App& chosen(const CLI::App& app) {
    const auto below = app.get_subcommands();
    return below.empty() ? app : chosen(*below.front());
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

// The command that the words name, or the first word that names none.
std::variant<const CLI::App*, std::string> find_command(const CLI::App& app,
                                                        const std::vector<std::string>& words) {
    const CLI::App* command = &app;
    for (const std::string& word : words) {
        const auto below =
            command->get_subcommands([&](const CLI::App* each) { return each->check_name(word); });
        if (below.empty())
            return unexpected_word(word, *command);
        command = below.front();
    }
    return command;
}

command_line show_help(const CLI::App& app, const std::vector<std::string>& words, std::size_t columns) {
    const auto found = find_command(app, words);
    if (const auto* mistake = std::get_if<std::string>(&found))
        return nothing_to_run{two_lines(*mistake, app.get_name()), 1};
    return nothing_to_run{help_of(*std::get<const CLI::App*>(found), columns), 0};
}

command_line mistaken(const std::vector<std::string>& mistakes, const CLI::App& command) {
    return nothing_to_run{two_lines(fmt::format("{}", fmt::join(mistakes, "; ")), words_of(command)), 1};
}

} // namespace

command_line parse(int argc, const char* const* argv, std::size_t columns) {
    CLI::App app("Watches data synchronization tasks from TaurusDB to StarRocks: metrics for Prometheus, "
                 "events for the log",
                 "replmond");
    run_arguments run;
    std::vector<std::string> addresses_behind_run;
    std::vector<std::string> hosts_behind_run;

    app.require_subcommand(0, 1);
    add_run(app, run, run.listen_addresses, run.allowed_hosts);
    CLI::App* run_command = app.add_subcommand("run", "Run the daemon (the default command)");
    add_run(*run_command, run, addresses_behind_run, hosts_behind_run);
    task_commands_arguments tasks;
    add_task_commands(app, tasks, run.common);
    CLI::App* doctor_command = app.add_subcommand(
        "doctor", "Prove a live account step by step. Each line says what was seen and what to do");
    doctor_arguments doctor;
    add_doctor(*doctor_command, doctor, run.common);
    CLI::App* events_command =
        app.add_subcommand("events", "Print the stored events, also while the daemon runs");
    events_arguments events;
    add_events(*events_command, events, run);
    CLI::App* check_command =
        app.add_subcommand("check-config", "Check a configuration and print every mistake in it");
    check_config_arguments check;
    std::string check_file;
    add_check(*check_command, check, run, check_file);
    CLI::App* help_command = app.add_subcommand("help", "Print the help of a command");
    std::vector<std::string> help_words;
    add_common(*help_command, run.common);
    help_command->add_option("COMMAND", help_words,
                             "The command, such as task list (default: replmond itself)");
    CLI::App* version_command = app.add_subcommand("version", "Print the version");
    add_common(*version_command, run.common);

    const CLI::App& meant = chosen(app, argc, argv);
    if (auto mistake = missing_value({argv + 1, argv + std::max(argc, 1)}, meant))
        return mistaken({std::move(*mistake)}, meant);
    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
        return nothing_to_run{help_of(chosen(app), columns), 0};
    } catch (const CLI::CallForVersion& call) {
        return nothing_to_run{std::string(call.what()) + '\n', 0};
    } catch (const CLI::ParseError& mistake) {
        return nothing_to_run{two_lines(mistake, app, chosen(app)), 1};
    }

    if (help_command->parsed())
        return show_help(app, help_words, columns);
    if (version_command->parsed())
        return nothing_to_run{version_text() + '\n', 0};
    if (check_command->parsed()) {
        check.common = run.common;
        check.web_config_file = run.web_config_file;
        if (!check_file.empty())
            check.common.config_file = check_file;
        return check;
    }
    if (events_command->parsed()) {
        events.common = run.common;
        events.state_path = run.state_path;
        return events;
    }
    if (doctor_command->parsed()) {
        doctor.common = run.common;
        return doctor;
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
