#include "daemon/cli/arguments.hpp"
#include "daemon/core/model/version.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

namespace replmond::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

using words = std::vector<std::string>;

command_line parsed(const words& arguments) {
    std::vector<const char*> argv{"replmond"};
    for (const std::string& word : arguments)
        argv.push_back(word.c_str());
    return parse(static_cast<int>(argv.size()), argv.data());
}

template<class Command>
Command expect(const words& arguments) {
    const command_line line = parsed(arguments);
    if (const auto* command = std::get_if<Command>(&line))
        return *command;
    const auto* nothing = std::get_if<nothing_to_run>(&line);
    ADD_FAILURE() << "another command: " << (nothing == nullptr ? "" : nothing->text);
    return {};
}

run_arguments run(const words& arguments) {
    return expect<run_arguments>(arguments);
}

TEST(Arguments, Defaults) {
    for (const words& arguments : {words{}, words{"run"}}) {
        const run_arguments a = run(arguments);
        EXPECT_EQ(a.common.config_file, "/etc/replmond/replmond.yaml");
        EXPECT_EQ(a.common.log_level, severity::info);
        EXPECT_EQ(a.common.log_format, web::log_format::logfmt);
        EXPECT_EQ(a.state_path, std::nullopt);
        EXPECT_THAT(a.listen_addresses, ElementsAre(":10930"));
        EXPECT_EQ(a.telemetry_path, "/metrics");
    }
}

// Every flag in both forms, before and after `run`.
void in_every_form(const std::string& flag, const std::string& value, void (*check)(const run_arguments&)) {
    for (const words& arguments :
         {words{flag + "=" + value}, words{flag, value}, words{"run", flag + "=" + value},
          words{"run", flag, value}, words{flag, value, "run"}}) {
        SCOPED_TRACE(::testing::PrintToString(arguments));
        check(run(arguments));
    }
}

TEST(Arguments, EveryFlagInEveryForm) {
    in_every_form("--config.file", "/tmp/a b.yaml",
                  [](const run_arguments& a) { EXPECT_EQ(a.common.config_file, "/tmp/a b.yaml"); });
    in_every_form("--state.path", "/var/x=y.db",
                  [](const run_arguments& a) { EXPECT_EQ(a.state_path, "/var/x=y.db"); });
    in_every_form("--web.listen-address", "[::1]:0",
                  [](const run_arguments& a) { EXPECT_THAT(a.listen_addresses, ElementsAre("[::1]:0")); });
    in_every_form("--web.config.file", "/etc/web.yml",
                  [](const run_arguments& a) { EXPECT_EQ(a.web_config_file, "/etc/web.yml"); });
    in_every_form("--web.telemetry-path", "/m",
                  [](const run_arguments& a) { EXPECT_EQ(a.telemetry_path, "/m"); });
    in_every_form("--log.level", "debug",
                  [](const run_arguments& a) { EXPECT_EQ(a.common.log_level, severity::debug); });
    in_every_form("--log.format", "json",
                  [](const run_arguments& a) { EXPECT_EQ(a.common.log_format, web::log_format::json); });
}

TEST(Arguments, NamesByWhichItIsReached) {
    EXPECT_EQ(run({}).external_url, "");
    EXPECT_TRUE(run({}).allowed_hosts.empty());
    in_every_form("--web.external-url", "https://Example.com:8443/replmond", [](const run_arguments& a) {
        EXPECT_EQ(a.external_url, "https://Example.com:8443/replmond");
    });
    in_every_form("--web.allowed-hosts", "replmond.example", [](const run_arguments& a) {
        EXPECT_THAT(a.allowed_hosts, ElementsAre("replmond.example"));
    });
    EXPECT_THAT(run({"--web.allowed-hosts=a", "run", "--web.allowed-hosts", "b", "--web.allowed-hosts=c."})
                    .allowed_hosts,
                ElementsAre("a", "b", "c."));
}

