#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

namespace replmond::service {

/// The one thread on which bcrypt is computed: it takes tens of milliseconds, and the loop must not stand
/// still. It is begun by the first question; where the system has no thread left, by a later one.
class password_worker {
public:
    using start_thread = std::function<std::thread(std::function<void()> work)>;

    /// `start`: may throw std::system_error, as std::thread does.
    explicit password_worker(start_thread start =
                                 [](std::function<void()> work) { return std::thread(std::move(work)); })
        : start_(std::move(start)) {}
    password_worker(const password_worker&) = delete;
    password_worker& operator=(const password_worker&) = delete;
    /// Waits for the question that is being answered; the others are dropped.
    ~password_worker();

    /// `answer` is called on the thread. How many may wait is the asker's business. False: there is no
    /// thread, and `answer` will not be called; the next call tries again.
    [[nodiscard]] bool ask(std::string hash, std::string password, std::function<void(bool right)> answer);

    /// A question is being answered.
    bool is_busy() const;

private:
    struct question {
        std::string hash;
        std::string password;
        std::function<void(bool right)> answer;
    };

    void work();
    bool has_thread();

    start_thread start_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<question> questions_;
    bool is_busy_ = false;
    bool is_stopping_ = false;
    std::thread thread_;
};

} // namespace replmond::service
