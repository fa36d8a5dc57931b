#include "daemon/cli/task_arguments.hpp"

#include "daemon/cli/choice.hpp"
#include "daemon/config/duration.hpp"

#include <utility>

namespace replmond::cli {
namespace {

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

template<auto Member>
std::optional<task_command> chosen_one(const task_commands_arguments& from) {
    return from.*Member;
}

template<auto Member>
void when_given(CLI::App& command, task_commands_arguments& into) {
    command.final_callback([&into] { into.chosen = &chosen_one<Member>; });
}

} // namespace

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

std::optional<task_command> take_task_command(const task_commands_arguments& from,
                                              const common_arguments& common) {
    if (from.chosen == nullptr)
        return std::nullopt;
    auto command = from.chosen(from);
    std::visit([&common](auto& of) { of.common = common; }, *command);
    return command;
}

} // namespace replmond::cli