TEST(Arguments, LevelsAndFormats) {
    EXPECT_EQ(run({"--log.level=info"}).common.log_level, severity::info);
    EXPECT_EQ(run({"--log.level=warn"}).common.log_level, severity::warn);
    EXPECT_EQ(run({"--log.level=error"}).common.log_level, severity::error);
    EXPECT_EQ(run({"--log.format=logfmt"}).common.log_format, web::log_format::logfmt);
}

TEST(Arguments, ListenAddressesAreRepeatable) {
    EXPECT_THAT(
        run({"--web.listen-address=:1", "--web.listen-address", "[::]:2", "--web.listen-address=localhost:0"})
            .listen_addresses,
        ElementsAre(":1", "[::]:2", "localhost:0"));
    EXPECT_THAT(run({"run", "--web.listen-address=:1", "--web.listen-address=:2"}).listen_addresses,
                ElementsAre(":1", ":2"));
    EXPECT_THAT(run({"--web.listen-address=:1", "run", "--web.listen-address=:2"}).listen_addresses,
                ElementsAre(":1", ":2"));
}

TEST(Arguments, TogetherInAnyOrder) {
    const run_arguments a = run({"--log.format", "json", "--config.file=c", "run", "--state.path=s",
                                 "--log.level", "error", "--web.telemetry-path=/m"});
    EXPECT_EQ(a.common.log_format, web::log_format::json);
    EXPECT_EQ(a.common.config_file, "c");
    EXPECT_EQ(a.state_path, "s");
    EXPECT_EQ(a.common.log_level, severity::error);
    EXPECT_EQ(a.telemetry_path, "/m");
}

TEST(Arguments, TheFlagAfterTheCommandWins) {
    EXPECT_EQ(run({"--config.file=a", "run", "--config.file=b"}).common.config_file, "b");
    EXPECT_EQ(expect<check_config_arguments>({"--config.file=a", "check-config", "--config.file=b"})
                  .common.config_file,
              "b");
}

TEST(Arguments, CheckConfig) {
    const std::vector<std::pair<words, std::string>> table{
        {{"check-config"}, "/etc/replmond/replmond.yaml"},
        {{"check-config", "a.yaml"}, "a.yaml"},
        {{"check-config", "--config.file=a.yaml"}, "a.yaml"},
        {{"check-config", "--config.file", "a.yaml"}, "a.yaml"},
        {{"--config.file=a.yaml", "check-config"}, "a.yaml"},
        {{"check-config", "--config.file=a.yaml", "b.yaml"}, "b.yaml"},
        {{"--config.file=a.yaml", "check-config", "b.yaml"}, "b.yaml"},
    };
    for (const auto& [arguments, file] : table)
        EXPECT_EQ(expect<check_config_arguments>(arguments).common.config_file, file)
            << ::testing::PrintToString(arguments);

    EXPECT_EQ(
        expect<check_config_arguments>({"check-config", "--web.config.file=w.yml", "a.yaml"}).web_config_file,
        "w.yml");
    for (const words& arguments : {words{"check-config", "--log.level=debug", "--log.format=json"},
                                   words{"--log.level=debug", "--log.format=json", "check-config"}}) {
        const auto a = expect<check_config_arguments>(arguments);
        EXPECT_EQ(a.common.log_level, severity::debug);
        EXPECT_EQ(a.common.log_format, web::log_format::json);
    }
}

TEST(Arguments, Doctor) {
    const auto plain = expect<doctor_arguments>({"--config.file=c.yaml", "doctor"});
    EXPECT_EQ(plain.common.config_file, "c.yaml");
    EXPECT_EQ(plain.output, doctor_output::text);
    EXPECT_EQ(plain.project + plain.instance + plain.report, "");
    const auto full = expect<doctor_arguments>(
        {"doctor", "--project=p", "--instance", "i", "--output=json", "--report=r.json"});
    EXPECT_EQ(full.project, "p");
    EXPECT_EQ(full.instance, "i");
    EXPECT_EQ(full.output, doctor_output::json);
    EXPECT_EQ(full.report, "r.json");
    const auto mistake = expect<nothing_to_run>({"doctor", "--output=table"});
    EXPECT_EQ(mistake.text, "replmond: --output: expected text or json, got \"table\"\n"
                            "Try 'replmond doctor --help'.\n");
}

