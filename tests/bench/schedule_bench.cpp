// What the schedule decides for one poll: due, leave for one request, its end.
#include "daemon/core/schedule/scheduler.hpp"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <chrono>

namespace replmond::bench {
namespace {

using namespace std::chrono_literals;

void poll(benchmark::State& run) {
    const auto instances = static_cast<schedule::instance_key>(run.range(0));
    schedule::scheduler plan(16);
    schedule::budget_limits limits;
    limits.requests = 1'000'000;
    limits.window = 1min;
    plan.add_project(1, limits);
    for (schedule::instance_key key = 1; key <= instances; ++key)
        plan.add(key, 1, fmt::format("{:032x}in17", key), 30s, schedule::uptime(0));

    schedule::uptime now(0);
    auto to_do = plan.next(now);
    std::size_t at = 0;
    for (auto _ : run) {
        while (at == to_do.begin.size()) {
            now = std::max(now, to_do.wake.value_or(now + 1ms));
            to_do = plan.next(now);
            at = 0;
        }
        const auto key = to_do.begin[at++];
        const auto asked = plan.request_permit(1, schedule::purpose::poll, key, false, now);
        benchmark::DoNotOptimize(plan.next(now));
        plan.release_permit(asked, true, false, now);
        schedule::poll_end how;
        how.succeeded = true;
        how.requests = 1;
        plan.poll_ended(key, how, now);
        benchmark::DoNotOptimize(plan.next(now));
    }
}
BENCHMARK(poll)
    ->Name("schedule a poll, instances:")
    ->Arg(100)
    ->Arg(1000)
    ->Arg(10000)
    ->Unit(benchmark::kMicrosecond);

} // namespace
} // namespace replmond::bench
