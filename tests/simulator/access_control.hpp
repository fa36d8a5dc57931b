#pragma once

#include "tests/simulator/access_spec.hpp"
#include "tests/simulator/clock.hpp"
#include "tests/simulator/key_issuer.hpp"
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
#include <vector>

namespace replmond::simulator {

/// The service of a pod's identity, with the keys that it has issued.
struct pod_service {
    pod_identity_spec spec;
    key_issuer issuer;
};

/// Everything that decides who may ask.
struct access_control {
    explicit access_control(const access_spec& spec)
        : projects(spec.projects), keys(spec.keys), tokens(spec), users(spec.users, spec.lock),
          rates(spec.rate), providers(spec.identity_providers) {
        if (spec.metadata)
            metadata.emplace(*spec.metadata);
        if (spec.pod_identity)
            pod_identity.emplace(pod_service{*spec.pod_identity, {}});
    }

    bool has_project(std::string_view id) const;

    std::vector<project_spec> projects;
    key_ring keys;
    token_store tokens;
    user_list users;
    rate_meter rates;
    std::optional<metadata_service> metadata; // where the scenario has one
    std::optional<pod_service> pod_identity;  // the same
    std::vector<identity_provider_spec> providers;
    key_issuer provider_keys; // the temporary keys that IAM has issued
};

/// Who asks: by the signature where there is an Authorization header, else by the token. Counts the request,
/// and refuses with 429 the one that is too many.
std::variant<caller, refusal> admit(access_control& access, const testing::request& request,
                                    const instant& at);

} // namespace replmond::simulator