TEST(Arguments, Mistakes) {
    struct row {
        const char* what;
        words arguments;
        std::string said;
    };
    const std::vector<row> table{
        {"an unknown flag", {"--unknown"}, "--unknown"},
        {"an unknown flag with a value",
         {"--config.fil=x"},
         "unknown flag --config.fil; did you mean --config.file?"},
        {"an unknown flag of run", {"run", "--unknown"}, "--unknown"},
        {"an unknown flag of check-config",
         {"check-config", "--web.listen-address=:1"},
         "--web.listen-address"},
        {"an unknown command", {"stop"}, "stop"},
        {"a word too many", {"run", "now"}, "now"},
        {"a file too many", {"check-config", "a", "b"}, "b"},
        {"two commands", {"run", "check-config"}, "check-config"},
        {"no value", {"--config.file"}, "--config.file"},
        {"no value after the command", {"run", "--state.path"}, "--state.path"},
        {"an unknown level", {"--log.level=verbose"}, "verbose"},
        {"a level in capitals", {"--log.level=INFO"}, "INFO"},
        {"no level", {"--log.level="}, "--log.level"},
        {"an unknown format", {"--log.format", "xml"}, "xml"},
        {"a value too many", {"--web.listen-address", ":1", ":2"}, ":2"},
        {"an address without a port", {"--web.listen-address=localhost"}, "[HOST]:PORT"},
        {"a port that is none", {"--web.listen-address=:99999"}, "0 to 65535"},
        {"a telemetry path without slash", {"--web.telemetry-path=metrics"}, "metrics"},
        {"a telemetry path with a query", {"--web.telemetry-path=/m?x"}, "/m?x"},
        {"a telemetry path that is taken", {"--web.telemetry-path=/-/ready"}, "/-/ready"},
        {"the status page's path", {"--web.telemetry-path=/"}, "--web.telemetry-path"},
        {"a path of its files", {"--web.telemetry-path=/assets/x"}, "--web.telemetry-path"},
        {"a path of the API", {"--web.telemetry-path=/api/v1/tasks"}, "/api/v1/tasks"},
        {"no web configuration", {"--web.config.file="}, "--web.config.file"},
        {"an external address without scheme",
         {"--web.external-url=replmond.example"},
         "--web.external-url: expected a URL such as https://replmond.example.com/path, got "
         "\"replmond.example\""},
        {"a name with a port",
         {"--web.allowed-hosts=replmond.example:80"},
         "--web.allowed-hosts: expected the name of a host such as replmond.example.com, without scheme, "
         "port "
         "or *, got \"replmond.example:80\""},
        {"names in one flag", {"--web.allowed-hosts=a,b"}, "a,b"},
        {"a pattern", {"--web.allowed-hosts=*"}, "without scheme, port or *"},
        {"single dashes", {"-config.file=x"}, "-config.file"},
    };
    for (const row& r : table) {
        SCOPED_TRACE(r.what);
        const auto mistake = expect<nothing_to_run>(r.arguments);
        EXPECT_EQ(mistake.exit_code, 1);
        const std::string first_line = mistake.text.substr(0, mistake.text.find('\n'));
        EXPECT_TRUE(first_line.starts_with("replmond: ")) << first_line;
        EXPECT_THAT(first_line, HasSubstr(r.said));
        EXPECT_TRUE(mistake.text.substr(first_line.size()).starts_with("\nTry 'replmond")) << mistake.text;
        EXPECT_TRUE(mistake.text.ends_with(" --help'.\n")) << mistake.text;
        EXPECT_EQ(std::count(mistake.text.begin(), mistake.text.end(), '\n'), 2) << mistake.text;
    }
}

