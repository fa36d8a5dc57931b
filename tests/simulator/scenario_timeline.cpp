// The `timeline` lists of a scenario.
#include "tests/simulator/scenario.hpp"

#include <fmt/format.h>

namespace replmond::simulator {
namespace {

double percent(const mapping& owner, const std::string& key, const YAML::Node& value) {
    const auto number = value.IsScalar() ? parse_number(value.Scalar(), 0, 100) : std::nullopt;
    if (!number)
        owner.refuse(key, "must be a number from 0 to 100, or two of them as [from, to]");
    return *number;
}

growth read_growth(const mapping& owner, const std::string& key) {
    const YAML::Node& value = owner.at(key);
    if (value.IsSequence() && value.size() == 2)
        return {percent(owner, key, value[0]), percent(owner, key, value[1])};
    const double constant = percent(owner, key, value);
    return {constant, constant};
}

// What a stage shows where the step does not say: a copy grows, a follower is done, whatever else stands
// still.
growth usual_growth(const std::string& stage, double before) {
    if (stage == "full")
        return {0, 100};
    if (stage == "incremental")
        return {100, 100};
    if (stage == "wait")
        return {0, 0};
    return {before, before};
}

step read_step(const mapping& given, const step* before) {
    step s;
    const double last = before ? before->percentage.to : 0;
    if (given.has("stage")) {
        s.stage = given.text("stage");
        s.percentage = usual_growth(s.stage, last);
    } else if (before) {
        // An overlay, such as a fault: the stage and its progress stay where they were.
        s.stage = before->stage;
        s.percentage = {last, last};
    } else {
        given.refuse("the first step needs 'stage'");
    }
    if (given.has("percentage"))
        s.percentage = read_growth(given, "percentage");
    if (given.has("for")) {
        s.duration = given.duration("for");
        if (*s.duration == virtual_time{0})
            given.refuse("for", "must be longer than nothing");
    }
    s.status = given.text_or("status", "Yes");
    s.need_repair = given.boolean_or("need_repair", false);
    if (given.has("catchup_stage")) {
        s.catchup_stage = given.text("catchup_stage");
        s.catchup_percentage = usual_growth(*s.catchup_stage, 0);
    }
    if (given.has("error_msg"))
        s.error_msg = given.text("error_msg");
    if (given.has("error_msg_zh"))
        s.error_msg_zh = given.text("error_msg_zh");
    if (given.has("last_error_of_alter_table"))
        s.alter_error = given.text("last_error_of_alter_table");
    if (given.has("catchup_percentage"))
        s.catchup_percentage = read_growth(given, "catchup_percentage");
    s.lag = read_step_lag(given);
    return s;
}

} // namespace

std::shared_ptr<const timeline> read_timeline(const mapping& owner) {
    if (!owner.has("timeline")) {
        if (owner.has("repeat"))
            owner.refuse("repeat", "needs a 'timeline' to repeat");
        return incremental_for_ever();
    }

    auto course = std::make_shared<timeline>();
    course->repeat = owner.boolean_or("repeat", false);
    const YAML::Node& list = owner.list("timeline");
    if (list.size() == 0)
        owner.refuse("timeline", "must have a step");
    for (std::size_t i = 0; i < list.size(); ++i) {
        const mapping given(owner.file(), list[i], "a step",
                            {"stage", "for", "percentage", "status", "need_repair", "catchup_stage",
                             "catchup_percentage", "error_msg", "error_msg_zh", "last_error_of_alter_table",
                             "lag"});
        const bool last = i + 1 == list.size();
        if (!given.has("for") && (!last || course->repeat))
            given.refuse("only the last step, of a timeline that does not repeat, can go without 'for'");
        course->steps.push_back(read_step(given, i == 0 ? nullptr : &course->steps.back()));
    }
    return course;
}

} // namespace replmond::simulator
