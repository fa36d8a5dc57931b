// Reads the lag of an instance's tasks once, as the daemon does at every interval, but never writes.

#include "daemon/cli/read_lag.hpp"

#include "daemon/core/terminal/text.hpp"
#include "daemon/database/instance_read.hpp"
#include "daemon/database/workers.hpp"
#include "daemon/net/clocks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace replmond::cli {

namespace asio = boost::asio;

namespace {

lag::lag_reading not_in_time(milliseconds timeout) {
    lag::lag_reading reading;
    reading.starrocks.failure = lag::lag_failure{
        lag_result::timeout, fmt::format("the databases did not answer within {} ms", timeout.count())};
    return reading;
}

std::string text_of(const event& e, std::string_view key) {
    const field_value* value = e.find(key);
    const auto* text = value == nullptr ? nullptr : std::get_if<std::string>(value);
    return text == nullptr ? "" : terminal::shown(*text);
}

// The first failure stands for all: where a database does not answer, it is the only one.
std::string describe_first(const std::vector<event>& events) {
    const auto failed =
        std::find_if(events.begin(), events.end(), [](const event& e) { return e.name == "lag_failed"; });
    if (failed == events.end())
        return "it was not read";
    std::string table = text_of(*failed, "table");
    return fmt::format("{}: {}: {}{}{}", failed->message, text_of(*failed, "result"), table,
                       table.empty() ? "" : ": ", text_of(*failed, "error_msg"));
}

std::optional<std::string> describe_missing(const instance_state& state, const lag::read_plan& plan,
                                            const std::vector<event>& events) {
    std::size_t missing = 0;
    for (const lag::planned_task& task : plan.tasks) {
        const auto found = state.lag->tasks.find(task.task);
        missing += found == state.lag->tasks.end() || !found->second.lag.value ? 1U : 0U;
    }
    if (missing == 0)
        return std::nullopt;
    return fmt::format("{}: the lag of {} of {} task{} is not known: {}",
                       terminal::shown(state.identity.name), missing, plan.tasks.size(),
                       plan.tasks.size() == 1 ? "" : "s", describe_first(events));
}

} // namespace

asio::awaitable<heartbeats_read> read_heartbeats(cloud_session& session, const target_instance& of,
                                                 const instance_state& state) {
    config::lag_settings settings = of.lag.value();
    if (settings.source)
        settings.source->write = false;
    heartbeats_read outcome;
    outcome.plan = lag::plan_read(settings, state);
    auto read = std::make_shared<database::instance_read>(settings, session.places(), outcome.plan,
                                                          std::make_shared<database::instance_sessions>(),
                                                          [] { return net::wall_clock(); });
    std::shared_ptr<database::blocking_work> work = read;
    const bool in_time =
        co_await session.databases().run(std::move(work), database::outlook::good, settings.timeout);
    if (in_time)
        outcome.reading = read->reading();
    co_return outcome;
}

asio::awaitable<std::optional<std::string>> read_lag(cloud_session& session, const target_instance& of,
                                                     instance_state& state) {
    std::optional<std::string> trouble;
    if (!of.lag)
        co_return trouble;
    state.lag.emplace();
    if (of.lag->database.host.empty()) {
        trouble =
            fmt::format("{}: the lag is not known: the cloud lists no address for it; configure lag.host",
                        terminal::shown(state.identity.name));
        co_return trouble;
    }
    const auto read = co_await read_heartbeats(session, of, state);
    lag::lag_tracker tracker;
    const auto events =
        tracker.take_in(state, *of.lag, read.plan, read.reading.value_or(not_in_time(of.lag->timeout)),
                        session.settings().alerts.repeat_interval, net::now());
    trouble = describe_missing(state, read.plan, events);
    co_return trouble;
}

} // namespace replmond::cli
