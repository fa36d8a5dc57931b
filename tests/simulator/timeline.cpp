#include "tests/simulator/timeline.hpp"

#include <algorithm>
#include <cmath>

namespace replmond::simulator {
namespace {

virtual_time length(const timeline& course) {
    virtual_time sum{0};
    for (const auto& s : course.steps)
        sum += s.duration.value_or(virtual_time{0});
    return sum;
}

// Rounded down, so that 100 is seen only once it is reached.
double one_decimal(double value) {
    return std::floor(value * 10 + 1e-6) / 10;
}

double grown(const growth& range, double share) {
    return one_decimal(range.from + (range.to - range.from) * share);
}

std::optional<moment> during(const step& s, double share) {
    if (s.stage == "gone")
        return std::nullopt;
    moment now;
    now.stage = s.stage;
    now.status = s.status;
    now.percentage = grown(s.percentage, share);
    now.need_repair = s.need_repair;
    now.catchup_stage = s.catchup_stage;
    now.error_msg = s.error_msg;
    now.error_msg_zh = s.error_msg_zh;
    now.alter_error = s.alter_error;
    now.catchup_percentage = s.catchup_stage ? grown(s.catchup_percentage, share) : 0;
    if (s.lag)
        now.lag = s.lag->from + std::chrono::milliseconds(std::llround(
                                    static_cast<double>((s.lag->to - s.lag->from).count()) * share));
    return now;
}

// The same within one round, which begins at 0.
std::optional<virtual_time> last_in_round(const timeline& course, virtual_time elapsed,
                                          std::string_view stage) {
    std::optional<virtual_time> last;
    virtual_time begin{0};
    for (const auto& s : course.steps) {
        if (begin > elapsed)
            break;
        const bool stays = &s == &course.steps.back() && !course.repeat;
        const virtual_time end = s.duration && !stays ? std::min(elapsed, begin + *s.duration) : elapsed;
        if (s.stage == stage)
            last = end;
        begin += s.duration.value_or(virtual_time{0});
    }
    return last;
}

} // namespace

std::optional<moment> at(const timeline& course, virtual_time elapsed) {
    if (elapsed < virtual_time{0})
        return std::nullopt;
    const virtual_time round = length(course);
    if (course.repeat && round > virtual_time{0})
        elapsed %= round;

    for (const auto& s : course.steps) {
        if (!s.duration)
            return during(s, 0);
        if (elapsed < *s.duration)
            return during(s, static_cast<double>(elapsed.count()) / static_cast<double>(s.duration->count()));
        elapsed -= *s.duration;
    }
    return during(course.steps.back(), 1);
}

std::optional<virtual_time> last_in_stage(const timeline& course, virtual_time elapsed,
                                          std::string_view stage) {
    if (elapsed < virtual_time{0})
        return std::nullopt;
    const virtual_time round = length(course);
    if (!course.repeat || round == virtual_time{0})
        return last_in_round(course, elapsed, stage);

    const virtual_time begun = elapsed / round * round;
    if (const auto last = last_in_round(course, elapsed - begun, stage))
        return begun + *last;
    const auto before = begun > virtual_time{0} ? last_in_round(course, round, stage) : std::nullopt;
    return before ? std::optional(begun - round + *before) : std::nullopt;
}

std::shared_ptr<const timeline> incremental_for_ever() {
    auto course = std::make_shared<timeline>();
    step s;
    s.stage = "incremental";
    s.percentage = {100, 100};
    course->steps.push_back(s);
    return course;
}

virtual_time work_begins(const timeline& course) {
    virtual_time begin{0};
    for (const auto& s : course.steps) {
        if (s.stage != "wait" && s.stage != "gone")
            return begin;
        begin += s.duration.value_or(virtual_time{0});
    }
    return virtual_time{0};
}

} // namespace replmond::simulator
