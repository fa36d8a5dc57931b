// Control over tokens, keys, users and the rate.
#include "tests/simulator/control_handlers.hpp"
#include "tests/simulator/json_fields.hpp"

#include <boost/json/parse.hpp>

namespace json = boost::json;
using replmond::testing::request;
using replmond::testing::script;

namespace replmond::simulator {

// {"revoke": "all" | "issued" | TOKEN, "as": "APIGW.0307" | "APIGW.0301", "add": TOKEN, "lifetime_seconds":
// N}
script post_tokens(cloud& all, const request& asked, const instant&) {
    const json::value parsed = json::parse(asked.body);
    json_fields fields(parsed.as_object());
    std::string revoke;
    std::string add;
    std::string code = "APIGW.0307";
    std::optional<std::int64_t> lifetime;
    fields.read("revoke", revoke);
    fields.read("as", code);
    fields.read("add", add);
    fields.read("lifetime_seconds", lifetime, 0, 315'360'000);
    if (const auto wrong = fields.mistake(); !wrong.empty())
        return mistake(wrong);
    if (code != "APIGW.0307" && code != "APIGW.0301")
        return mistake("'as' must be APIGW.0307 or APIGW.0301");

    auto& tokens = all.access.tokens;
    const auto how = code == "APIGW.0307" ? token_store::ending::must_be_updated
                                          : token_store::ending::cannot_be_decrypted;
    if (revoke == "all")
        tokens.revoke_all(how);
    else if (revoke == "issued")
        tokens.revoke_issued(how);
    else if (!revoke.empty() && !tokens.revoke(revoke, how))
        return mistake("'revoke' must be all, issued, or a token");
    if (!add.empty())
        tokens.add(add);
    if (lifetime)
        tokens.set_lifetime(std::chrono::seconds(*lifetime));
    return done();
}

// {"access": AK, "secret": SK, "security_token": TEXT or null, "unlock": true, "remove": true}
script post_keys(cloud& all, const request& asked, const instant&) {
    const json::value parsed = json::parse(asked.body);
    json_fields fields(parsed.as_object());
    key_spec key;
    fields.read("access", key.access);
    const auto* known = all.access.keys.find(key.access);
    if (known)
        key = *known;
    bool unlock = false;
    bool remove = false;
    fields.read("secret", key.secret);
    fields.read("security_token", key.security_token);
    fields.read("unlock", unlock);
    fields.read("remove", remove);
    if (const auto wrong = fields.mistake(); !wrong.empty())
        return mistake(wrong);
    if (key.access.empty() || key.secret.empty())
        return mistake("'access' and, for a new key, 'secret' are needed");

    if (remove)
        all.access.keys.remove(key.access);
    else
        all.access.keys.put(key);
    if (unlock)
        all.access.keys.unlock(key.access);
    return done();
}

// {"domain": D, "name": N, "password": P, "unlock": true}
script post_users(cloud& all, const request& asked, const instant&) {
    const json::value parsed = json::parse(asked.body);
    json_fields fields(parsed.as_object());
    std::string domain;
    std::string name;
    std::string password;
    bool unlock = false;
    fields.read("domain", domain);
    fields.read("name", name);
    fields.read("password", password);
    fields.read("unlock", unlock);
    if (const auto wrong = fields.mistake(); !wrong.empty())
        return mistake(wrong);
    auto& users = all.access.users;
    if (!users.find(domain, name))
        return mistake("no user '" + name + "' of the domain '" + domain + "'");
    if (!password.empty())
        users.set_password(domain, name, password);
    if (unlock)
        users.unlock(domain, name);
    return done();
}

// {"requests": N, "window_seconds": M}; requests null: no limit
script post_rate(cloud& all, const request& asked, const instant&) {
    const json::value parsed = json::parse(asked.body);
    json_fields fields(parsed.as_object());
    std::optional<std::int64_t> requests;
    std::optional<std::int64_t> window = 300;
    fields.read("requests", requests, 1, 1'000'000);
    fields.read("window_seconds", window, 1, 86'400);
    if (const auto wrong = fields.mistake(); !wrong.empty())
        return mistake(wrong);
    std::optional<rate_spec> limit;
    if (requests)
        limit = rate_spec{*requests, std::chrono::seconds(window.value_or(300))};
    all.access.rates.set_limit(limit);
    return done();
}

} // namespace replmond::simulator
