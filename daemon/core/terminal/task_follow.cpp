// Decides when `--follow` ends, and makes the line that shows the progress.

#include "daemon/core/terminal/task_follow.hpp"

#include "daemon/core/terminal/task_table.hpp"
#include "daemon/core/terminal/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace replmond::terminal {

namespace {

constexpr int abnormal_readings = 3;   // in a row (the contract, Programs)
constexpr double all = 100;            // percent
constexpr std::size_t widest_bar = 30; // columns
constexpr std::size_t narrowest_bar = 8;

const char* words_of(task_goal goal) {
    switch (goal) {
    case task_goal::incremental:
        return "incremental";
    case task_goal::paused:
        return "paused";
    case task_goal::gone:
        break;
    }
    return "gone";
}

std::string bar_of(double percentage, std::size_t columns) {
    const double share = std::clamp(percentage / all, 0.0, 1.0);
    const auto full = static_cast<std::size_t>(std::floor(share * static_cast<double>(columns)));
    return '[' + std::string(full, '#') + std::string(columns - full, '-') + ']';
}

} // namespace

int exit_code_of(follow_verdict verdict) {
    switch (verdict) {
    case follow_verdict::abnormal:
    case follow_verdict::gone:
    case follow_verdict::cancelled:
        return 2;
    case follow_verdict::timed_out:
        return 3;
    default:
        return 0;
    }
}

follow_verdict task_follow::take(const follow_reading& seen, milliseconds at) {
    if (!seen.task) {
        if (!seen.proven_absent)
            return follow_verdict::go_on;
        const bool was_seen = was_alive_ || last_.has_value();
        absent_ = true;
        last_.reset();
        if (goal_ == task_goal::gone)
            return follow_verdict::reached;
        const bool lost = goal_ == task_goal::incremental && was_seen;
        return lost ? follow_verdict::gone : follow_verdict::go_on;
    }
    absent_ = false;
    measure(*seen.task, at);
    last_ = seen.task;
    if (goal_ == task_goal::incremental)
        return judge_incremental(*seen.task);
    const bool paused = goal_ == task_goal::paused && seen.task->stage == stage::paused;
    return paused ? follow_verdict::reached : follow_verdict::go_on;
}

// A task that is incremental but abnormal has not reached the goal: the next readings decide. `cancelled`
// before any other stage was seen is the state before the change took effect.
follow_verdict task_follow::judge_incremental(const task_reading& task) {
    if (task.stage == stage::cancelled)
        return was_alive_ ? follow_verdict::cancelled : follow_verdict::go_on;
    was_alive_ = true;
    if (task.status == status::no)
        return ++abnormal_ >= abnormal_readings ? follow_verdict::abnormal : follow_verdict::go_on;
    abnormal_ = 0;
    return task.stage == stage::incremental ? follow_verdict::reached : follow_verdict::go_on;
}

// Keeps the first and the latest point of the full copy. Another stage, a gap or a lower percentage ends the
// measurement.
void task_follow::measure(const task_reading& task, milliseconds at) {
    if (task.stage != stage::full || !last_ || !task.percentage ||
        (latest_ && *task.percentage < latest_->percentage)) {
        first_.reset();
        latest_.reset();
    }
    if (task.stage != stage::full || !task.percentage)
        return;
    if (!first_)
        first_ = point{at, *task.percentage};
    if (!latest_ || latest_->percentage != *task.percentage)
        latest_ = point{at, *task.percentage};
}

std::optional<milliseconds> task_follow::left(milliseconds now) const {
    if (!first_ || !latest_ || latest_->percentage <= first_->percentage)
        return std::nullopt;
    const double pace =
        (latest_->percentage - first_->percentage) / static_cast<double>((latest_->at - first_->at).count());
    const auto end = latest_->at + milliseconds(std::llround((all - latest_->percentage) / pace));
    return std::max(end - now, milliseconds(0));
}

std::string follow_state(const task_follow& of) {
    if (!of.last())
        return of.absent() ? "not in the list" : "not seen yet";
    const task_reading& task = *of.last();
    std::string text = stage_words(task.stage, task.stage_raw);
    if (task.percentage)
        text += ' ' + percentage_words(task.percentage);
    if (task.status)
        text += ", " + status_words(task);
    return text;
}

std::string live_line(const std::string& name, const task_follow& of, milliseconds elapsed,
                      std::size_t columns) {
    std::string before = shown(name) + "  ";
    std::string after;
    if (!of.last()) {
        before += follow_state(of);
    } else {
        const task_reading& task = *of.last();
        before += stage_words(task.stage, task.stage_raw);
        if (task.percentage)
            after = fmt::format("{:>6}", percentage_words(task.percentage));
        if (task.status == status::no)
            after += "  ABNORMAL";
    }
    after += "  " + rough_duration(elapsed);
    if (const auto left = of.left(elapsed))
        after += ", about " + rough_duration(*left) + " left";

    const std::size_t used = width_of(before) + width_of(after) + 5;
    const bool measured = of.last() && of.last()->percentage;
    if (measured && used + narrowest_bar <= columns) {
        const std::size_t bar = std::min(widest_bar, columns - used);
        before += "  " + bar_of(*of.last()->percentage, bar) + ' ';
    }
    return cut_to_width(before + after, columns);
}

std::string verdict_words(const std::string& name, const task_follow& of, task_goal goal,
                          follow_verdict verdict, milliseconds elapsed) {
    const std::string task = shown(name);
    const std::string took = rough_duration(elapsed);
    switch (verdict) {
    case follow_verdict::abnormal:
        return fmt::format("{}: abnormal in {} readings in a row ({}); replmond task show says why", task,
                           abnormal_readings, follow_state(of));
    case follow_verdict::gone:
        return fmt::format("{}: gone from the list after {}", task, took);
    case follow_verdict::cancelled:
        return fmt::format("{}: cancelled after {}", task, took);
    case follow_verdict::timed_out:
        return fmt::format("{}: not {} after {} ({}); it goes on in the cloud", task, words_of(goal), took,
                           follow_state(of));
    default:
        return fmt::format("{}: {} after {}", task, words_of(goal), took);
    }
}

std::string rough_duration(milliseconds of) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(of).count();
    if (seconds < 60)
        return fmt::format("{}s", seconds);
    if (seconds < 3600)
        return fmt::format("{}m{:02}s", seconds / 60, seconds % 60);
    return fmt::format("{}h{:02}m", seconds / 3600, seconds / 60 % 60);
}

} // namespace replmond::terminal
