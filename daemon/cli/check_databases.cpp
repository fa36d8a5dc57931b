// `check-config --online`: whether the heartbeats that lag is measured by can be read, and what to do where
// they cannot.

#include "daemon/cli/check_databases.hpp"

#include "daemon/cli/cloud_session.hpp"
#include "daemon/cli/find_instances.hpp"
#include "daemon/cli/read_lag.hpp"
#include "daemon/core/lag/heartbeat.hpp"
#include "daemon/core/lag/read_plan.hpp"
#include "daemon/core/terminal/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace replmond::cli {

namespace asio = boost::asio;

namespace {

std::string quoted_text(const std::string& text) {
    std::string quoted = "'";
    for (const char c : text)
        quoted += c == '\'' || c == '\\' ? std::string{'\\', c} : std::string(1, c);
    return quoted + '\'';
}

std::string full_name(const config::table_name& table) {
    return lag::quoted_identifier(table.database) + '.' + lag::quoted_identifier(table.table);
}

} // namespace

// What an administrator of TaurusDB runs: the table comes to StarRocks by the task itself.
std::vector<std::string> statements_for(const checked_end& end, const config::table_name& table,
                                        const config::lag_settings& settings) {
    std::vector<std::string> statements;
    const bool is_source = &end.database != &settings.database;
    const std::string user = quoted_text(end.database.user) + "@'%'";
    if (is_source || !settings.source) {
        const std::string where =
            is_source ? full_name(table) : "SOURCE_DATABASE." + lag::quoted_identifier(table.table);
        statements.push_back(fmt::format("in TaurusDB: CREATE TABLE {} (`id` INT PRIMARY KEY, {} BIGINT);",
                                         where, lag::quoted_identifier(settings.column)));
    }
    const char* rights = is_source && settings.source->write ? "SELECT, INSERT, UPDATE" : "SELECT";
    statements.push_back(
        fmt::format("in {}: GRANT {} ON {} TO {};", end.name, rights, full_name(table), user));
    if (!is_source)
        statements.emplace_back("and make sure that the task replicates the table");
    return statements;
}

namespace {

std::string age_of(const lag::table_answer& answer) {
    const auto moment = lag::parse_heartbeat(*answer.value, answer.read_at);
    return moment ? fmt::format("its newest heartbeat is {} s old", to_seconds(answer.read_at - *moment))
                  : "it holds no heartbeat: " + terminal::shown(*answer.value);
}

bool report(const std::string& instance, const checked_end& end, const config::lag_settings& settings,
            console& out) {
    const std::string where = fmt::format("  instance {}: {} {}:{}", terminal::shown(instance), end.name,
                                          end.database.host, end.database.port);
    if (end.reading.failure) {
        out.line(fmt::format("{}: {}: {}", where, to_string(end.reading.failure->result),
                             terminal::shown(end.reading.failure->error_msg)));
        return false;
    }
    out.line(fmt::format("{}: logged in as {}", where, terminal::shown(end.database.user)));
    bool all = true;
    for (std::size_t i = 0; i < end.reading.answers.size() && i < end.tables.size(); ++i) {
        const lag::table_answer& answer = end.reading.answers[i];
        const std::string table = terminal::shown(lag::to_string(end.tables[i]));
        const bool is_good = answer.value && lag::parse_heartbeat(*answer.value, answer.read_at);
        out.line(fmt::format("    table {}: {}", table,
                             answer.failure ? terminal::shown(answer.failure->error_msg) : age_of(answer)));
        if (answer.failure && answer.failure->result == lag_result::query)
            for (const std::string& statement : statements_for(end, end.tables[i], settings))
                out.line("      " + statement);
        all = all && is_good;
    }
    return all;
}

asio::awaitable<bool> check_instance(cloud_session& session, const target_instance& of, console& out) {
    tracking::reading_memory memory;
    auto outcome = co_await session.read(of, {}, memory, retry_window_of_one_reading);
    if (!outcome.read) {
        out.line(fmt::format("  instance {}: its tasks could not be read: {}",
                             terminal::shown(of.identity.name),
                             terminal::failure_text(outcome.read.error())));
        co_return false;
    }
    instance_state state;
    for (auto& [name, reading] : outcome.read->tasks)
        state.tasks[name].reading = std::move(reading);
    const config::lag_settings& settings = *of.lag;
    const auto read = co_await read_heartbeats(session, of, state);
    for (const lag::planned_task& task : read.plan.tasks) {
        if (!task.table || (settings.source && !task.source))
            out.line(fmt::format(
                "  instance {}: task {} has no single database of its own; name its table under lag.tasks",
                terminal::shown(of.identity.name), terminal::shown(task.task)));
    }
    if (!read.reading) {
        out.line(fmt::format("  instance {}: its databases did not answer within {} ms",
                             terminal::shown(of.identity.name), settings.timeout.count()));
        co_return false;
    }
    bool all =
        report(of.identity.name, {"StarRocks", settings.database, read.reading->starrocks, read.plan.tables},
               settings, out);
    if (settings.source) {
        const bool there =
            report(of.identity.name,
                   {"TaurusDB", settings.source->database, read.reading->source, read.plan.source_tables},
                   settings, out);
        all = all && there;
    }
    co_return all;
}

asio::awaitable<int> check_all(cloud_session& session, console& out) {
    auto found = co_await find_instances(session, "");
    for (const std::string& trouble : found.trouble)
        out.error(trouble);
    bool all = found.trouble.empty();
    for (const target_instance& one : found.instances) {
        if (!one.lag)
            continue;
        if (one.lag->database.host.empty()) {
            out.line(fmt::format("  instance {}: the cloud lists no address for it; configure lag.host",
                                 terminal::shown(one.identity.name)));
            all = false;
            continue;
        }
        const bool good = co_await check_instance(session, one, out);
        all = all && good;
    }
    co_return all ? 0 : 1;
}

} // namespace

bool measures_lag(const config::settings& settings) {
    return std::any_of(settings.instances.begin(), settings.instances.end(),
                       [](const auto& one) { return one.lag; }) ||
           std::any_of(settings.projects.begin(), settings.projects.end(),
                       [](const auto& one) { return one.discover && one.discover->lag; });
}

int check_databases(const common_arguments& arguments, console& out) {
    return run_session(arguments, out, [&](cloud_session& session) { return check_all(session, out); });
}

} // namespace replmond::cli
