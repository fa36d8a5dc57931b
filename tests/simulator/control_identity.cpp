// Control over pod identity and identity providers.
#include "tests/simulator/control_handlers.hpp"
#include "tests/simulator/json_fields.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>

namespace json = boost::json;
using replmond::testing::request;
using replmond::testing::script;

namespace replmond::simulator {
namespace {

constexpr std::int64_t longest_key_life = 315'360'000;

} // namespace

// {"token": TOKEN, "key_lifetime_seconds": N, "revoke": true}
script post_pod_identity(cloud& all, const request& asked, const instant& at) {
    const json::value parsed = json::parse(asked.body);
    json_fields fields(parsed.as_object());
    std::optional<std::string> token;
    std::optional<std::int64_t> lifetime;
    bool revoke = false;
    fields.read("token", token);
    fields.read("key_lifetime_seconds", lifetime, 1, longest_key_life);
    fields.read("revoke", revoke);
    if (const auto wrong = fields.mistake(); !wrong.empty())
        return mistake(wrong);
    if (!all.access.pod_identity)
        return mistake("the scenario has no 'pod_identity'");
    auto& pod = *all.access.pod_identity;
    pod.spec.token = token.value_or(pod.spec.token);
    if (lifetime)
        pod.spec.key_lifetime = std::chrono::seconds(*lifetime);
    if (revoke)
        pod.issuer.revoke(all.access.keys, at.now);
    return done();
}

// {"id": ID, "id_token": TOKEN, "key_lifetime_seconds": N, "revoke": true}
script post_identity_providers(cloud& all, const request& asked, const instant& at) {
    const json::value parsed = json::parse(asked.body);
    json_fields fields(parsed.as_object());
    std::string id;
    std::optional<std::string> token;
    std::optional<std::int64_t> lifetime;
    bool revoke = false;
    fields.read("id", id);
    fields.read("id_token", token);
    fields.read("key_lifetime_seconds", lifetime, 1, longest_key_life);
    fields.read("revoke", revoke);
    if (const auto wrong = fields.mistake(); !wrong.empty())
        return mistake(wrong);
    auto& providers = all.access.providers;
    const auto provider =
        std::find_if(providers.begin(), providers.end(), [&](const auto& known) { return known.id == id; });
    if (provider == providers.end())
        return mistake("no identity provider has the id '" + id + "'");
    provider->id_token = token.value_or(provider->id_token);
    if (lifetime)
        provider->key_lifetime = std::chrono::seconds(*lifetime);
    if (revoke)
        all.access.provider_keys.revoke(all.access.keys, at.now);
    return done();
}

} // namespace replmond::simulator
