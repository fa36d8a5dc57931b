#include "daemon/monitor/read_list.hpp"

#include "daemon/net/async.hpp"

#include <fmt/format.h>

namespace replmond::monitor {

namespace asio = boost::asio;

namespace {

failure failed(poll_result kind, std::string message) {
    failure f;
    f.result = kind;
    f.error_msg = std::move(message);
    return f;
}

asio::awaitable<result<reading>> read_pages(cloud::project_api& api, list_job job, reading_memory& memory) {
    list_reading progress(memory, std::move(job.known_tasks), job.page_size);
    auto step = list_reading::step::read_on;
    while (step == list_reading::step::read_on) {
        cloud::list_query query;
        query.instance_id = job.instance_id;
        query.limit = job.page_size;
        query.offset = progress.offset();
        auto page = co_await api.list(std::move(query), job.request_timeout);
        if (!page)
            co_return page.error();
        step = progress.add(std::move(*page));
    }
    if (step == list_reading::step::too_many)
        co_return failed(poll_result::protocol,
                         fmt::format("the list has more than {} records, or no end", max_records));
    memory = progress.memory();
    co_return progress.take_reading();
}

} // namespace

asio::awaitable<result<reading>> read_list(cloud::project_api& api, list_job job, reading_memory& memory) {
    auto pages = read_pages(api, std::move(job), memory);
    auto outcome = co_await net::with_deadline(std::move(pages), longest_poll);
    if (!outcome || outcome->has_error())
        memory = after_failed_poll(std::move(memory));
    if (!outcome)
        co_return failed(poll_result::timeout,
                         fmt::format("the list could not be read within {} s", longest_poll.count()));
    co_return std::move(*outcome);
}

} // namespace replmond::monitor
