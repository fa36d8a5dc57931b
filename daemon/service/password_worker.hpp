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

/// One thread that computes bcrypt, which takes tens of milliseconds and would block the loop. The thread is
/// started by the first question; if the system cannot start one, the next question tries again.
class password_worker {
public:
    using start_thread = std::function<std::thread(std::function<void()> work)>;

    /// `start` may throw std::system_error, as std::thread does.
    explicit password_worker(start_thread start =
                                 [](std::function<void()> work) { return std::thread(std::move(work)); })
        : start_(std::move(start)) {}
    password_worker(const password_worker&) = delete;
    password_worker& operator=(const password_worker&) = delete;
    /// Waits for the question that is being answered; the others are dropped.
    ~password_worker();

    /// Asks whether `password` matches the bcrypt hash. `answer` is called on the thread. The number of
    /// waiting questions is limited by the caller. False: there is no thread, and `answer` is not called; the
    /// next call tries again.
    [[nodiscard]] bool ask(std::string hash, std::string password, std::function<void(bool right)> answer);

    /// Whether a question is being answered.
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
