#pragma once

#include "tests/monitor/fleet_fixture.hpp"

namespace replmond::testing {

/// Answers as `answer` says; hangs until it is cancelled where that says nothing.
class stub_api : public cloud::project_api {
public:
    using answer_function = std::function<std::optional<result<cloud::page>>(const cloud::list_query&)>;

    stub_api(boost::asio::io_context& loop, answer_function answers)
        : answer(std::move(answers)), executor_(loop.get_executor()) {}

    boost::asio::awaitable<result<cloud::credential_proof>> prove(net::steady_duration) override {
        co_return cloud::credential_proof();
    }

    boost::asio::awaitable<result<cloud::instances_page>>
    instances(cloud::instances_query query, cloud::permit_source&, net::steady_duration) override {
        cloud::instances_page page;
        page.total_count = listed.size();
        for (const auto& [id, name] : listed) {
            if (query.offset == 0)
                page.instances.push_back({id, name, "normal"});
        }
        page.records = page.instances.size();
        co_return page;
    }

    boost::asio::awaitable<result<cloud::htap_list>> htap(std::string taurusdb, cloud::permit_source&,
                                                          net::steady_duration) override {
        cloud::htap_list list;
        const std::string name = listed.at(taurusdb);
        list.starrocks.push_back({id_of(name), name, "normal"});
        list.records = 1;
        co_return list;
    }

    std::optional<std::string> known_project_id() const override { return project_id; }

    void look_at_secrets() override {}

    void take_over_from(const cloud::project_api& before) override { went_on_from = &before; }

    boost::asio::awaitable<result<cloud::page>> list(cloud::list_query query, cloud::permit_source& permits,
                                                     net::steady_duration) override {
        const auto number = co_await permits.acquire();
        cloud::request_permit admitted(permits, number);
        admitted.sending();
        asked.push_back(query);
        ++in_flight;
        most_in_flight = std::max(most_in_flight, in_flight);
        auto plan = answer(query);
        if (!plan || suspends) {
            boost::asio::steady_timer timer(executor_,
                                            plan ? net::steady_duration(0) : std::chrono::hours(1));
            co_await timer.async_wait(net::nothrow);
        }
        --in_flight;
        if (!plan)
            net::throw_cancelled();
        if (!*plan)
            admitted.answered(plan->error().http_status);
        co_return std::move(*plan);
    }

    boost::asio::awaitable<result<cloud::task_configuration>>
    configuration(cloud::configuration_query query, cloud::permit_source& permits,
                  net::steady_duration timeout) override {
        const auto number = co_await permits.acquire();
        cloud::request_permit admitted(permits, number);
        admitted.sending();
        asked_why.push_back(query);
        auto plan = why();
        if (!plan) {
            boost::asio::steady_timer timer(executor_, timeout);
            co_await timer.async_wait(net::nothrow);
            failure late;
            late.result = poll_result::timeout;
            co_return late;
        }
        co_return std::move(*plan);
    }

    answer_function answer;
    /// What the configuration API says of any task; nothing: hangs for as long as it may.
    std::function<std::optional<result<cloud::task_configuration>>()> why = [] {
        return result<cloud::task_configuration>();
    };
    std::vector<cloud::configuration_query> asked_why;
    /// TaurusDB instances by id, with the name of the StarRocks instance of each.
    std::map<std::string, std::string> listed;
    const cloud::project_api* went_on_from = nullptr;
    std::optional<std::string> project_id; // that was learned
    bool suspends = true;                  // false: answers without leaving its caller's turn
    std::vector<cloud::list_query> asked;
    int in_flight = 0;
    int most_in_flight = 0;

private:
    boost::asio::any_io_executor executor_;
};

inline task_reading task(const std::string& name, stage where = stage::incremental,
                         status health = status::yes) {
    task_reading read;
    read.name = name;
    read.stage = where;
    read.status = health;
    return read;
}

inline result<cloud::page> page_of(std::vector<task_reading> tasks, std::optional<std::uint64_t> total = {}) {
    cloud::page page;
    page.records = tasks.size();
    page.total_count = total.value_or(tasks.size());
    page.tasks = std::move(tasks);
    return page;
}

inline result<cloud::page> failed(poll_result kind, int status = 0) {
    failure why;
    why.result = kind;
    why.http_status = status;
    why.error_msg = "broken";
    return why;
}

class FleetStub : public Fleet {
protected:
    stub_api* make_api(stub_api::answer_function answer) {
        apis_.push_back(std::make_unique<stub_api>(loop_, std::move(answer)));
        return apis_.back().get();
    }

    void TearDown() override {
        // What the answers refer to is gone with the test.
        for (const auto& api : apis_) {
            api->answer = [](const auto&) { return std::nullopt; };
            api->why = [] { return std::nullopt; };
        }
        Fleet::TearDown();
    }

    std::vector<std::unique_ptr<stub_api>> apis_;
};

} // namespace replmond::testing
