#pragma once

#include "tests/simulator/access_spec.hpp"
#include "tests/simulator/clock.hpp"
#include "tests/simulator/key_ring.hpp"
#include "tests/simulator/metadata_service.hpp"
#include "tests/simulator/rate_meter.hpp"
#include "tests/simulator/refusal.hpp"
#include "tests/simulator/token_store.hpp"
#include "tests/simulator/user_list.hpp"
#include "tests/support/exchange.hpp"

#include <optional>
#include <string_view>
#include <variant>

namespace replmond::simulator {

/// Everything that decides who may ask.
struct access_control {
    explicit access_control(const access_spec& spec)
        : projects(spec.projects), keys(spec.keys), tokens(spec), users(spec.users, spec.lock),
          rates(spec.rate) {
        if (spec.metadata)
            metadata.emplace(*spec.metadata);
    }

    bool has_project(std::string_view id) const;

    std::vector<project_spec> projects;
    key_ring keys;
    token_store tokens;
    user_list users;
    rate_meter rates;
    std::optional<metadata_service> metadata; // where the scenario has one
};

/// Who asks: by the signature where there is an Authorization header, else by the token. Counts the request,
/// and refuses with 429 the one that is too many.
std::variant<caller, refusal> admit(access_control& access, const testing::request& request,
                                    const instant& at);

} // namespace replmond::simulator
