#pragma once

#include "daemon/net/client/resolver.hpp"
#include "tests/support/event_loop.hpp"

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace replmond::testing {

/// A name service for a resolver's threads: names answer, or hang until they are released.
class scripted_names {
public:
    using verdict = http::lookup_outcome::verdict;

    static http::lookup_outcome found(http::address_list addresses) {
        return {verdict::found, std::move(addresses), ""};
    }

    void set(const std::string& host, http::lookup_outcome outcome) {
        const std::lock_guard lock(mutex_);
        answers_[host] = std::move(outcome);
    }

    void hang(const std::string& host) {
        const std::lock_guard lock(mutex_);
        hanging_.insert(host);
    }

    void release(const std::string& host) {
        const std::lock_guard lock(mutex_);
        hanging_.erase(host);
        changed_.notify_all();
    }

    void release_all() {
        const std::lock_guard lock(mutex_);
        hanging_.clear();
        changed_.notify_all();
    }

    /// Blocks until so many lookups of `host` have begun.
    void wait_until_asked(const std::string& host, int times = 1) {
        std::unique_lock lock(mutex_);
        if (!changed_.wait_for(lock, patience, [&] { return asked_[host] >= times; }))
            throw std::runtime_error(host + " was not asked for");
    }

    int asked(const std::string& host) {
        const std::lock_guard lock(mutex_);
        return asked_[host];
    }

    int most_at_once() {
        const std::lock_guard lock(mutex_);
        return most_at_once_;
    }

    http::lookup_outcome look_up(const std::string& host) {
        std::unique_lock lock(mutex_);
        ++asked_[host];
        most_at_once_ = std::max(most_at_once_, ++at_once_);
        changed_.notify_all();
        changed_.wait(lock, [&] { return !hanging_.contains(host); });
        --at_once_;
        const auto answer = answers_.find(host);
        if (answer == answers_.end())
            throw std::runtime_error("nothing is known of " + host);
        return answer->second;
    }

    static client::lookup_function function_of(const std::shared_ptr<scripted_names>& names) {
        return [names](const std::string& host) { return names->look_up(host); };
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<std::string, http::lookup_outcome> answers_;
    std::set<std::string> hanging_;
    std::map<std::string, int> asked_;
    int at_once_ = 0;
    int most_at_once_ = 0;
};

} // namespace replmond::testing
