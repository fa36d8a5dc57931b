// The steps of doctor and how they end.

#include "daemon/core/doctor/steps.hpp"

#include "daemon/core/doctor/known_names.hpp"
#include "daemon/core/terminal/text.hpp"

#include <algorithm>
#include <array>

namespace replmond::doctor {

namespace {

struct step_words {
    std::string_view word;
    std::string_view title;
};

// In the order of `step`.
constexpr auto words_of_steps = std::to_array<step_words>({
    {"names", "names resolved"},
    {"connection", "connected"},
    {"tls", "TLS"},
    {"clock", "clock difference"},
    {"credential", "credential"},
    {"project_id", "project id"},
    {"instances", "TaurusDB list"},
    {"htap", "HTAP list"},
    {"list", "task list"},
    {"configuration", "configuration"},
    {"rate_limit", "rate limit"},
    {"lag_login", "lag login"},
    {"lag_table", "lag table"},
});

} // namespace

std::string_view to_string(verdict value) {
    switch (value) {
    case verdict::ok:
        return "ok";
    case verdict::warn:
        return "warn";
    case verdict::fail:
        return "fail";
    case verdict::skip:
        break;
    }
    return "skip";
}

std::string_view to_string(step value) {
    return words_of_steps.at(static_cast<std::size_t>(value)).word;
}

std::string_view title_of(step value) {
    return words_of_steps.at(static_cast<std::size_t>(value)).title;
}

public_code::public_code(std::string_view code) {
    const std::string shown = public_error_code(code);
    size_ = std::min(shown.size(), text_.size());
    std::copy_n(shown.begin(), size_, text_.begin());
}

step_result failed_step(step what, const failure& why) {
    step_result ended{.what = what, .ended = verdict::fail, .seen = terminal::failure_text(why)};
    ended.facts.push_back({"result", public_word::of(why.result)});
    if (why.http_status != 0)
        ended.facts.push_back({"http_status", std::int64_t{why.http_status}});
    if (!why.error_code.empty())
        ended.facts.push_back({"error_code", public_code(why.error_code)});
    return ended;
}

step_result skipped_step(step what, std::string why) {
    return {.what = what, .ended = verdict::skip, .seen = std::move(why)};
}

verdict worst_of(const std::vector<step_result>& steps) {
    const auto has = [&](verdict wanted) {
        return std::any_of(steps.begin(), steps.end(),
                           [wanted](const step_result& each) { return each.ended == wanted; });
    };
    return has(verdict::fail) ? verdict::fail : has(verdict::warn) ? verdict::warn : verdict::ok;
}

} // namespace replmond::doctor
