#pragma once

#include "daemon/monitor/fleet.hpp"
#include "daemon/net/async.hpp"
#include "tests/support/event_loop.hpp"

#include <boost/asio/post.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace replmond::testing {

/// Keeps what the fleet says.
class recorder : public monitor::observer {
public:
    std::optional<instance_past> recall(const instance_identity&) override { return std::move(past); }
    void on_changed(const monitor::instance_view& of, std::vector<event> told) override {
        if (before_changed)
            before_changed(of.state.identity.name);
        states[of.state.identity.name] = &of.state;
        events.insert(events.end(), told.begin(), told.end());
        ++(of.tasks_changed ? told_changed : told_unchanged);
    }
    void on_lag(const monitor::instance_view&, std::vector<event> told) override {
        for (event& each : told)
            events.push_back(std::move(each));
    }
    void on_removed(const monitor::instance_view& of) override { states.erase(of.state.identity.name); }
    void on_line(event line) override { events.push_back(std::move(line)); }
    void on_unexpected(const instance_identity&, const std::vector<unexpected_value>& values) override {
        unexpected.insert(unexpected.end(), values.begin(), values.end());
    }

    /// The names of the events about an instance, in order.
    std::vector<std::string> names(const std::string& instance) const {
        std::vector<std::string> found;
        for (const event& e : events) {
            if (e.starrocks_instance == instance)
                found.push_back(e.name);
        }
        return found;
    }

    std::size_t count(const std::string& instance, const std::string& name) const {
        const auto found = names(instance);
        return static_cast<std::size_t>(std::count(found.begin(), found.end(), name));
    }

    /// The latest of that name, about that instance.
    const event& last(const std::string& instance, const std::string& name) const {
        for (auto e = events.rbegin(); e != events.rend(); ++e) {
            if (e->starrocks_instance == instance && e->name == name)
                return *e;
        }
        throw std::runtime_error("no event " + name);
    }

    std::function<void(const std::string& instance)> before_changed; ///< may throw
    std::optional<instance_past> past;                               ///< what the next one who asks remembers
    std::vector<event> events;
    std::map<std::string, const instance_state*> states;
    std::vector<unexpected_value> unexpected;
    int told_changed = 0;
    int told_unchanged = 0; ///< polls that changed no task
};

/// A field of an event as text; "absent" where it is not there.
inline std::string text_of(const event& e, std::string_view key) {
    const field_value* value = e.find(key);
    if (value == nullptr)
        return "absent";
    if (const auto* text = std::get_if<std::string>(value))
        return *text;
    if (const auto* number = std::get_if<decimal>(value))
        return number->text;
    return std::get<bool>(*value) ? "true" : "false";
}

/// An instance's id of 36 characters, by its name.
inline std::string id_of(const std::string& name) {
    return name + std::string(32 - name.size(), '0') + "in17";
}

/// A fleet with a recorder, stopped and proven empty at the end.
class Fleet : public ::testing::Test {
protected:
    static constexpr auto interval = std::chrono::milliseconds(10);

    void SetUp() override { settings_.repeat_interval = std::chrono::hours(1); }

    void watch(const std::string& name, cloud::project_api& api,
               std::chrono::milliseconds request_timeout = patience) {
        if (!fleet_)
            make_fleet();
        keys_[name] = fleet_->add({instance_of(name, api, request_timeout)}).front();
    }

    monitor::watched_instance instance_of(const std::string& name, cloud::project_api& api,
                                          std::chrono::milliseconds request_timeout = patience) const {
        monitor::watched_instance instance;
        instance.identity.project = "prod";
        instance.identity.project_id = "p1";
        instance.identity.name = name;
        instance.identity.id = id_of(name);
        instance.project = 1;
        instance.interval = interval_;
        instance.request_timeout = request_timeout;
        instance.page_size = page_size_;
        instance.api = std::shared_ptr<cloud::project_api>(std::shared_ptr<void>(), &api);
        return instance;
    }

    void make_fleet() {
        fleet_ = std::make_unique<monitor::fleet>(loop_.get_executor(), settings_, seen_);
        fleet_->add_project(1, "prod", limits_);
    }

    void begin() { fleet_->run(group_); }

    const instance_state& state(const std::string& name) const { return *seen_.states.at(name); }

    std::uint64_t polls(const std::string& name, poll_result result) const {
        return state(name).counters.polls[static_cast<std::size_t>(result)];
    }

    std::uint64_t polls(const std::string& name) const {
        const auto& counts = state(name).counters.polls;
        std::uint64_t sum = 0;
        for (const auto count : counts)
            sum += count;
        return sum;
    }

    template<class Predicate>
    void until(Predicate reached) {
        run_until(loop_, std::move(reached));
    }

    void until_polls(const std::string& name, std::uint64_t more) {
        const std::uint64_t target = polls(name) + more;
        until([&] { return polls(name) >= target; });
    }

    void stop() {
        if (fleet_)
            fleet_->stop();
        boost::asio::post(loop_, [this] { group_.stop(); });
        run(loop_, group_.join());
    }

    void TearDown() override {
        stop();
        EXPECT_EQ(group_.size(), 0U);
    }

    boost::asio::io_context loop_{1};
    monitor::fleet_settings settings_;
    schedule::budget_limits limits_{1'000'000, std::chrono::minutes(5)};
    std::map<std::string, schedule::instance_key> keys_; ///< by name
    int page_size_ = 100;
    std::chrono::milliseconds interval_ = interval;
    recorder seen_;
    net::task_group group_{loop_.get_executor()};
    std::unique_ptr<monitor::fleet> fleet_;
};

} // namespace replmond::testing
