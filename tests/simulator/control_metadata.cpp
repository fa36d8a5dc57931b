// Control over the metadata service.
#include "tests/simulator/control_handlers.hpp"
#include "tests/simulator/json_fields.hpp"

#include <boost/json/parse.hpp>

namespace json = boost::json;
using replmond::testing::request;
using replmond::testing::script;

namespace replmond::simulator {

// {"mode": "token" | "plain" | "both", "agency": false, "plain_status": 404 | 405 | 503,
// "key_lifetime_seconds": N, "rotate": true, "revoke": true, "forget_tokens": true}
script post_metadata(cloud& all, const request& asked, const instant& at) {
    const json::value parsed = json::parse(asked.body);
    json_fields fields(parsed.as_object());
    std::optional<std::string> mode;
    std::optional<bool> agency;
    std::optional<std::int64_t> plain_status;
    std::optional<std::int64_t> lifetime;
    bool rotate = false;
    bool revoke = false;
    bool forget_tokens = false;
    fields.read("mode", mode);
    fields.read("agency", agency);
    fields.read("plain_status", plain_status);
    fields.read("key_lifetime_seconds", lifetime, 1, 315'360'000);
    fields.read("rotate", rotate);
    fields.read("revoke", revoke);
    fields.read("forget_tokens", forget_tokens);
    if (const auto wrong = fields.mistake(); !wrong.empty())
        return mistake(wrong);
    const auto wanted_mode = metadata_mode_named(mode.value_or("both"));
    if (!wanted_mode)
        return mistake("'mode' must be token, plain or both");
    if (plain_status && !is_plain_status(*plain_status))
        return mistake("'plain_status' must be 404, 405 or 503");
    if (!all.access.metadata)
        return mistake("the scenario has no 'metadata'");

    auto& service = *all.access.metadata;
    auto settings = service.settings();
    if (mode)
        settings.mode = *wanted_mode;
    settings.agency = agency.value_or(settings.agency);
    if (plain_status)
        settings.plain_status = static_cast<int>(*plain_status);
    if (lifetime)
        settings.key_lifetime = std::chrono::seconds(*lifetime);
    service.change(std::move(settings));
    if (rotate)
        service.rotate();
    if (revoke)
        service.revoke(all.access.keys, at.now);
    if (forget_tokens)
        service.forget_tokens();
    return done();
}

} // namespace replmond::simulator
