// The flags of `replmond task …`.

#include "daemon/cli/task_arguments.hpp"

#include "daemon/cli/flags.hpp"
#include "daemon/cli/task_change.hpp"
#include "daemon/core/cloud/task_change.hpp"
#include "daemon/core/model/text.hpp"

namespace replmond::cli {

namespace {

const choices_of<output_form> forms = {{"table", output_form::table}, {"json", output_form::json}};
const choices_of<terminal::list_order> orders = {{"worst", terminal::list_order::worst},
                                                 {"name", terminal::list_order::name},
                                                 {"instance", terminal::list_order::instance}};

constexpr milliseconds longest_timeout = std::chrono::hours(24 * 30);
constexpr milliseconds longest_interval = std::chrono::hours(1);

void add_output(CLI::App& to, output_form& into) {
    add_choice(to, "--output", "<form>", into, forms, "Format of what is printed");
}

CLI::Option& add_instance(CLI::App& to, std::string& into, const char* description) {
    return *to.add_option("--instance", into, description)->type_name("<name>")->check(refuse_empty);
}

void add_names(CLI::App& to, std::string& instance, std::string& task) {
    add_instance(to, instance, "StarRocks instance: name or id").required();
    to.add_option("--task-name", task, "The task's name")->type_name("<name>")->required();
}

void add_following(CLI::App& to, task_change_arguments& into, const char* where_to) {
    add_output(to, into.output);
    constexpr auto group = "Following";
    to.add_flag("--follow", into.follow, std::string("Read the list until the task is ") + where_to)
        ->group(group);
    add_duration(to, "--timeout", into.timeout, longest_timeout,
                 "Longest time to follow the task, and to wait for a busy instance");
    add_duration(to, "--poll-interval", into.poll_interval, longest_interval,
                 "Time between two readings while following");
    for (const char* flag : {"--timeout", "--poll-interval"})
        to.get_option(flag)->group(group);
}

CLI::App& add_command(CLI::App& task, const char* name, const char* description, common_arguments& common) {
    CLI::App& command = *task.add_subcommand(name, description);
    add_common(command, common);
    return command;
}

std::optional<stage> stage_of(const std::string& word) {
    const std::string lower = to_lower_ascii(word);
    for (const stage each : all_stages) {
        if (lower == to_string(each))
            return each;
    }
    return std::nullopt;
}

std::string check_status(const std::string& word) {
    if (parse_status_word(word))
        return "";
    return no_such_choice(word, {"normal", "abnormal", "unknown"});
}

std::string check_stage(const std::string& word) {
    if (stage_of(word))
        return "";
    std::vector<std::string> words;
    for (const stage each : all_stages)
        words.emplace_back(to_string(each));
    return no_such_choice(word, words);
}

void add_list_flags(CLI::App& to, task_commands_arguments& into) {
    add_instance(to, into.list.instance, "Only of this StarRocks instance: name or id");
    add_list(to, "--status", "<status>", into.statuses,
             "Only tasks of these statuses: normal (or yes), abnormal (or no), unknown; several with commas")
        .check(check_status);
    add_list(to, "--stage", "<stage>", into.stages,
             "Only tasks in these stages: wait, full, incremental, paused, cancelled, unknown; several with "
             "commas")
        .check(check_stage);
    add_choice(to, "--sort", "<order>", into.list.order, orders,
               "Order of the rows: worst first, or by the name of the task or the instance");
    to.add_flag("--wide", into.list.wide, "Print all columns in full length, even on a narrow terminal");
    add_output(to, into.list.output);
    to.footer("Exit code: 1 if an instance could not be read, else 2 if a task is abnormal, else 0. --status "
              "and --stage change only what is shown: footer and exit code are about all tasks that were "
              "read.");
}

void add_create(CLI::App& to, task_change_arguments& into) {
    add_instance(to, into.instance, "StarRocks instance: name or id").required();
    to.add_option("--source-instance-id", into.order.source_instance_id, "Id of the TaurusDB instance")
        ->type_name("<id>")
        ->required();
    to.add_option("--source-database", into.order.source_database,
                  "Database to copy from: 3 to 1024 letters, digits or underscores")
        ->type_name("<name>")
        ->required();
    to.add_option("--target-database", into.order.target_database,
                  "StarRocks database to copy to: 3 to 128 letters, digits or underscores")
        ->type_name("<name>")
        ->required();
    to.add_option("--task-name", into.task_name, "The task's name: 3 to 128 letters, digits or underscores")
        ->type_name("<name>")
        ->required();
    to.add_option_function<std::string>(
          "--source-node-id", [&into](const std::string& id) { into.order.source_node_id = id; },
          "Id of the TaurusDB node to read from (default the primary node)")
        ->type_name("<id>");
    add_following(to, into, "incremental");
}

template<auto Member>
std::optional<task_command> chosen_one(const task_commands_arguments& from) {
    return from.*Member;
}

std::optional<task_command> chosen_list(const task_commands_arguments& from) {
    task_list_arguments list = from.list;
    for (const std::string& word : from.statuses)
        list.filter.statuses.push_back(parse_status_word(word).value());
    for (const std::string& word : from.stages)
        list.filter.stages.push_back(stage_of(word).value());
    return list;
}

template<auto Member>
void when_given(CLI::App& command, task_commands_arguments& into) {
    command.final_callback([&into] { into.chosen = &chosen_one<Member>; });
}

} // namespace

void add_task_commands(CLI::App& app, task_commands_arguments& into, common_arguments& common) {
    using all = task_commands_arguments;
    CLI::App& task = *app.add_subcommand("task", "Show and control synchronization tasks");
    add_common(task, common);
    task.require_subcommand(1);

    CLI::App& list = add_command(task, "list", "Poll once and print the tasks, worst first", common);
    add_list_flags(list, into);
    list.final_callback([&into] { into.chosen = &chosen_list; });

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

    CLI::App& resume = add_command(task, "resume", "Resume a paused task", common);
    into.resume.change = task_change::resume;
    add_names(resume, into.resume.instance, into.resume.task_name);
    add_following(resume, into.resume, "incremental");
    when_given<&all::resume>(resume, into);

    CLI::App& remove = add_command(task, "delete", "Delete a task", common);
    into.remove.change = task_change::remove;
    add_names(remove, into.remove.instance, into.remove.task_name);
    remove.add_flag("--yes", into.remove.yes, "Confirm the deletion; without it, nothing is sent");
    add_following(remove, into.remove, "gone");
    when_given<&all::remove>(remove, into);
}

std::optional<task_command> take_task_command(const task_commands_arguments& from,
                                              const common_arguments& common) {
    if (from.chosen == nullptr)
        return std::nullopt;
    auto command = from.chosen(from);
    std::visit([&common](auto& of) { of.common = common; }, *command);
    return command;
}

std::vector<std::string> mistakes_in(const task_command& command) {
    if (const auto* change = std::get_if<task_change_arguments>(&command))
        return check_change(*change).mistakes;
    const auto* show = std::get_if<task_show_arguments>(&command);
    if (show != nullptr && !cloud::task_name::from(show->task_name))
        return {"--task-name: expected a name that is not empty, in UTF-8"};
    return {};
}

} // namespace replmond::cli
