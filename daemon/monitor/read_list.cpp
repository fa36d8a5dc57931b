// Reads the pages of one instance's list, with permits, deadlines and retries, until core/tracking/reading
// decides that the list is complete.

#include "daemon/monitor/read_list.hpp"

#include "daemon/net/async.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace replmond::monitor {

namespace asio = boost::asio;
using clock = std::chrono::steady_clock;

namespace {

// One reading that is under way.
class list_reader {
public:
    list_reader(cloud::project_api& api, list_job job, dispatcher::permits& permits)
        : api_(api), job_(std::move(job)), permits_(permits), began_(clock::now()) {}

    asio::awaitable<list_outcome> read(tracking::reading_memory& memory) {
        tracking::list_reading progress(memory, std::move(job_.known_tasks), job_.page_size);
        auto step = tracking::list_reading::step::read_on;
        while (step == tracking::list_reading::step::read_on) {
            auto known = job_.skips_unchanged ? progress.known_body() : nullptr;
            auto page = co_await read_page(progress.offset(), std::move(known));
            ++outcome_.requests;
            if (!page) {
                memory = tracking::after_failed_poll(std::move(memory));
                outcome_.read = page.error();
                co_return finish();
            }
            step = progress.add(std::move(*page));
        }
        if (step == tracking::list_reading::step::too_many) {
            memory = tracking::after_failed_poll(std::move(memory));
            outcome_.read = make_failure(
                poll_result::protocol,
                fmt::format("the list has more than {} records, or no end", tracking::max_records));
            co_return finish();
        }
        memory = progress.memory();
        outcome_.read = progress.take_reading();
        co_return finish();
    }

private:
    // Reads one page, in up to three attempts.
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
            const int sent_before = permits_.sent();
            const auto timeout = std::min<clock::duration>(job_.request_timeout, left);
            permits_.set_attempt(outcome_.attempts + 1);
            auto page = co_await api_.list(std::move(query), permits_, timeout);
            if (!page && page.error().result == poll_result::timeout && spent() >= longest_poll)
                page = too_long();
            const bool sent = permits_.sent() > sent_before;
            outcome_.attempts += sent ? 1 : 0;
            // A request that was never sent, because the credential or the project's id is missing, is not
            // retried: the next tick does that.
            if (page || !sent)
                co_return page;

            const auto decision = job_.after_failure(page.error(), outcome_.attempts, retries_);
            outcome_.pause_until = decision.pause_until;
            if (!decision.again || is_too_late(*decision.again))
                co_return page;
            ++retries_;
            co_await wait_until(*decision.again);
            permits_.repeats();
        }
    }

    asio::awaitable<void> wait_until(schedule::uptime when) {
        permits_.release_slot();
        asio::steady_timer timer(permits_.executor(), permits_.at(when));
        co_await timer.async_wait(net::nothrow);
    }

    static failure too_long() {
        return make_failure(poll_result::timeout,
                            fmt::format("the list could not be read within {} s", longest_poll.count()));
    }

    // Whether a retry at `again` would start after the poll's own time limit; then the failure is reported
    // now.
    bool is_too_late(schedule::uptime again) const {
        return permits_.at(again) - began_ - permits_.waited() >= longest_poll;
    }

    clock::duration spent() const { return clock::now() - began_ - permits_.waited(); }

    list_outcome finish() {
        outcome_.took = std::chrono::round<milliseconds>(spent());
        return std::move(outcome_);
    }

    cloud::project_api& api_;
    list_job job_;
    dispatcher::permits& permits_;
    clock::time_point began_;
    int retries_ = 0;
    list_outcome outcome_;
};

} // namespace

asio::awaitable<list_outcome> read_list(cloud::project_api& api, list_job job,
                                        tracking::reading_memory& memory, dispatcher::permits& permits) {
    list_reader reader(api, std::move(job), permits);
    auto outcome = co_await reader.read(memory);
    co_return outcome;
}

} // namespace replmond::monitor
