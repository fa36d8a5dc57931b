#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace replmond::access {

/// The one thread on which bcrypt is computed: it takes tens of milliseconds, and the loop must not stand
/// still. It is begun by the first question.
class password_worker {
public:
    password_worker() = default;
    password_worker(const password_worker&) = delete;
    password_worker& operator=(const password_worker&) = delete;
    /// Waits for the question that is being answered; the others are dropped.
    ~password_worker();

    /// `answer` is called on the thread. How many may wait is the asker's business.
    void ask(std::string hash, std::string password, std::function<void(bool right)> answer);

    /// A question is being answered.
    bool is_busy() const;

private:
    struct question {
        std::string hash;
        std::string password;
        std::function<void(bool right)> answer;
    };

    void work();

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<question> questions_;
    bool is_busy_ = false;
    bool is_stopping_ = false;
    std::thread thread_;
};

} // namespace replmond::access
