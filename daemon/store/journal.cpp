// The worker thread of the state: its queue, the order of its work, and how it reports to the loop.

#include "daemon/store/journal.hpp"

#include <algorithm>
#include <pthread.h>
#include <utility>

namespace replmond::store {

using std::chrono::steady_clock;

namespace {

// How long a commit that is under way may still take.
constexpr auto patience_with_the_file = milliseconds(100);

} // namespace

journal::worker_state::worker_state(std::optional<database> file, const journal_settings& settings,
                                    journal_callbacks to)
    : callbacks(std::move(to)), stores(file.has_value()), waiting(settings.waiting) {
    writing.emplace(
        std::move(file), settings.writing, [this](const event& line) { print(line); },
        [this] { callbacks.post(callbacks.write_failed); }, [this] { callbacks.post(callbacks.begun_anew); });
}

journal::journal(std::optional<database> file, journal_settings settings, journal_callbacks callbacks)
    : stores_(file.has_value()) {
    if (file)
        last_id_ = file->last_event_id().value();
    worker_ = std::make_shared<worker_state>(std::move(file), settings, std::move(callbacks));
    thread_ = std::thread([shared = worker_] { shared->work(); });
}

journal::~journal() {
    if (!thread_.joinable())
        return;
    {
        const std::lock_guard lock(worker_->mutex);
        worker_->stopping = true;
    }
    worker_->changed.notify_all();
    thread_.join();
}

std::vector<kept_event> journal::record(batch what) {
    for (kept_event& event : what.events)
        event.what.id = ++last_id_;
    std::vector<kept_event> numbered(what.events.begin(), what.events.end());
    if (what.empty())
        return numbered;
    {
        const std::lock_guard lock(worker_->mutex);
        worker_->waiting.add(std::move(what));
    }
    worker_->changed.notify_all();
    return numbered;
}

void journal::store_again(std::deque<kept_event> events) {
    {
        const std::lock_guard lock(worker_->mutex);
        batch what;
        what.again = std::move(events);
        worker_->waiting.add(std::move(what));
    }
    worker_->changed.notify_all();
}

void journal::log(event line) {
    {
        const std::lock_guard lock(worker_->mutex);
        worker_->waiting.add_plain(std::move(line));
    }
    worker_->changed.notify_all();
}

void journal::find(event_query query, found answer) {
    {
        const std::lock_guard lock(worker_->mutex);
        worker_->questions.push_back({std::move(query), std::move(answer)});
    }
    worker_->changed.notify_all();
}

void journal::set_retention(milliseconds retention) {
    const std::lock_guard lock(worker_->mutex);
    worker_->retention = retention; // the worker takes it over with its next work or pruning step
}

journal_depth journal::depth() const {
    const std::lock_guard lock(worker_->mutex);
    journal_depth depth = worker_->lost;
    depth.lines += worker_->waiting.lines().size();
    depth.dropped_lines += worker_->waiting.dropped_plain();
    depth.dropped_events += worker_->waiting.dropped_kept();
    return depth;
}

bool journal::stop(milliseconds budget) {
    if (!thread_.joinable())
        return true;
    bool done = false;
    {
        std::unique_lock lock(worker_->mutex);
        worker_->stopping = true;
        worker_->changed.notify_all();
        done = worker_->changed.wait_for(lock, budget, [this] { return worker_->done; });
    }
    if (done) {
        thread_.join();
        left_ = worker_->left;
    } else {
        thread_.detach();
        left_ = worker_->store_for_blocked_worker();
    }
    return done;
}

// The file is unlocked while stdout may block, so that store_for_blocked_worker() can use it.
void journal::worker_state::print(const event& line) {
    {
        const std::lock_guard lock(mutex);
        being_stored = writing->left();
    }
    file_mutex.unlock();
    callbacks.print(line);
    file_mutex.lock();
    const std::lock_guard lock(mutex);
    lost.lines -= std::min<std::size_t>(lost.lines, 1);
}

// Called when the worker did not stop in time. It is blocked in stdout or in the disk; only in the first case
// is the file unlocked, and what waits is then stored from here.
journal_leftover journal::worker_state::store_for_blocked_worker() {
    batch rest;
    journal_leftover found;
    {
        const std::lock_guard lock(mutex);
        outbox waited = waiting.take();
        found.not_printed = lost.lines + waited.lines().size();
        rest = std::move(waited.unsaved());
        found.not_stored = being_stored;
        found.not_stored.events += rest.events.size();
        found.not_stored.states += rest.tasks.size() + rest.instances.size();
    }
    // Not try_lock_for(): it calls pthread_mutex_clocklock, which ThreadSanitizer of g++ 12 does not know.
    std::unique_lock lock(file_mutex, std::try_to_lock);
    const auto until = std::chrono::steady_clock::now() + patience_with_the_file;
    while (!lock.owns_lock() && std::chrono::steady_clock::now() < until) {
        std::this_thread::sleep_for(milliseconds(2));
        lock.try_lock();
    }
    if (lock.owns_lock() && writing) {
        writing->finish_without_printing(std::move(rest), now());
        found.not_stored = writing->left();
    }
    if (!stores)
        found.not_stored = {};
    return found;
}

// Waits until there is work, `until`, or stop(). Returns false when the worker must end: stopping, and
// nothing left.
bool journal::worker_state::wait_for_work(std::unique_lock<std::mutex>& lock,
                                          steady_clock::time_point until) {
    const auto something = [this] { return stopping || !waiting.empty() || !questions.empty(); };
    if (until == steady_clock::time_point::max())
        changed.wait(lock, something);
    else
        changed.wait_until(lock, until, something);
    return !stopping || !waiting.empty() || !questions.empty();
}

void journal::worker_state::work() {
    pthread_setname_np(pthread_self(), "journal"); // the thread's name in top -H
    std::unique_lock using_file(file_mutex);
    writing->replay(now());
    auto due = writing->tick(now());
    for (;;) {
        using_file.unlock();
        std::unique_lock lock(mutex);
        if (!wait_for_work(lock, due))
            break;
        outbox work = waiting.take();
        auto asked = std::exchange(questions, {});
        lost.lines = work.lines().size();
        lost.dropped_lines += work.dropped_plain();
        lost.dropped_events += work.dropped_kept();
        const batch& taken = work.unsaved();
        being_stored.events += taken.events.size();
        being_stored.states += taken.tasks.size() + taken.instances.size();
        const auto new_retention = std::exchange(retention, std::nullopt);
        lock.unlock();

        using_file.lock();
        if (new_retention)
            writing->set_retention(*new_retention);
        if (!work.empty())
            writing->take(std::move(work), now());
        answer(std::move(asked));
        due = writing->tick(now());

        lock.lock();
        lost.lines = 0;
        being_stored = writing->left();
        lost.unsaved_events = being_stored.events;
    }
    end();
}

void journal::worker_state::end() {
    journal_leftover remaining;
    {
        const std::lock_guard lock(file_mutex);
        writing->finish(now());
        remaining.not_stored = writing->left();
        writing.reset(); // closes the file
    }
    const std::lock_guard lock(mutex);
    left = remaining;
    done = true;
    changed.notify_all();
}

void journal::worker_state::answer(std::vector<question> asked) {
    for (question& one : asked) {
        auto events = writing->find(one.query);
        callbacks.post([answer = std::move(one.answer), events = std::move(events)] { answer(events); });
    }
}

} // namespace replmond::store
