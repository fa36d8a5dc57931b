// What `replmond doctor` says about the databases by which lag is measured.

#include "daemon/cli/doctor_lag.hpp"

#include "daemon/cli/check_databases.hpp"
#include "daemon/core/lag/heartbeat.hpp"
#include "daemon/core/terminal/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace replmond::cli {

using doctor::step;
using doctor::step_result;
using doctor::verdict;

namespace {

doctor::public_word word_of(config::database_tls tls) {
    switch (tls) {
    case config::database_tls::verify:
        return "verify";
    case config::database_tls::require:
        return "require";
    case config::database_tls::off:
        break;
    }
    return "off";
}

class lag_reporter {
public:
    lag_reporter(const target_instance& of, const heartbeats_read& read) : of_(of), plan_(read.plan) {}

    void report(const checked_end& end) {
        step_result login = step_of(step::lag_login, end);
        const std::string where = fmt::format("{} {}:{}", end.name, end.database.host, end.database.port);
        login.facts.push_back({"tls", word_of(end.database.tls)});
        if (end.reading.failure) {
            fail(login, where, *end.reading.failure);
            login.advice = "see docs/lag.md, or configure host, user, password and tls of lag";
        } else {
            login.seen = fmt::format("{}: logged in as {}, tls {}", where, end.database.user,
                                     to_string(end.database.tls));
        }
        steps_.push_back(std::move(login));
        for (std::size_t i = 0; i < end.reading.answers.size() && i < end.tables.size(); ++i)
            report_table(end, end.tables[i], end.reading.answers[i]);
    }

    void report_tasks_without_table() {
        for (const lag::planned_task& task : plan_.tasks) {
            if (task.table && (task.source || !of_.lag->source))
                continue;
            step_result ended{.what = step::lag_table, .ended = verdict::warn, .task = task.task};
            ended.seen = "it has no single database of its own";
            ended.advice = "name its table under lag.tasks";
            steps_.push_back(std::move(ended));
        }
    }

    std::vector<step_result> take() {
        for (step_result& each : steps_)
            each.instance = of_.identity.name;
        return std::move(steps_);
    }

private:
    static bool is_source(const checked_end& end) { return std::string_view(end.name) == "TaurusDB"; }

    static step_result step_of(step what, const checked_end& end) {
        step_result ended{.what = what};
        ended.facts.push_back({"database", is_source(end) ? doctor::public_word("taurusdb")
                                                          : doctor::public_word("starrocks")});
        return ended;
    }

    static void fail(step_result& ended, const std::string& where, const lag::lag_failure& why) {
        ended.ended = why.result == lag_result::empty ? verdict::warn : verdict::fail;
        ended.seen = fmt::format("{}: {}: {}", where, to_string(why.result), why.error_msg);
        ended.facts.push_back({"result", doctor::public_word::of(why.result)});
    }

    // The first task whose heartbeat is in the table.
    std::string task_of(const checked_end& end, const config::table_name& table) const {
        for (const lag::planned_task& task : plan_.tasks) {
            if ((is_source(end) ? task.source : task.table) == table)
                return task.task;
        }
        return {};
    }

    void report_table(const checked_end& end, const config::table_name& table,
                      const lag::table_answer& answer) {
        step_result ended = step_of(step::lag_table, end);
        ended.task = task_of(end, table);
        const std::string where = fmt::format("table {} in {}", lag::to_string(table), end.name);
        const auto moment = answer.value ? lag::parse_heartbeat(*answer.value, answer.read_at) : std::nullopt;
        if (answer.failure) {
            fail(ended, where, *answer.failure);
        } else if (!moment) {
            ended.ended = verdict::fail;
            ended.seen = fmt::format("{} holds no heartbeat: {}", where, answer.value.value_or(""));
        } else {
            const milliseconds age = answer.read_at - *moment;
            ended.seen = fmt::format("{}: its newest heartbeat is {} s old", where, to_seconds(age));
            ended.facts.push_back({"age_seconds", std::chrono::duration<double>(age).count()});
        }
        if (answer.failure && answer.failure->result == lag_result::query)
            ended.advice = fmt::format("{}", fmt::join(statements_for(end, table, *of_.lag), " "));
        else if (ended.ended != verdict::ok)
            ended.advice = "let a writer keep a heartbeat in it, see docs/lag.md";
        steps_.push_back(std::move(ended));
    }

    const target_instance& of_;
    const lag::read_plan& plan_;
    std::vector<step_result> steps_;
};

} // namespace

std::vector<step_result> lag_steps(const target_instance& of, const heartbeats_read& read) {
    lag_reporter reporter(of, read);
    const config::lag_settings& settings = *of.lag;
    reporter.report_tasks_without_table();
    const lag::lag_failure late{lag_result::timeout, fmt::format("the databases did not answer within {} ms",
                                                                 settings.timeout.count())};
    lag::lag_reading reading;
    reading.starrocks.failure = late;
    reading.source.failure = late;
    if (read.reading)
        reading = *read.reading;
    reporter.report({"StarRocks", settings.database, reading.starrocks, read.plan.tables});
    if (settings.source)
        reporter.report({"TaurusDB", settings.source->database, reading.source, read.plan.source_tables});
    return reporter.take();
}

} // namespace replmond::cli
