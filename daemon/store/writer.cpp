#include "daemon/store/writer.hpp"

#include <algorithm>
#include <utility>

namespace replmond::store {
namespace {

using std::chrono::steady_clock;

constexpr auto prune_interval = std::chrono::minutes(1);
constexpr auto between_prune_steps = milliseconds(50); // commits go first

event about_state(const char* name, severity level, const char* message, timestamp now) {
    event e;
    e.name = name;
    e.level = level;
    e.time = now;
    e.message = message;
    return e;
}

} // namespace

writer::writer(std::optional<database> file, writer_settings settings,
               std::function<void(const event&)> print, std::function<void()> write_failed)
    : file_(std::move(file)), settings_(settings), print_(std::move(print)),
      write_failed_(std::move(write_failed)) {}

void writer::replay(moment now) {
    if (!file_)
        return;
    auto missing = file_->unacknowledged();
    if (!missing) {
        failed(missing.error(), now);
        return;
    }
    for (kept_event& event : *missing) {
        print_(event.what.with("replayed", true));
        printed_up_to_ = *event.what.id;
    }
    acknowledge(now);
}

void writer::take(outbox what, moment now) {
    if (file_) {
        unsaved_.merge(std::move(what.unsaved()));
        if (!is_failing() || now.up >= retry_at_)
            save(now);
    }
    for (const outgoing& line : what.lines()) {
        print_(line.what);
        if (line.kept)
            printed_up_to_ = *line.what.id;
    }
    if (what.dropped_plain() + what.dropped_kept() > 0) {
        event dropped = about_state("lines_dropped", severity::error,
                                    "lines were dropped: nobody took them from stdout", now.wall);
        print_(dropped.with("lines", static_cast<std::int64_t>(what.dropped_plain()))
                   .with("events", static_cast<std::int64_t>(what.dropped_kept())));
    }
    acknowledge(now);
}

void writer::save(moment now) {
    if (unsaved_.empty())
        return;
    const auto done = file_->commit(unsaved_, printed_up_to_);
    if (!done) {
        failed(done.error(), now);
        give_up_oldest();
        return;
    }
    acknowledged_ = printed_up_to_;
    unsaved_ = {};
    recovered(now);
}

// While writing fails the next commit does it.
void writer::acknowledge(moment now) {
    if (!file_ || is_failing() || printed_up_to_ == acknowledged_)
        return;
    const auto done = file_->acknowledge(printed_up_to_);
    if (done)
        acknowledged_ = printed_up_to_;
    else
        failed(done.error(), now);
}

void writer::give_up_oldest() {
    while (unsaved_.events.size() > settings_.most_unsaved) {
        unsaved_.events.pop_front();
        ++not_stored_;
    }
}

void writer::failed(const store_error& why, moment now) {
    if (failures_++ == 0)
        failing_since_ = now;
    const auto doublings = std::min<std::int64_t>(failures_ - 1, 20);
    retry_at_ = now.up + std::min(settings_.first_retry * (1 << doublings), settings_.last_retry);
    if (!said_ || now.up - *said_ >= settings_.said_again) {
        said_ = now.up;
        event e = about_state("state_write_failed", severity::error,
                              "the state cannot be written: it is kept in memory and tried again", now.wall);
        print_(e.with("error", why.text).with("failures", failures_));
    }
    write_failed_();
}

void writer::recovered(moment now) {
    if (!is_failing())
        return;
    event e = about_state("state_write_recovered", severity::info, "the state is written again", now.wall);
    e.with("after", decimal{to_seconds(std::chrono::round<milliseconds>(now.up - failing_since_.up))})
        .with("failures", failures_);
    if (not_stored_ > 0)
        e.with("events_not_stored", static_cast<std::int64_t>(not_stored_));
    print_(e);
    failures_ = 0;
    // said_ stays: a disk that comes and goes is one line an hour too.
}

steady_clock::time_point writer::tick(moment now) {
    if (!file_)
        return steady_clock::time_point::max();
    if (is_failing()) {
        if (now.up < retry_at_)
            return retry_at_;
        if (unsaved_.empty()) { // it was an acknowledgement or pruning that failed: any write tells
            const auto done = file_->acknowledge(printed_up_to_);
            if (done)
                recovered(now);
            else
                failed(done.error(), now);
        } else {
            save(now);
        }
        return is_failing() ? retry_at_ : now.up;
    }
    if (now.up < prune_at_)
        return prune_at_;
    const auto more = file_->prune(now.wall, settings_.retention);
    if (!more)
        failed(more.error(), now);
    const auto pause = more && *more ? steady_clock::duration(between_prune_steps) : prune_interval;
    prune_at_ = now.up + pause;
    return prune_at_;
}

void writer::finish(moment now) {
    if (!file_)
        return;
    save(now);
    acknowledge(now);
}

outcome<std::vector<kept_event>> writer::find(const event_query& query) {
    if (!file_)
        return std::vector<kept_event>();
    return file_->events(query);
}

} // namespace replmond::store
