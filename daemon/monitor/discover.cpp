#include "daemon/monitor/discover.hpp"

#include <fmt/format.h>

#include <utility>

namespace replmond::monitor {

namespace asio = boost::asio;

namespace {

using step = listing_progress::step;

failure failed(poll_result kind, std::string message) {
    failure f;
    f.result = kind;
    f.error_msg = std::move(message);
    return f;
}

asio::awaitable<result<step>> read_page(cloud::project_api& api, cloud::request_gate& gate,
                                        milliseconds timeout, listing_progress& progress) {
    cloud::instances_query query;
    query.offset = progress.offset();
    query.limit = instances_page_size;
    auto page = co_await api.instances(query, gate, timeout);
    if (!page)
        co_return page.error();
    co_return progress.add(std::move(*page));
}

asio::awaitable<result<step>> ask_htap(cloud::project_api& api, cloud::request_gate& gate,
                                       milliseconds timeout, listing_progress& progress) {
    auto list = co_await api.htap(progress.taurusdb_id(), gate, timeout);
    if (!list)
        co_return list.error();
    co_return progress.add(std::move(*list));
}

} // namespace

asio::awaitable<result<listing>> discover(cloud::project_api& api, cloud::request_gate& gate,
                                          milliseconds request_timeout, listing_memory& memory,
                                          pause_between_calls pause) {
    listing_progress progress(memory);
    auto next = result<step>(step::read_page);
    for (bool first = true; *next == step::read_page || *next == step::ask_htap; first = false) {
        if (!first)
            co_await pause(progress.calls_left());
        if (*next == step::read_page)
            next = co_await read_page(api, gate, request_timeout, progress);
        else
            next = co_await ask_htap(api, gate, request_timeout, progress);
        if (!next) {
            memory = after_failed_listing(std::move(memory));
            co_return next.error();
        }
    }
    if (*next == step::too_many) {
        memory = after_failed_listing(std::move(memory));
        co_return failed(
            poll_result::protocol,
            fmt::format("the project has more than {} instances, or their list has no end", max_records));
    }
    if (*next == step::inconsistent) {
        memory = progress.memory();
        co_return failed(poll_result::inconsistent,
                         "the pages of the list of TaurusDB instances contradict each other or their count");
    }
    listing complete = progress.take_listing();
    memory = progress.memory();
    co_return complete;
}

} // namespace replmond::monitor
