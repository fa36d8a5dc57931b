#include "tests/simulator/access_control.hpp"

#include <algorithm>

using replmond::testing::request;

namespace replmond::simulator {
namespace {

std::variant<caller, refusal> identify(access_control& access, const request& asked, const instant& at) {
    if (const auto header = asked.header("Authorization")) {
        if (auto wrong = access.keys.check(asked, std::string(*header), at))
            return *wrong;
        return caller{parse_authorization(*header)->access, {}, false};
    }
    if (const auto token = asked.header("X-Auth-Token"))
        return access.tokens.check(*token, at);
    return bad_credentials("x-auth-token not found", "no credentials");
}

} // namespace

bool access_control::has_project(std::string_view id) const {
    return std::any_of(projects.begin(), projects.end(),
                       [&](const project_spec& project) { return project.id == id; });
}

std::variant<caller, refusal> admit(access_control& access, const request& asked, const instant& at) {
    auto who = identify(access, asked, at);
    const auto* known = std::get_if<caller>(&who);
    if (known && !access.rates.admit(known->name, at.real))
        return refusal{429, "APIGW.0308", "The throttling threshold has been reached: " + access.rates.text(),
                       "too many requests in the window"};
    return who;
}

} // namespace replmond::simulator
