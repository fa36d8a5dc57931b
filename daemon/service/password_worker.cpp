// The thread that computes bcrypt.

#include "daemon/service/password_worker.hpp"

#include "daemon/core/auth/passwords.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <sys/resource.h>
#include <system_error>
#include <utility>

namespace replmond::service {

namespace {

// With one core, the loop has priority over the check of passwords.
void give_way_to_the_loop() {
    constexpr int lower_by = 10;
    constexpr int lowest = 19;
    // On Linux this applies to the calling thread only (setpriority(2)).
    (void)!::setpriority(PRIO_PROCESS, 0, std::min(::getpriority(PRIO_PROCESS, 0) + lower_by, lowest));
}

} // namespace

password_worker::~password_worker() {
    {
        const std::scoped_lock lock(mutex_);
        is_stopping_ = true;
    }
    changed_.notify_one();
    if (thread_.joinable())
        thread_.join();
}

bool password_worker::ask(std::string hash, std::string password, std::function<void(bool right)> answer) {
    if (!has_thread())
        return false;
    {
        const std::scoped_lock lock(mutex_);
        questions_.push_back({std::move(hash), std::move(password), std::move(answer)});
    }
    changed_.notify_one();
    return true;
}

bool password_worker::has_thread() {
    if (thread_.joinable())
        return true;
    try {
        thread_ = start_([this] { work(); });
        return true;
    } catch (const std::system_error&) {
        return false;
    }
}

bool password_worker::is_busy() const {
    const std::scoped_lock lock(mutex_);
    return is_busy_;
}

void password_worker::work() {
    give_way_to_the_loop();
    std::unique_lock lock(mutex_);
    for (;;) {
        is_busy_ = false;
        changed_.wait(lock, [this] { return is_stopping_ || !questions_.empty(); });
        if (is_stopping_)
            return;
        question next = std::move(questions_.front());
        questions_.pop_front();
        is_busy_ = true;
        lock.unlock();
        const bool right = auth::matches_bcrypt(next.hash, next.password);
        OPENSSL_cleanse(next.password.data(), next.password.size());
        next.answer(right);
        lock.lock();
    }
}

} // namespace replmond::service
