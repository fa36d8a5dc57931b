// What the metrics page costs: rendering at polls, putting together at scrapes.
#include "daemon/core/metrics/gzip.hpp"
#include "daemon/core/metrics/metrics_page.hpp"
#include "tests/bench/sample_fleet.hpp"
#include "tests/support/pieces.hpp"

#include <benchmark/benchmark.h>

#include <chrono>
#include <string>
#include <vector>

namespace replmond::bench {
namespace {

using metrics::format;
using metrics::metrics_page;

const timestamp start{std::chrono::seconds(1'800'000'000)};

void render(benchmark::State& run) {
    const auto tasks = static_cast<int>(run.range(0));
    const instance_state state = read_instance(1, tasks);
    metrics_page page(std::chrono::minutes(15));
    for (auto _ : run) {
        page.remove(state);
        page.update(state, start);
    }
}
BENCHMARK(render)
    ->Name("render an instance that is new, tasks:")
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
    metrics::gzip_packer packer;
    for (auto _ : run) {
        const auto pieces = page.pieces(start, format::text);
        benchmark::DoNotOptimize(packed ? test::pack(packer, pieces) : http::buffer_chain());
    }
}
BENCHMARK(scrape)
    ->Name("gather a scrape, instances, tasks, packed:")
    ->Args({1000, 1, 0})
    ->Args({400, 10, 0})
    ->Args({40, 100, 0})
    ->Args({1000, 1, 1})
    ->Args({400, 10, 1})
    ->Args({40, 100, 1})
    ->Unit(benchmark::kMicrosecond);

// What is moved from scrapes to polls, and what changes leave for the next scrape: so many instances change,
// each task's percentage, then somebody scrapes.
void scrape_after_changes(benchmark::State& run) {
    const auto instances = static_cast<std::size_t>(run.range(0));
    const auto changed = static_cast<std::size_t>(run.range(2));
    auto fleet = read_fleet(static_cast<int>(instances), static_cast<int>(run.range(1)));
    metrics_page page(std::chrono::minutes(15));
    for (const instance_state& state : fleet)
        page.update(state, start);
    const bool packed = run.range(3) != 0;
    metrics::gzip_packer packer;
    std::size_t next = 0;
    int turn = 0;
    for (auto _ : run) {
        for (std::size_t i = 0; i < changed; ++i, next = (next + 1) % instances) {
            run.PauseTiming();
            make_progress(fleet[next], ++turn);
            run.ResumeTiming();
            page.update(fleet[next], start);
        }
        const auto pieces = page.pieces(start, format::text);
        benchmark::DoNotOptimize(packed ? test::pack(packer, pieces) : http::buffer_chain());
    }
}
BENCHMARK(scrape_after_changes)
    ->Name("changes and a scrape, instances, tasks, changed, packed:")
    ->Args({1000, 1, 1000, 0})
    ->Args({400, 10, 400, 0})
    ->Args({40, 100, 40, 0})
    ->Args({1000, 1, 1000, 1})
    ->Args({400, 10, 400, 1})
    ->Args({40, 100, 40, 1})
    ->Unit(benchmark::kMicrosecond);

// Nothing is kept: what a scrape's first reader pays after everything changed.
void pack_all(benchmark::State& run) {
    const auto fleet = read_fleet(40, 100);
    metrics_page page(std::chrono::minutes(15));
    for (const instance_state& state : fleet)
        page.update(state, start);
    const auto pieces = page.pieces(start, format::text);
    std::int64_t bytes = 0;
    for (const auto& piece : pieces)
        bytes += static_cast<std::int64_t>(piece.text->size());
    for (auto _ : run) {
        metrics::gzip_packer packer;
        benchmark::DoNotOptimize(test::pack(packer, pieces));
    }
    run.SetBytesProcessed(bytes * static_cast<std::int64_t>(run.iterations()));
}
BENCHMARK(pack_all)->Name("pack a fleet of 40 x 100 from nothing")->Unit(benchmark::kMicrosecond);

} // namespace
} // namespace replmond::bench
