#include "tests/bench/sample_fleet.hpp"

#include "daemon/core/cloud/task_page.hpp"
#include "daemon/core/tracking/reading.hpp"
#include "daemon/core/tracking/tracker.hpp"
#include "tests/support/instants.hpp"

#include <fmt/format.h>

#include <chrono>
#include <utility>

namespace replmond::bench {

std::string page_body(int tasks, int turn) {
    std::string body = fmt::format(R"({{"total_count":"{}","replications":[)", tasks);
    for (int task = 0; task < tasks; ++task) {
        if (task > 0)
            body += ',';
        body += fmt::format(R"({{"source_database":"shop_{0:03}","target_database":"shop_{0:03}_sr",)"
                            R"("task_name":"sync_shop_{0:03}","status":"Yes","stage":"Full",)"
                            R"("percentage":"{1}.{2}","catchup_stage":null,"catchup_percentage":"0",)"
                            R"("is_need_repair":"false","is_main_task":"true"}})",
                            task, (task + turn) % 100, turn % 10);
    }
    return body + "]}";
}

instance_state read_instance(int number, int tasks) {
    instance_state state;
    state.identity.project = "bench";
    state.identity.project_id = "0123456789abcdef0123456789abcdef";
    state.identity.region = "ap-southeast-3";
    state.identity.name = fmt::format("starrocks-{:04}", number);
    state.identity.id = fmt::format("{:032x}in17", number);
    state.interval = std::chrono::seconds(60);
    const timestamp now{std::chrono::seconds(1'800'000'000)};
    tracking::list_reading pages({}, {}, 100);
    pages.add(*cloud::decode_page(page_body(tasks)));
    tracking::tracker(std::chrono::hours(1)).observe(state, pages.take_reading(), test::by_both_clocks(now));
    state.last_result = poll_result::success;
    state.last_success = state.last_poll = now;
    return state;
}

std::vector<instance_state> read_fleet(int instances, int tasks) {
    std::vector<instance_state> fleet;
    fleet.reserve(static_cast<std::size_t>(instances));
    for (int number = 1; number <= instances; ++number)
        fleet.push_back(read_instance(number, tasks));
    return fleet;
}

void make_progress(instance_state& state, int turn) {
    const timestamp now{std::chrono::seconds(1'800'000'000 + turn)};
    for (auto& [name, task] : state.tasks) {
        task.reading.percentage = turn % 1000 / 10.0;
        task.progress_changed = now;
    }
    state.last_poll = state.last_success = now;
    state.last_duration = std::chrono::milliseconds(10 + turn % 80);
    ++state.counters.polls[static_cast<std::size_t>(poll_result::success)];
}

} // namespace replmond::bench
