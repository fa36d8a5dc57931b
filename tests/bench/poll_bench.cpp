// What a poll of 100 tasks computes once its page is there.
#include "daemon/core/cloud/signer.hpp"
#include "daemon/core/cloud/task_page.hpp"
#include "daemon/core/tracking/reading.hpp"
#include "daemon/core/tracking/tracker.hpp"
#include "tests/bench/sample_fleet.hpp"
#include "tests/support/instants.hpp"

#include <benchmark/benchmark.h>

#include <chrono>
#include <set>
#include <string>

namespace replmond::bench {
namespace {

const timestamp start{std::chrono::seconds(1'800'000'000)};

void decode(benchmark::State& run) {
    const std::string body = page_body(100);
    for (auto _ : run) {
        auto page = cloud::decode_page(body);
        benchmark::DoNotOptimize(page);
    }
    run.SetBytesProcessed(static_cast<std::int64_t>(run.iterations() * body.size()));
}
BENCHMARK(decode)->Name("decode a page")->Unit(benchmark::kMicrosecond);

// Decoded, judged, compared; every task changed where `changing`.
void take_in(benchmark::State& run) {
    const bool changing = run.range(0) != 0;
    instance_state state = read_instance(1, 100);
    tracking::tracker tracking(std::chrono::hours(1));
    int turn = 0;
    for (auto _ : run) {
        run.PauseTiming();
        auto page = *cloud::decode_page(page_body(100, changing ? ++turn : 0));
        std::set<std::string> known;
        for (const auto& [name, task] : state.tasks)
            known.insert(name);
        run.ResumeTiming();
        tracking::list_reading pages(
            {}, [&] { return known; }, 100);
        pages.add(std::move(page));
        auto events = tracking.observe(state, pages.take_reading(), test::by_both_clocks(start));
        benchmark::DoNotOptimize(events);
    }
}
BENCHMARK(take_in)->Name("compare readings, changed:")->Arg(0)->Arg(1)->Unit(benchmark::kMicrosecond);

void sign(benchmark::State& run) {
    const cloud::signing_key key{"AKAKAKAKAKAKAKAKAKAK", "SKSKSKSKSKSKSKSKSKSKSKSKSKSKSKSKSKSKSKSK",
                                 std::nullopt};
    for (auto _ : run) {
        http::http_request request;
        request.target =
            "/v3/0123456789abcdef0123456789abcdef/instances/00000000000000000000000000000001in17/"
            "starrocks/databases/replication?limit=100&offset=0";
        request.headers.emplace_back("X-Language", "en-us");
        cloud::sign_request(request, "gaussdb.ap-southeast-3.myhuaweicloud.com",
                            "0123456789abcdef0123456789abcdef", key, start);
        benchmark::DoNotOptimize(request);
    }
}
BENCHMARK(sign)->Name("sign a request")->Unit(benchmark::kMicrosecond);

} // namespace
} // namespace replmond::bench