// The whole text of each kind of mistake.
TEST(Arguments, MistakesAreTwoLines) {
    struct row {
        words arguments;
        std::string what;
        std::string help;
    };
    const std::vector<row> table{
        {{"tsk"}, "unknown command \"tsk\"; did you mean task?", "replmond"},
        {{"stop"},
         "unknown command \"stop\": expected run, task, doctor, events, check-config, help or version",
         "replmond"},
        {{"task", "lst", "--instance=a"}, "unknown command \"lst\"; did you mean list?", "replmond task"},
        {{"task"}, "expected a command: list, show, create, pause, resume or delete", "replmond task"},
        {{"task", "pause"}, "--instance and --task-name are required", "replmond task pause"},
        {{"task", "pause", "--instance=a"}, "--task-name is required", "replmond task pause"},
        {{"task", "pause", "--instace=a", "--task-name=t"},
         "unknown flag --instace; did you mean --instance?",
         "replmond task pause"},
        {{"task", "list", "-instance", "a"},
         "unknown flag -instance; did you mean --instance?",
         "replmond task list"},
        {{"--frobnicate"}, "unknown flag --frobnicate", "replmond"},
        {{"run", "now"}, "unexpected word \"now\"", "replmond run"},
        {{"--config.file"}, "--config.file: expected a value", "replmond"},
        {{"task", "list", "--instance", "--sort=name"},
         "--instance: expected a value, got the flag --sort=name",
         "replmond task list"},
        {{"task", "list", "--config.file", "--log.level=info"},
         "--config.file: expected a value, got the flag --log.level=info",
         "replmond task list"},
        {{"task", "list", "--output=jsn"},
         "--output: expected table or json, got \"jsn\"; did you mean json?",
         "replmond task list"},
        {{"task", "list", "--status=normal,abnormla"},
         "--status: expected normal, abnormal or unknown, got \"abnormla\"; did you mean abnormal?",
         "replmond task list"},
        {{"task", "list", "--stage=done"},
         "--stage: expected wait, full, incremental, paused, cancelled or unknown, got \"done\"",
         "replmond task list"},
        {{"task", "list", "--instance=a", "--instance=b"},
         "--instance: given more than once",
         "replmond task list"},
        {{"task", "list", "--wide=maybe"},
         "--wide: expected true or false, or no value, got \"maybe\"",
         "replmond task list"},
        {{"events", "--limit=0"},
         "--limit: expected a whole number from 1 to 1000000, got \"0\"",
         "replmond events"},
        {{"events", "--event=replication_abnorml"},
         "--event: no event is called replication_abnorml; did you mean replication_abnormal?",
         "replmond events"},
        {{"events", "--level=warning"},
         "--level: expected debug, info, warn or error, got \"warning\"",
         "replmond events"},
        {{"help", "task", "lisst"}, "unknown command \"lisst\"; did you mean list?", "replmond"},
        {{"--state.path\x1b[2J\n=x"}, "unknown flag --state.path\\x1b[2J\\n", "replmond"},
    };
    for (const row& r : table) {
        SCOPED_TRACE(::testing::PrintToString(r.arguments));
        const auto mistake = expect<nothing_to_run>(r.arguments);
        EXPECT_EQ(mistake.exit_code, 1);
        EXPECT_EQ(mistake.text, "replmond: " + r.what + "\nTry '" + r.help + " --help'.\n");
    }
}

TEST(Arguments, EventsOfOtherVersionsCanBeAskedFor) {
    EXPECT_THAT(
        expect<events_arguments>({"events", "--event=something_new,poll_failed", "--event=task_gone"}).names,
        ElementsAre("something_new", "poll_failed", "task_gone"));
}

const std::vector<words> commands = {{},
                                     {"run"},
                                     {"check-config"},
                                     {"doctor"},
                                     {"events"},
                                     {"help"},
                                     {"version"},
                                     {"task"},
                                     {"task", "list"},
                                     {"task", "show"},
                                     {"task", "create"},
                                     {"task", "pause"},
                                     {"task", "resume"},
                                     {"task", "delete"}};

