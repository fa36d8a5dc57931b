// What the worker does with each batch: commit, print, acknowledge, and retry after failed writes.

#include "daemon/store/writer.hpp"

#include "daemon/core/model/event.hpp"

#include <algorithm>
#include <utility>

namespace replmond::store {

namespace {

using std::chrono::steady_clock;

constexpr auto prune_interval = std::chrono::minutes(1);
constexpr auto patience_at_the_end = milliseconds(300); // for another process that writes
constexpr auto between_prune_steps = milliseconds(50);  // so that commits do not wait

} // namespace

writer::writer(std::optional<database> file, writer_settings settings,
               std::function<void(const event&)> print, std::function<void()> write_failed,
               std::function<void()> begun_anew)
    : file_(std::move(file)), settings_(settings), print_(std::move(print)),
      write_failed_(std::move(write_failed)), begun_anew_(std::move(begun_anew)) {}

// Every use of the file goes through here: if `operation` finds the file damaged, a new file is begun and
// `operation` runs again on it.
template<class Operation>
auto writer::on_file(moment now, Operation operation) {
    const auto placed = file_->check_place();
    auto done = placed ? operation() : decltype(operation())(placed.error());
    if (done)
        return done;
    const auto begun = begin_anew(done.error(), now);
    if (!begun)
        done = begun.error();
    else if (*begun)
        done = operation();
    return done;
}

// True: a new file was begun. At most one in `begun_anew_again`: a disk that damages every file must not be
// filled with files set aside.
outcome<bool> writer::begin_anew(const store_error& why, moment now) {
    const bool again_so_soon =
        begun_anew_at_ && now.up - *begun_anew_at_ < settings_.begun_anew_again && file_->is_open();
    const bool is_lost = why.kind == trouble::corrupt || why.kind == trouble::gone;
    if ((!is_lost && file_->is_open()) || again_so_soon)
        return false;
    std::uint64_t last_id = std::max(printed_up_to_, acknowledged_);
    if (!unsaved_.events.empty())
        last_id = std::max(last_id, unsaved_.events.back().what.id.value_or(0));
    write_failed_();
    const auto begun = file_->begin_anew(why, last_id, now.wall);
    if (!begun)
        return begun.error();
    begun_anew_at_ = now.up;
    acknowledged_ = 0; // the new file has no record of printed lines
    prune_clock_.reset();
    print(*file_->set_aside());
    begun_anew_();
    return true;
}

void writer::print(const event& line) {
    if (prints_)
        print_(line);
}

void writer::replay(moment now) {
    if (!file_)
        return;
    auto missing = on_file(now, [this] { return file_->unacknowledged(); });
    if (!missing) {
        failed(missing.error(), now);
        return;
    }
    if (missing->empty()) { // all events were printed; remembered in case a new file is begun
        if (const auto last = file_->last_event_id())
            printed_up_to_ = acknowledged_ = *last;
        return;
    }
    for (kept_event& event : *missing) {
        print(event.what.with("replayed", true));
        if (!prints_)
            return;
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
        print(line.what);
        if (!prints_)
            return; // the journal has stopped meanwhile, and has counted this line as not printed
        if (line.kept)
            printed_up_to_ = *line.what.id;
    }
    if (what.dropped_plain() + what.dropped_kept() > 0) {
        event dropped = make_event("lines_dropped", severity::error, now.wall,
                                   "replmond dropped lines, because nothing reads its stdout");
        print(dropped.with("lines", static_cast<std::int64_t>(what.dropped_plain()))
                  .with("events", static_cast<std::int64_t>(what.dropped_kept())));
    }
    acknowledge(now);
}

void writer::save(moment now) {
    if (unsaved_.empty())
        return;
    const auto done = on_file(now, [this] { return file_->commit(unsaved_, printed_up_to_); });
    if (!done) {
        failed(done.error(), now);
        give_up_oldest();
        return;
    }
    acknowledged_ = printed_up_to_;
    unsaved_ = {};
    recovered(now);
}

// While writing fails nothing is done here: the next commit acknowledges too.
void writer::acknowledge(moment now) {
    if (!file_ || is_failing() || printed_up_to_ == acknowledged_)
        return;
    const auto done = on_file(now, [this] { return file_->acknowledge(printed_up_to_); });
    if (done)
        acknowledged_ = printed_up_to_;
    else
        failed(done.error(), now);
}

// The number of states is bounded by the number of tasks, except for removals. Removals may be dropped: the
// row stays in the file, and the next start finds that its task is gone.
void writer::give_up_oldest() {
    std::size_t bytes = 0;
    std::size_t fit = 0;
    for (auto e = unsaved_.events.rbegin(); e != unsaved_.events.rend(); ++e, ++fit) {
        bytes += bytes_of(e->what);
        if (bytes > settings_.most_unsaved_bytes || fit == settings_.most_unsaved)
            break;
    }
    const std::size_t given_up = unsaved_.events.size() - fit;
    unsaved_.events.erase(unsaved_.events.begin(),
                          unsaved_.events.begin() + static_cast<std::ptrdiff_t>(given_up));
    not_stored_ += given_up;
    if (unsaved_.tasks.size() > settings_.most_unsaved_removals)
        std::erase_if(unsaved_.tasks, [](const auto& task) { return !task.second; });
}

void writer::failed(const store_error& why, moment now) {
    if (failures_++ == 0)
        failing_since_ = now;
    const auto doublings = std::min<std::int64_t>(failures_ - 1, 20);
    retry_at_ = now.up + std::min(settings_.first_retry * (1 << doublings), settings_.last_retry);
    if (!said_ || now.up - *said_ >= settings_.said_again) {
        said_ = now.up;
        event e = make_event("state_write_failed", severity::error, now.wall,
                             "replmond cannot write its state; it keeps the state in memory and tries again");
        print(e.with("error", why.text).with("failures", failures_));
    }
    write_failed_();
}

void writer::recovered(moment now) {
    if (!is_failing())
        return;
    event e =
        make_event("state_write_recovered", severity::info, now.wall, "replmond writes its state again");
    e.with("after", decimal{to_seconds(std::chrono::round<milliseconds>(now.up - failing_since_.up))})
        .with("failures", failures_);
    if (not_stored_ > 0)
        e.with("events_not_stored", static_cast<std::int64_t>(not_stored_));
    print(e);
    failures_ = 0;
    // said_ is kept: a disk that fails again and again is logged once an hour too.
}

steady_clock::time_point writer::tick(moment now) {
    if (!file_)
        return steady_clock::time_point::max();
    if (is_failing()) {
        if (now.up < retry_at_)
            return retry_at_;
        // An acknowledgement or pruning had failed: any write shows whether writing works.
        if (unsaved_.empty()) {
            const auto done = on_file(now, [this] { return file_->acknowledge(printed_up_to_); });
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
    prune(now);
    prune_at_ = now.up + (more_to_prune_ ? steady_clock::duration(between_prune_steps) : prune_interval);
    return prune_at_;
}

void writer::prune(moment now) {
    more_to_prune_ = false;
    const auto step = [this, now]() -> outcome<bool> {
        if (!prune_clock_) {
            const auto reached = file_->pruned_at();
            if (!reached)
                return reached.error();
            prune_clock_.emplace(*reached);
            prune_noted_ = *reached;
        }
        const timestamp at = prune_clock_->at(now);
        const auto more = file_->prune(at, settings_.retention);
        if (!more)
            return more.error();
        if (prune_noted_ && at >= *prune_noted_ && at - *prune_noted_ < prune_interval / 2)
            return *more;
        const auto noted = file_->note_pruned_at(at);
        if (!noted)
            return noted.error();
        prune_noted_ = at;
        return *more;
    };
    const auto more = on_file(now, step);
    if (more)
        more_to_prune_ = *more;
    else
        failed(more.error(), now);
}

void writer::finish(moment now) {
    if (!file_)
        return;
    file_->wait_for_others(patience_at_the_end);
    save(now);
    acknowledge(now);
}

void writer::finish_without_printing(batch rest, moment now) {
    prints_ = false;
    if (!file_)
        return;
    unsaved_.merge(std::move(rest));
    finish(now);
}

unsaved writer::left() const {
    return {unsaved_.events.size(), unsaved_.tasks.size() + unsaved_.instances.size()};
}

outcome<std::vector<kept_event>> writer::find(const event_query& query) {
    if (!file_)
        return std::vector<kept_event>();
    return file_->events(query);
}

} // namespace replmond::store
