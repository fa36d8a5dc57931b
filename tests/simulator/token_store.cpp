#include "tests/simulator/token_store.hpp"

#include "tests/simulator/digest.hpp"

#include <boost/json/object.hpp>
#include <fmt/format.h>

namespace json = boost::json;

namespace replmond::simulator {
namespace {

// As long as real ones are, and different from the first bytes to the last.
std::string make_token(std::uint64_t ordinal) {
    constexpr std::size_t length = 5000;
    std::string token = "MIIO";
    for (std::uint64_t block = 0; token.size() < length; ++block)
        token += hex(sha256(fmt::format("token {} block {}", ordinal, block)));
    token.resize(length);
    return token;
}

} // namespace

token_store::token_store(const access_spec& spec) : lifetime_(spec.token_lifetime) {
    for (const auto& token : spec.tokens)
        add(token);
}

token_store::issued token_store::issue(const caller& who, const instant& at) {
    issued result{make_token(++count_), at.shown, at.shown + lifetime_};
    entries_[result.token] = entry{who, at.now + lifetime_, result.expires_at, std::nullopt};
    return result;
}

std::variant<caller, refusal> token_store::check(std::string_view token, const instant& at) const {
    const auto found = entries_.find(token);
    if (found == entries_.end())
        return bad_credentials("decrypt token fail", "unknown token");
    const auto& known = found->second;
    if (known.revoked == ending::must_be_updated)
        return refusal{401, "APIGW.0307", "The token must be updated", "the token is revoked"};
    if (known.revoked)
        return bad_credentials("decrypt token fail", "the token is revoked");
    if (known.expires && at.now >= *known.expires)
        return bad_credentials(fmt::format("token expires, expires_at:{}", iso_time(known.expires_at)),
                               "the token has expired");
    return known.who;
}

void token_store::add(std::string_view token) {
    const std::string name = fmt::format("token {}", hex(sha256(token)).substr(0, 8));
    entries_.insert_or_assign(std::string(token), entry{{name, {}, false}, {}, {}, {}});
}

bool token_store::revoke(std::string_view token, ending how) {
    const auto found = entries_.find(token);
    if (found == entries_.end())
        return false;
    found->second.revoked = how;
    return true;
}

void token_store::revoke_issued(ending how) {
    for (auto& [token, known] : entries_) {
        if (known.expires)
            known.revoked = how;
    }
}

void token_store::revoke_all(ending how) {
    for (auto& [token, known] : entries_)
        known.revoked = how;
}

json::array token_store::to_json(virtual_time now) const {
    json::array list;
    for (const auto& [token, known] : entries_) {
        json::object shown{{"ends_with", token.substr(token.size() < 16 ? 0 : token.size() - 16)},
                           {"caller", known.who.name},
                           {"revoked", known.revoked.has_value()},
                           {"expired", known.expires && now >= *known.expires}};
        if (known.who.project)
            shown["project"] = *known.who.project;
        if (known.expires)
            shown["expires_at"] = iso_time(known.expires_at);
        list.push_back(std::move(shown));
    }
    return list;
}

} // namespace replmond::simulator