std::string help_for(words command, std::size_t columns = 80) {
    command.emplace_back("--help");
    std::vector<const char*> argv{"replmond"};
    for (const std::string& word : command)
        argv.push_back(word.c_str());
    const auto line = parse(static_cast<int>(argv.size()), argv.data(), columns);
    const auto* help = std::get_if<nothing_to_run>(&line);
    EXPECT_NE(help, nullptr);
    EXPECT_EQ(help->exit_code, 0);
    return help->text;
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);)
        lines.push_back(line);
    return lines;
}

TEST(Help, FitsItsWidth) {
    for (const words& command : commands) {
        for (const std::size_t columns : {60U, 80U, 200U}) {
            const std::string text = help_for(command, columns);
            const std::string before_examples = text.substr(0, text.find("\nExamples:"));
            for (const std::string& line : lines_of(before_examples))
                EXPECT_LE(line.size(), columns) << line;
        }
        for (const std::string& line : lines_of(help_for(command)))
            EXPECT_LE(line.size(), 80U) << line;
    }
}

TEST(Help, WordAndFlagAreTheSame) {
    for (words command : commands) {
        const std::string by_flag = help_for(command);
        command.insert(command.begin(), "help");
        EXPECT_EQ(expect<nothing_to_run>(command).text, by_flag);
    }
}

TEST(Help, EveryCommandHasTwoExamplesThatWork) {
    for (const words& command : commands) {
        std::string text = help_for(command);
        const auto begin = text.find("Examples:\n");
        ASSERT_NE(begin, std::string::npos) << text;
        text.erase(0, begin + 10);
        for (auto at = text.find("\\\n"); at != std::string::npos; at = text.find("\\\n"))
            text.erase(at, 2);
        const auto examples = lines_of(text);
        EXPECT_EQ(examples.size(), 2U) << text;
        for (const std::string& example : examples) {
            std::istringstream in(example);
            std::string word;
            in >> word;
            EXPECT_EQ(word, "replmond") << example;
            words arguments;
            while (in >> word)
                arguments.push_back(word);
            const auto line = parsed(arguments);
            const auto* nothing = std::get_if<nothing_to_run>(&line);
            EXPECT_TRUE(nothing == nullptr || nothing->exit_code == 0) << example << '\n' << nothing->text;
        }
    }
}

TEST(Help, OfACommand) {
    EXPECT_EQ(help_for({"task", "list"}), R"(Poll once and print the tasks, worst first.

Usage: replmond task list [flags]

Options:
  --instance=<name>  Only of this StarRocks instance: name or id
  --status=<status>  Only tasks of these statuses: normal (or yes), abnormal (or
                     no), unknown; several with commas
  --stage=<stage>    Only tasks in these stages: wait, full, incremental,
                     paused, cancelled, unknown; several with commas
  --sort=<order>     Order of the rows: worst first, or by the name of the task
                     or the instance: worst, name or instance (default worst)
  --wide             Print all columns in full length, even on a narrow terminal
  --output=<form>    Format of what is printed: table or json (default table)

Options of every command:
  -h, --help             Print this help
  --config.file=<file>   The configuration (default /etc/replmond/replmond.yaml)
  --log.level=<level>    Lowest level that is logged: debug, info, warn or error
                         (default info)
  --log.format=<format>  Format of log lines: logfmt or json (default logfmt)

Exit code: 1 if an instance could not be read, else 2 if a task is abnormal,
else 0. --status and --stage change only what is shown: footer and exit code are
about all tasks that were read.

Examples:
  replmond task list --status=abnormal,unknown
  replmond task list --instance=orders --stage=paused --output=json
)");
}

