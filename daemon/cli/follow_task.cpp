// `--follow`: reads the list again and again until core/terminal/task_follow has a verdict.

#include "daemon/cli/follow_task.hpp"

#include "daemon/core/terminal/text.hpp"
#include "daemon/net/async.hpp"
#include "daemon/net/clocks.hpp"

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

namespace replmond::cli {

namespace asio = boost::asio;

namespace {

constexpr milliseconds before_first_reading = std::chrono::seconds(1);
constexpr milliseconds redraw_interval = std::chrono::seconds(1);

class follower {
public:
    follower(cloud_session& session, const target_instance& of, follow_terms terms, console& out)
        : session_(session), of_(of), terms_(std::move(terms)), out_(out), follow_(terms_.goal),
          began_(session.up()), live_(out.can_redraw() && !terms_.quiet) {}

    asio::awaitable<followed> run() {
        followed end;
        for (auto due = began_ + before_first_reading; end.verdict == terminal::follow_verdict::go_on;
             due = std::max(due + terms_.poll_interval, session_.up())) {
            const bool in_time = co_await wait_for(due);
            end.verdict = terminal::follow_verdict::timed_out;
            if (in_time)
                end.verdict = co_await look();
        }
        end.last = follow_.last();
        end.took = elapsed();
        out_.end_live();
        if (!terms_.quiet)
            out_.line(terminal::verdict_words(terms_.task_name, follow_, terms_.goal, end.verdict, end.took));
        co_return end;
    }

private:
    milliseconds elapsed() const { return session_.up() - began_; }

    // Returns false if the deadline comes before `due`.
    asio::awaitable<bool> wait_for(milliseconds due) {
        const auto until = std::min(due, terms_.deadline);
        while (session_.up() < until) {
            show_live();
            const auto left = until - session_.up();
            co_await session_.rest(live_ ? std::min(left, redraw_interval) : left);
        }
        co_return due < terms_.deadline;
    }

    asio::awaitable<terminal::follow_verdict> look() {
        auto reading = read();
        const auto left = std::max(terms_.deadline - session_.up(), milliseconds(0));
        auto outcome = co_await net::with_deadline(std::move(reading), left);
        if (!outcome)
            co_return terminal::follow_verdict::timed_out;
        if (!*outcome) {
            log_failed(outcome->error());
            co_return terminal::follow_verdict::go_on;
        }
        last_logged_failure_.clear();
        const terminal::follow_verdict verdict = follow_.take(**outcome, elapsed());
        show_change();
        co_return verdict;
    }

    // Reads the task from the list. A task that was seen before, or is to be deleted, is passed as known, so
    // that its absence has to be proven.
    asio::awaitable<result<terminal::follow_reading>> read() {
        std::set<std::string> known;
        if (seen_ || terms_.goal == terminal::task_goal::gone)
            known.insert(terms_.task_name);
        auto outcome = co_await session_.read(of_, std::move(known), memory_, terms_.poll_interval);
        if (!outcome.read)
            co_return outcome.read.error();
        terminal::follow_reading seen;
        const auto task = outcome.read->tasks.find(terms_.task_name);
        if (task != outcome.read->tasks.end()) {
            seen.task = task->second;
            seen_ = true;
            co_return seen;
        }
        const auto& gone = outcome.read->gone;
        seen.proven_absent = std::find(gone.begin(), gone.end(), terms_.task_name) != gone.end();
        if (!outcome.read->consistent)
            co_return contradiction();
        co_return seen;
    }

    static failure contradiction() {
        return make_failure(poll_result::inconsistent, "the pages of the list contradict each other");
    }

    void show_live() {
        if (live_)
            out_.redraw(terminal::live_line(terms_.task_name, follow_, elapsed(), console::columns()));
    }

    void show_change() {
        const std::string state = terminal::follow_state(follow_);
        if (live_ || terms_.quiet || state == last_state_)
            return;
        last_state_ = state;
        out_.line(terminal::shown(terms_.task_name) + ": " + state);
    }

    // Logs a failure only if its kind differs from the one before.
    void log_failed(const failure& why) {
        const std::string text = terminal::failure_text(why);
        const std::string kind(to_string(why.result));
        if (kind == last_logged_failure_)
            return;
        last_logged_failure_ = kind;
        event e = make_event("reading_failed", severity::warn, net::wall_clock(),
                             "the list could not be read; the next reading tries again", of_.identity.project,
                             of_.identity.name, terms_.task_name);
        out_.log(e.with("error", text));
    }

    cloud_session& session_;
    const target_instance& of_;
    follow_terms terms_;
    console& out_;
    terminal::task_follow follow_;
    tracking::reading_memory memory_;
    milliseconds began_;
    bool live_;
    bool seen_ = false;
    std::string last_state_;
    std::string last_logged_failure_; ///< kind of the failure that was logged last; empty after a success
};

} // namespace

const char* verdict_word(terminal::follow_verdict verdict) {
    switch (verdict) {
    case terminal::follow_verdict::abnormal:
        return "abnormal";
    case terminal::follow_verdict::gone:
        return "gone";
    case terminal::follow_verdict::cancelled:
        return "cancelled";
    case terminal::follow_verdict::timed_out:
        return "timed_out";
    default:
        return "reached";
    }
}

asio::awaitable<followed> follow(cloud_session& session, const target_instance& of, follow_terms terms,
                                 console& out) {
    follower work(session, of, std::move(terms), out);
    auto end = co_await work.run();
    co_return end;
}

} // namespace replmond::cli
