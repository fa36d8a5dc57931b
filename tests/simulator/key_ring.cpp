#include "tests/simulator/key_ring.hpp"

#include "tests/simulator/digest.hpp"

#include <boost/json/object.hpp>
#include <fmt/format.h>

#include <algorithm>

namespace json = boost::json;
using replmond::testing::request;

namespace replmond::simulator {
namespace {

constexpr std::int64_t failures_allowed = 5;
constexpr virtual_time lock_lasts = std::chrono::minutes(5);
constexpr auto clock_difference_allowed = std::chrono::minutes(15);

refusal wrong_signature(std::string_view note) {
    return bad_credentials("verify aksk signature fail", note);
}

bool is_signed(const authorization& given, std::string_view name) {
    const auto& names = given.signed_headers;
    return std::find(names.begin(), names.end(), name) != names.end();
}

// The date first: a signature that is too old is not computed.
std::optional<refusal> check_date(const request& asked, const authorization& given, wall_time clock) {
    const auto date = asked.header("X-Sdk-Date");
    if (!date || !is_signed(given, "x-sdk-date"))
        return wrong_signature("X-Sdk-Date is missing or not signed");
    const auto time = parse_basic_time(*date);
    if (!time)
        return wrong_signature("X-Sdk-Date is no date");
    if (std::chrono::abs(clock - *time) > clock_difference_allowed)
        return bad_credentials(
            fmt::format("calc aksk signature fail:signature expired, signature time:{},server time:{}", *date,
                        basic_time(clock)),
            "the clocks differ by more than 15 minutes");
    return std::nullopt;
}

std::optional<refusal> check_security_token(const request& asked, const key_spec& key) {
    const auto token = asked.header("X-Security-Token");
    if (key.security_token && token != *key.security_token)
        return bad_credentials("decrypt token fail", token ? "another X-Security-Token than the key's"
                                                           : "a temporary key without X-Security-Token");
    if (!key.security_token && token)
        return bad_credentials("decrypt token fail", "X-Security-Token with a permanent key");
    return std::nullopt;
}

// A body hash that is sent has to be true, unless it says that there is none.
bool body_matches(const request& asked) {
    const auto hash = asked.header("X-Sdk-Content-Sha256");
    return !hash || *hash == "UNSIGNED-PAYLOAD" || *hash == hex(sha256(asked.body));
}

std::optional<refusal> check_signature(const request& asked, const authorization& given,
                                       const key_spec& key) {
    const auto canonical = canonical_request(asked, given.signed_headers);
    if (!canonical)
        return wrong_signature("a signed header is not in the request");
    if (!body_matches(asked))
        return wrong_signature("X-Sdk-Content-Sha256 is not the body's");
    if (sign(key.secret, *asked.header("X-Sdk-Date"), *canonical) != given.signature)
        return wrong_signature("signature differs; canonical request: " + *canonical);
    return std::nullopt;
}

std::optional<refusal> check_all(const request& asked, const authorization& given, const key_spec& key,
                                 const instant& at) {
    if (auto wrong = check_date(asked, given, at.shown))
        return wrong;
    if (key.expires && at.now >= *key.expires)
        return bad_credentials("decrypt token fail", "the temporary key has expired");
    if (auto wrong = check_security_token(asked, key))
        return wrong;
    return check_signature(asked, given, key);
}

} // namespace

key_ring::key_ring(const std::vector<key_spec>& keys) {
    for (const auto& key : keys)
        put(key);
}

std::optional<refusal> key_ring::check(const request& asked, const std::string& header, const instant& at) {
    const auto given = parse_authorization(header);
    if (!given)
        return wrong_signature("the Authorization header is no SDK-HMAC-SHA256 signature");
    const auto found = entries_.find(given->access);
    if (found == entries_.end())
        return bad_credentials(fmt::format("Get secretKey failed,ak:{},err:ak not exist", given->access),
                               "unknown access key");

    auto& known = found->second;
    if (known.locked_until && at.now < *known.locked_until) {
        ++known.refused;
        ++known.refused_while_locked;
        return bad_credentials("AK access failed to reach the limit,forbidden.", "the access key is locked");
    }
    if (known.locked_until) {
        known.locked_until.reset();
        known.failures = 0;
    }
    auto wrong = check_all(asked, *given, known.key, at);
    if (!wrong) {
        known.failures = 0;
        ++known.accepted;
        return std::nullopt;
    }
    ++known.refused;
    if (++known.failures > failures_allowed)
        known.locked_until = at.now + lock_lasts;
    return wrong;
}

void key_ring::put(const key_spec& key) {
    entries_[key.access].key = key;
}

void key_ring::remove(std::string_view access) {
    if (const auto found = entries_.find(access); found != entries_.end())
        entries_.erase(found);
}

void key_ring::unlock(std::string_view access) {
    const auto found = entries_.find(access);
    if (found == entries_.end())
        return;
    found->second.locked_until.reset();
    found->second.failures = 0;
}

const key_spec* key_ring::find(std::string_view access) const {
    const auto found = entries_.find(access);
    return found == entries_.end() ? nullptr : &found->second.key;
}

json::array key_ring::to_json(virtual_time now) const {
    json::array list;
    for (const auto& [access, known] : entries_) {
        const bool locked = known.locked_until && now < *known.locked_until;
        json::object shown{{"access", access},
                           {"locked", locked},
                           {"failures_in_a_row", known.failures},
                           {"accepted", known.accepted},
                           {"refused", known.refused},
                           {"refused_while_locked", known.refused_while_locked}};
        if (known.key.expires)
            shown["expired"] = now >= *known.key.expires;
        if (locked)
            shown["locked_until"] = static_cast<double>(known.locked_until->count()) / 1000;
        list.push_back(std::move(shown));
    }
    return list;
}

} // namespace replmond::simulator