TEST(Help, NamesValuesAndGroups) {
    for (const words& command : commands) {
        const std::string text = help_for(command);
        EXPECT_THAT(text, ::testing::Not(HasSubstr("TEXT")));
        EXPECT_THAT(text, ::testing::Not(HasSubstr("{")));
        EXPECT_THAT(text, HasSubstr("--log.level=<level>"));
        EXPECT_THAT(text, HasSubstr("\nOptions of every command:\n"));
    }
    const std::string whole = help_for({});
    const auto place = [&](const char* part) { return whole.find(part); };
    EXPECT_LT(place("\nCommands:\n"), place("\nOptions:\n"));
    EXPECT_LT(place("\nOptions:\n"), place("\nWeb:\n"));
    EXPECT_LT(place("\nWeb:\n"), place("\nSharing and reloading:\n"));
    EXPECT_LT(place("\nSharing and reloading:\n"), place("\nOptions of every command:\n"));
    EXPECT_NE(place("\nOptions of every command:\n"), std::string::npos);
    for (const char* part :
         {"--config.file", "/etc/replmond/replmond.yaml", ":10930", "/metrics", "--version"})
        EXPECT_THAT(whole, HasSubstr(part));
    EXPECT_THAT(help_for({"check-config"}), HasSubstr("FILE"));
    EXPECT_THAT(help_for({"check-config"}), ::testing::Not(HasSubstr("--web.listen-address")));
}

TEST(Arguments, Version) {
    const auto shown = expect<nothing_to_run>({"--version"});
    EXPECT_EQ(shown.exit_code, 0);
    EXPECT_EQ(shown.text, "replmond " + std::string(version) + " (revision " + std::string(revision) + ", " +
                              std::string(compiler) + (linkage.empty() ? "" : ", static") + ")\n");
    EXPECT_EQ(expect<nothing_to_run>({"run", "--version"}).text, shown.text);
    EXPECT_EQ(expect<nothing_to_run>({"version"}).text, shown.text);
}

TEST(Arguments, CheckConfigOnline) {
    const char* const argv[] = {"replmond", "check-config", "--online", "a.yaml"};
    const command_line chosen = parse(4, argv);
    const auto* check = std::get_if<check_config_arguments>(&chosen);
    ASSERT_NE(check, nullptr);
    EXPECT_TRUE(check->online);
    EXPECT_FALSE(check->strict);
    EXPECT_TRUE(expect<check_config_arguments>({"check-config", "--strict"}).strict);
    EXPECT_EQ(check->common.config_file, "a.yaml");
}

TEST(Arguments, Events) {
    const auto none = expect<events_arguments>({"events"});
    EXPECT_EQ(none.common.config_file, "/etc/replmond/replmond.yaml");
    EXPECT_EQ(none.state_path, std::nullopt);
    EXPECT_EQ(none.since, std::nullopt);
    EXPECT_EQ(none.instance, "");
    EXPECT_EQ(none.task, "");
    EXPECT_EQ(none.limit, 100u);
    EXPECT_EQ(none.least, severity::debug);
    EXPECT_THAT(none.names, ElementsAre());
    EXPECT_FALSE(none.follow);
    EXPECT_EQ(none.output, web::log_format::logfmt);

    const auto all = expect<events_arguments>({"--config.file=c", "events", "--state.path", "s", "--since=2h",
                                               "--instance=i", "--task=t", "--limit=7", "--output=json",
                                               "--level=warn", "--event=task_gone", "--follow"});
    EXPECT_EQ(all.least, severity::warn);
    EXPECT_THAT(all.names, ElementsAre("task_gone"));
    EXPECT_TRUE(all.follow);
    EXPECT_EQ(all.common.config_file, "c");
    EXPECT_EQ(all.state_path, "s");
    EXPECT_EQ(all.since, "2h");
    EXPECT_EQ(all.instance, "i");
    EXPECT_EQ(all.task, "t");
    EXPECT_EQ(all.limit, 7u);
    EXPECT_EQ(all.output, web::log_format::json);

    for (const char* wrong : {"--limit=0", "--limit=-1", "--limit=x", "--limit=1000001", "--output=xml",
                              "--web.listen-address=:1", "word", "--since=x"}) {
        const auto mistake = expect<nothing_to_run>({"events", wrong});
        EXPECT_EQ(mistake.exit_code, 1) << wrong;
        EXPECT_THAT(mistake.text, HasSubstr("Try 'replmond events --help'.")) << wrong;
    }
}

