#include "daemon/monitor/read_list.hpp"

#include "daemon/net/async.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace replmond::monitor {

namespace asio = boost::asio;
using clock = std::chrono::steady_clock;

namespace {

failure failed(poll_result kind, std::string message) {
    failure f;
    f.result = kind;
    f.error_msg = std::move(message);
    return f;
}

// One reading under way.
class list_reader {
public:
    list_reader(cloud::project_api& api, list_job job, traffic::gate& gate)
        : api_(api), job_(std::move(job)), gate_(gate), began_(clock::now()) {}

    asio::awaitable<list_outcome> read(reading_memory& memory) {
        list_reading progress(memory, std::move(job_.known_tasks), job_.page_size);
        auto step = list_reading::step::read_on;
        while (step == list_reading::step::read_on) {
            auto known = job_.skips_unchanged ? progress.known_body() : nullptr;
            auto page = co_await read_page(progress.offset(), std::move(known));
            ++outcome_.requests;
            if (!page) {
                memory = after_failed_poll(std::move(memory));
                outcome_.read = page.error();
                co_return finish();
            }
            step = progress.add(std::move(*page));
        }
        if (step == list_reading::step::too_many) {
            memory = after_failed_poll(std::move(memory));
            outcome_.read = failed(poll_result::protocol,
                                   fmt::format("the list has more than {} records, or no end", max_records));
            co_return finish();
        }
        memory = progress.memory();
        outcome_.read = progress.take_reading();
        co_return finish();
    }

private:
    // In up to three attempts.
    asio::awaitable<result<cloud::page>> read_page(std::size_t offset,
                                                   std::shared_ptr<const std::string> known_body) {
        outcome_.attempts = 0;
        for (;;) {
            const auto left = longest_poll - spent();
            if (left <= clock::duration(0))
                co_return too_long();
            cloud::list_query query;
            query.instance_id = job_.instance_id;
            query.limit = job_.page_size;
            query.offset = offset;
            query.known_body = known_body;
            const int sent_before = gate_.sent();
            const auto timeout = std::min<clock::duration>(job_.request_timeout, left);
            gate_.attempt(outcome_.attempts + 1);
            auto page = co_await api_.list(std::move(query), gate_, timeout);
            if (!page && page.error().result == poll_result::timeout && spent() >= longest_poll)
                page = too_long();
            const bool sent = gate_.sent() > sent_before;
            outcome_.attempts += sent ? 1 : 0;
            // What never went out, for want of a credential or of the project's id, the next tick repeats.
            if (page || !sent)
                co_return page;

            const auto decision = job_.after_failure(page.error(), outcome_.attempts, retries_);
            outcome_.pause_until = decision.pause_until;
            if (!decision.again || is_too_late(*decision.again))
                co_return page;
            ++retries_;
            co_await wait_until(*decision.again);
            gate_.repeats();
        }
    }

    asio::awaitable<void> wait_until(schedule::uptime when) {
        gate_.step_aside();
        asio::steady_timer timer(gate_.executor(), gate_.at(when));
        co_await timer.async_wait(net::nothrow);
    }

    static failure too_long() {
        return failed(poll_result::timeout,
                      fmt::format("the list could not be read within {} s", longest_poll.count()));
    }

    // The poll's own time is over before: what failed is known now, and told now.
    bool is_too_late(schedule::uptime again) const {
        return gate_.at(again) - began_ - gate_.waited() >= longest_poll;
    }

    clock::duration spent() const { return clock::now() - began_ - gate_.waited(); }

    list_outcome finish() {
        outcome_.took = std::chrono::round<milliseconds>(spent());
        return std::move(outcome_);
    }

    cloud::project_api& api_;
    list_job job_;
    traffic::gate& gate_;
    clock::time_point began_;
    int retries_ = 0;
    list_outcome outcome_;
};

} // namespace

asio::awaitable<list_outcome> read_list(cloud::project_api& api, list_job job, reading_memory& memory,
                                        traffic::gate& gate) {
    list_reader reader(api, std::move(job), gate);
    auto outcome = co_await reader.read(memory);
    co_return outcome;
}

} // namespace replmond::monitor
