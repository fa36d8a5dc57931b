// What the metrics page costs: rendering at polls, putting together at scrapes.
#include "daemon/export/gzip.hpp"
#include "daemon/export/metrics_page.hpp"
#include "tests/bench/sample_fleet.hpp"

#include <benchmark/benchmark.h>

#include <chrono>
#include <string>
#include <vector>

namespace replmond::bench {
namespace {

using exposition::format;
using exposition::metrics_page;

const timestamp start{std::chrono::seconds(1'800'000'000)};

void render(benchmark::State& run) {
    const auto tasks = static_cast<int>(run.range(0));
    const instance_state state = read_instance(1, tasks);
    metrics_page page(std::chrono::minutes(15));
    for (auto _ : run)
        page.update(state, start);
}
BENCHMARK(render)
    ->Name("render an instance, tasks:")
    ->Arg(1)
    ->Arg(10)
    ->Arg(100)
    ->Unit(benchmark::kMicrosecond);

void scrape(benchmark::State& run) {
    const auto fleet = read_fleet(static_cast<int>(run.range(0)), static_cast<int>(run.range(1)));
    metrics_page page(std::chrono::minutes(15));
    for (const instance_state& state : fleet)
        page.update(state, start);
    const bool packed = run.range(2) != 0;
    for (auto _ : run) {
        std::string text;
        page.append_to(text, start, format::text);
        if (packed)
            text = exposition::gzip(text);
        benchmark::DoNotOptimize(text);
    }
}
BENCHMARK(scrape)
    ->Name("scrape, instances, tasks, packed:")
    ->Args({1000, 1, 0})
    ->Args({400, 10, 0})
    ->Args({40, 100, 0})
    ->Args({1000, 1, 1})
    ->Args({400, 10, 1})
    ->Args({40, 100, 1})
    ->Unit(benchmark::kMicrosecond);

} // namespace
} // namespace replmond::bench