TEST(TaskArguments, List) {
    const auto all = expect<task_list_arguments>({"task", "list"});
    EXPECT_EQ(all.instance, "");
    EXPECT_EQ(all.output, output_form::table);
    const auto one = expect<task_list_arguments>({"task", "list", "--instance", "orders", "--output=json",
                                                  "--config.file=c.yaml", "--log.level=error"});
    EXPECT_EQ(one.instance, "orders");
    EXPECT_EQ(all.order, terminal::list_order::worst);
    EXPECT_FALSE(all.wide);
    EXPECT_TRUE(all.filter.statuses.empty());
    const auto some = expect<task_list_arguments>({"task", "list", "--status=no,Unknown", "--status=yes",
                                                   "--stage=paused,full", "--sort=name", "--wide"});
    EXPECT_THAT(some.filter.statuses,
                ElementsAre(status_word::abnormal, status_word::unknown, status_word::normal));
    EXPECT_THAT(some.filter.stages, ElementsAre(stage::paused, stage::full));
    EXPECT_EQ(some.order, terminal::list_order::name);
    EXPECT_TRUE(some.wide);
    EXPECT_EQ(one.output, output_form::json);
    EXPECT_EQ(one.common.config_file, "c.yaml");
    EXPECT_EQ(one.common.log_level, severity::error);
    // flags that every command takes go before it as well
    EXPECT_EQ(expect<task_list_arguments>({"--config.file=c.yaml", "task", "list"}).common.config_file,
              "c.yaml");
    EXPECT_EQ(expect<task_list_arguments>({"task", "--config.file=c.yaml", "list"}).common.config_file,
              "c.yaml");
}

TEST(TaskArguments, Create) {
    const words needed = {"task",
                          "create",
                          "--instance=orders",
                          "--source-instance-id=0123456789abcdef0123456789abcdefin07",
                          "--source-database=shop",
                          "--target-database=copy",
                          "--task-name=sync"};
    const auto plain = expect<task_change_arguments>(needed);
    EXPECT_EQ(plain.change, task_change::create);
    EXPECT_EQ(plain.task_name, "sync");
    EXPECT_EQ(plain.order.source_instance_id, "0123456789abcdef0123456789abcdefin07");
    EXPECT_EQ(plain.order.source_database, "shop");
    EXPECT_EQ(plain.order.target_database, "copy");
    EXPECT_EQ(plain.order.source_node_id, std::nullopt);
    EXPECT_FALSE(plain.follow);
    EXPECT_EQ(plain.timeout, std::chrono::minutes(30));
    EXPECT_EQ(plain.poll_interval, std::chrono::seconds(5));
    for (std::size_t left_out = 2; left_out < needed.size(); ++left_out) {
        words some = needed;
        some.erase(some.begin() + static_cast<std::ptrdiff_t>(left_out));
        EXPECT_EQ(expect<nothing_to_run>(some).exit_code, 1) << needed[left_out];
    }
    words more = needed;
    more.insert(more.end(), {"--source-node-id=0123456789abcdef0123456789abcdefno07", "--follow",
                             "--timeout=1h30m", "--poll-interval", "2s"});
    const auto followed = expect<task_change_arguments>(more);
    EXPECT_EQ(followed.order.source_node_id, "0123456789abcdef0123456789abcdefno07");
    EXPECT_TRUE(followed.follow);
    EXPECT_EQ(followed.timeout, std::chrono::minutes(90));
    EXPECT_EQ(followed.poll_interval, std::chrono::seconds(2));
}

TEST(TaskArguments, PauseResumeDeleteShow) {
    const words named = {"--instance=orders", "--task-name=t"};
    const auto with = [&](const std::string& command) {
        words all = {"task", command};
        all.insert(all.end(), named.begin(), named.end());
        return all;
    };
    EXPECT_EQ(expect<task_change_arguments>(with("pause")).change, task_change::pause);
    EXPECT_EQ(expect<task_change_arguments>(with("resume")).change, task_change::resume);
    words sure = with("delete");
    sure.emplace_back("--yes");
    EXPECT_EQ(expect<task_change_arguments>(sure).change, task_change::remove);
    EXPECT_TRUE(expect<task_change_arguments>(sure).yes);
    EXPECT_EQ(expect<task_show_arguments>(with("show")).task_name, "t");
    EXPECT_EQ(expect<task_show_arguments>({"task", "show", "--instance=a", "--task-name=--yes"}).task_name,
              "--yes");
    EXPECT_EQ(expect<task_show_arguments>({"task", "show", "--instance=a", "--task-name", "--odd"}).task_name,
              "--odd");
}

TEST(TaskArguments, Mistakes) {
    for (const words& arguments :
         {words{"task"}, words{"task", "destroy"}, words{"task", "pause"},
          words{"task", "list", "--output=yaml"},
          words{"task", "pause", "--instance=a", "--task-name=t", "--timeout=5"},
          words{"task", "pause", "--instance=a", "--task-name=t", "--timeout=10ms"},
          words{"task", "pause", "--instance=a", "--task-name=t", "--poll-interval=2h"},
          words{"task", "pause", "--instance=a", "--task-name=t", "--yes"},
          words{"task", "pause", "--instance", "", "--task-name=t"},
          words{"task", "show", "--instance", "", "--task-name=t"}, words{"task", "list", "--instance", ""},
          words{"task", "show", "--instance=a", "--task-name", ""},
          words{"task", "delete", "--instance=a", "--task-name=t"}}) {
        SCOPED_TRACE(::testing::PrintToString(arguments));
        const auto message = expect<nothing_to_run>(arguments);
        EXPECT_EQ(message.exit_code, 1);
        EXPECT_THAT(message.text, HasSubstr("Try 'replmond task"));
    }
}

TEST(TaskArguments, EveryMistakeInWhatIsCreatedIsTold) {
    const auto message = expect<nothing_to_run>(
        {"task", "create", "--instance=a", "--source-instance-id=0123456789abcdef0123456789abcdefin07",
         "--source-database=ab", "--target-database=abc", "--task-name=a-b"});
    EXPECT_THAT(message.text, HasSubstr("replmond: --source-database: expected 3 to 1024"));
    EXPECT_THAT(message.text, HasSubstr("; --task-name: expected 3 to 128"));
    EXPECT_THAT(message.text, HasSubstr("\nTry 'replmond task create --help'.\n"));
}

// The value must not be taken from what follows: --yes would be the name of what is deleted.
TEST(TaskArguments, AnEmptyValueIsNoValue) {
    const auto message =
        expect<nothing_to_run>({"task", "delete", "--instance=a", "--task-name=", "--yes", "--yes"});
    EXPECT_EQ(message.exit_code, 1);
    EXPECT_THAT(message.text, HasSubstr("--task-name: expected a value"));
    EXPECT_THAT(message.text, HasSubstr("Try 'replmond task delete --help'."));
}

TEST(TaskArguments, HelpSaysWhatCreateDoes) {
    const auto help = expect<nothing_to_run>({"task", "create", "--help"});
    EXPECT_EQ(help.exit_code, 0);
    EXPECT_THAT(help.text, HasSubstr("defined before"));
    EXPECT_THAT(help.text, HasSubstr("database-config-check"));
    EXPECT_THAT(expect<nothing_to_run>({"task", "--help"}).text, HasSubstr("resume"));
}

} // namespace
} // namespace replmond::cli
